"""What a self-taught cascade may have lost, from what the teacher finds in a sample alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from a2c_ray.analysis.grouping import Candidate
from a2c_ray.analysis.matching import matcher
from a2c_ray.analysis.ranking import lowest_distinct
from a2c_ray.campaign import lessons
from a2c_ray.campaign.destination import Destination, digest
from a2c_ray.campaign.judging import judge, judged_of
from a2c_ray.campaign.lesson_units import LessonUnit
from a2c_ray.campaign.lowest import candidates
from a2c_ray.campaign.plan import Plan
from a2c_ray.cluster.unit import OnProgress
from a2c_ray.lake import Lake
from a2c_ray.lake.export import rows_of
from a2c_ray.lake.schemas import ALONE, KEPT, POOR, TABLES

LEAST_RECALL = 0.8
"""Of the control sample's low crystals; below it the student is not relied on."""

LOW, MOST_CRYSTALS = 0.05, 5
"""eV/atom above the lowest of a composition of the control sample; crystals of it that count."""

SAME_ENERGY = 0.005
"""eV/atom; two ends of one crystal are closer."""

NOT_ABOVE = 0.001
"""eV/atom; what is no higher than that is no loss."""

CANDIDATES = """
SELECT subcell_id, coalesce(enthalpy_per_atom, energy_per_atom) AS ranked,
    lattice, species, frac_coords
FROM {table} WHERE energy_per_atom IS NOT NULL AND {which} ORDER BY ranked, subcell_id
"""

WORK = """
SELECT (SELECT coalesce(sum((steps + 1) * n_atoms), 0) FROM sampled)
    + (SELECT coalesce(sum((steps + 1) * n_atoms), 0) FROM relaxed WHERE alike IS NOT NULL)
    + (
        SELECT coalesce(sum(n_atoms), 0) FROM judged JOIN screened USING (subcell_id, student)
        WHERE relaxed_by = 'student'
    )
    + (SELECT coalesce(sum(n_atoms), 0) FROM weighed),
    count(*), avg((steps + 1) * n_atoms)
FROM sampled WHERE sample = 'control'
"""

TO_RELAXED = """
SELECT {columns} FROM sampled ANTI JOIN relaxed USING (subcell_id) ORDER BY subcell_id
"""


class Recall(NamedTuple):
    """What refinement found of the control sample.

    k, found: its lowest distinct crystals of each composition, and those of them that it found.
    formulas, lowest_kept: compositions, and those of which it found the lowest or a lower one.
    """

    k: int
    found: int
    formulas: int
    lowest_kept: int

    @property
    def missed(self) -> float:
        """Chance that one such crystal is missed, by Laplace's rule of succession."""
        return (self.k - self.found + 1) / (self.k + 2)

    @property
    def is_poor(self) -> bool:
        """Whether the student is not to be relied on."""
        return self.found < LEAST_RECALL * self.k


@dataclass(frozen=True, eq=False)
class ProofUnit(LessonUnit):
    """Writes the proof, and what the teacher has relaxed of the samples into `relaxed`.

    student: hash of the potential that screened.
    rounds: of training.
    pool: subcells that there are.
    """

    student: str
    rounds: int
    pool: int

    lesson = "proof"
    potential = None

    def __str__(self) -> str:
        return f"proof of {self.run_id}"

    def run(self, potential: None, on_progress: OnProgress) -> None:
        """Compare what the teacher finds in the control sample with what refinement found."""
        to, lake = self.destination, self.destination.open_lake()
        course = self.plan.self_taught
        if course is None:
            raise ValueError(f"run {self.run_id} trains no student")
        recall = recall_of(lake)
        judgement = judge(judged_of(lake, self.student), course.confidence)
        first = judge(judged_of(lake, self.student, "first_student_energy"), course.confidence)
        work, n_control, mean = lake.sql(WORK).fetchall()[0]
        shown = lessons.all_labels(to.store, to.run_id, self.rounds)
        work += sum(len(s.cell.numbers) for s in shown if " student " in s.source)
        adopt_samples(lake, to)
        row = recall._asdict() | {
            "student": self.student,
            "verdict": POOR if recall.is_poor else KEPT,
            "reason": reason_of(recall, self.plan.potential.name),
            "pool": self.pool,
            "n_control": n_control,
            "missed": recall.missed,
            "confidence": course.confidence,
            "refined_within": judgement.window,
            "first_error": first.error,
            "error": judgement.error,
            "work": work,
            "work_alone": None if mean is None else mean * self.pool,
        }
        write_proof(to, row)


def recall_of(lake: Lake) -> Recall:
    """Compare the control sample with what was refined.

    Args:
        lake: of the run alone.
    """
    compare = matcher()
    of_control = _candidates(lake, "sampled", "sample = 'control'")
    refined: dict[str, list[Candidate]] = {}
    for candidate in _candidates(lake, "relaxed", "alike IS NOT NULL"):
        refined.setdefault(_formula(candidate), []).append(candidate)
    k = found = formulas = kept = 0
    for formula, groups in lowest_distinct(of_control, LOW, MOST_CRYSTALS):
        there = refined.get(formula, [])
        lowest = min((c.energy_per_atom for c in there), default=float("inf"))
        lowest_there = groups[0][0].energy_per_atom
        formulas += 1
        kept += lowest <= lowest_there + NOT_ABOVE
        # Holes of the teacher come after its crystals.
        for crystal in (c for c, *_ in groups if c.energy_per_atom >= lowest_there):
            k += 1
            found += any(
                abs(c.energy_per_atom - crystal.energy_per_atom) < SAME_ENERGY
                and compare.fit(c.structure, crystal.structure)
                for c in there
            )
    return Recall(k, found, formulas, kept)


def reason_of(recall: Recall, teacher: str) -> str:
    """The verdict in words."""
    text = f"of {recall.k} low crystals of the control sample {recall.found} were found"
    if recall.is_poor:
        return f"{text}, fewer than {100 * LEAST_RECALL:.0f} %: {teacher} relaxes the rest, too"
    return text


def write_proof(to: Destination, row: dict[str, Any]) -> None:
    """Write or replace the only row of `proof`."""
    to.write("proof", "proof", [row])


def write_alone(plan: Plan, to: Destination, pool: int, reason: str) -> None:
    """Say that there is no student, and why."""
    write_proof(to, {"verdict": ALONE, "reason": reason, "pool": pool})


def adopt_samples(lake: Lake, to: Destination) -> None:
    """What the teacher has relaxed of the samples is as good as all else that it relaxes.

    Args:
        lake: of the run alone.
        to: the run.
    """
    shared = {c.name for c in TABLES["sampled"]} & {c.name for c in TABLES["relaxed"]}
    columns = ", ".join(c.name for c in TABLES["relaxed"] if c.name in shared)
    rows = list(rows_of(lake.sql(TO_RELAXED.format(columns=columns))))
    if rows:
        to.write("relaxed", f"sampled.{digest([row['subcell_id'] for row in rows])}", rows)


def _candidates(lake: Lake, table: str, which: str) -> list[Candidate]:
    return list(candidates(rows_of(lake.sql(CANDIDATES.format(table=table, which=which)))))


def _formula(candidate: Candidate) -> str:
    return candidate.structure.composition.reduced_formula
