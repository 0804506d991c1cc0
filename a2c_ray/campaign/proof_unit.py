"""What a self-taught cascade may have lost, from what the teacher finds in a sample alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

from a2c_ray.analysis.grouping import Candidate
from a2c_ray.analysis.matching import matcher
from a2c_ray.analysis.ranking import lowest_distinct
from a2c_ray.analysis.twins import SAME_END
from a2c_ray.campaign import lessons
from a2c_ray.campaign.destination import Destination, digest
from a2c_ray.campaign.judging import judge, judged_of
from a2c_ray.campaign.lesson_units import LessonUnit
from a2c_ray.campaign.lowest import candidates
from a2c_ray.campaign.plan import Plan
from a2c_ray.campaign.selection import select_taught
from a2c_ray.cluster.unit import OnProgress
from a2c_ray.lake import Lake
from a2c_ray.lake.export import rows_of
from a2c_ray.lake.schemas import ALONE, KEPT, POOR, TABLES

ADOPTED = "sampled"
"""Parts of `relaxed` with what the teacher has relaxed of the samples lie below that."""

LEAST_RECALL = 0.75
"""Of the control sample's low crystals, and of compositions of which the lowest is found; below it
the student is not relied on."""

LOW, MOST_CRYSTALS = 0.05, 5
"""eV/atom above the lowest of a composition of the control sample; crystals of it that count."""

NOT_ABOVE = 0.001
"""eV/atom; what is no higher than that is no loss."""

CANDIDATES = """
SELECT subcell_id, coalesce(enthalpy_per_atom, energy_per_atom) AS ranked,
    lattice, species, frac_coords
FROM {table} WHERE energy_per_atom IS NOT NULL AND {which} ORDER BY ranked, subcell_id
"""

SAMPLES = """
SELECT coalesce(sum((steps + 1) * n_atoms), 0), count(*) FILTER (sample = 'control'),
    avg((steps + 1) * n_atoms) FILTER (sample = 'control')
FROM sampled
"""
"""What the teacher has evaluated of them; subcells of the control sample, and what one took."""

WORK = """
SELECT (SELECT coalesce(sum((steps + 1) * n_atoms), 0) FROM relaxed WHERE alike IS NOT NULL)
    + (
        SELECT coalesce(sum(n_atoms), 0) FROM judged JOIN screened USING (subcell_id, student)
        WHERE relaxed_by = 'student'
    )
    + (SELECT coalesce(sum(n_atoms), 0) FROM weighed WHERE student = $student)
"""
"""The same of what a student has screened."""

BEFORE = "SELECT work FROM proof WHERE student <> $student AND work IS NOT NULL"
"""The same of all, until another student failed."""

TO_RELAXED = """
SELECT {columns} FROM sampled ANTI JOIN relaxed USING (subcell_id) ORDER BY subcell_id
"""


class Recall(NamedTuple):
    """What refinement found of the control sample.

    k, found: its lowest distinct crystals of each composition, as far as refinement went, and those
        of them that it found.
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
        """Whether the student is not to be relied on: few crystals must all be found."""
        return self.found < LEAST_RECALL * self.k or self.lowest_kept < LEAST_RECALL * self.formulas


@dataclass(frozen=True, eq=False)
class ProofUnit(LessonUnit):
    """Writes the proof, and what the teacher has relaxed of the samples into `relaxed`.

    student: hash of the potential that screened.
    rounds: of training.
    pool: subcells that there are.
    is_last: whether the teacher relaxes all if the student fails; else it learns on.
    """

    student: str
    rounds: int
    pool: int
    is_last: bool

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
        [(of_samples, n_control, mean)] = lake.sql(SAMPLES).fetchall()
        work = self._work(lake, of_samples)
        adopt_samples(lake, to)
        row = recall._asdict() | {
            "student": self.student,
            "verdict": POOR if recall.is_poor else KEPT,
            "reason": reason_of(recall, self.plan.potential.name, self.is_last),
            "pool": self.pool,
            "n_control": n_control,
            "n_selected": len(select_taught(lake, course, self.student)),
            "missed": recall.missed,
            "confidence": course.confidence,
            "refined_within": judgement.window,
            "first_error": first.error,
            "error": judgement.error,
            "work": work,
            "work_alone": None if mean is None else mean * self.pool,
        }
        write_proof(to, row)

    def _work(self, lake: Lake, of_samples: float) -> float:
        """What the teacher has evaluated so far, atoms; of the samples it has so many."""
        of_student = {"student": self.student}
        [(work,)] = lake.sql(WORK, of_student).fetchall()
        before = lake.sql(BEFORE, of_student).fetchall()
        if before:
            return float(
                work + before[0][0] + self._shown(self.rounds) - self._shown(self.rounds - 1)
            )
        return float(work + of_samples + self._shown(self.rounds))

    def _shown(self, round_: int) -> int:
        """Atoms of the students' cells that the teacher was asked about for a round and before."""
        labels = lessons.all_labels(self.destination.store, self.run_id, round_)
        return sum(len(s.cell.numbers) for s in labels if " student " in s.source)


def recall_of(lake: Lake) -> Recall:
    """Compare the control sample with what was refined.

    Where more crystals are low than are refined, those above the highest that was are not missed.

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
        refined_energies = [c.energy_per_atom for c in there]
        lowest = min(refined_energies, default=math.inf)
        highest = max(refined_energies, default=math.inf)
        lowest_there = groups[0][0].energy_per_atom
        formulas += 1
        kept += lowest <= lowest_there + NOT_ABOVE
        # Holes of the teacher come after its crystals.
        for crystal in (c for c, *_ in groups if lowest_there <= c.energy_per_atom <= highest):
            k += 1
            found += any(
                abs(c.energy_per_atom - crystal.energy_per_atom) < SAME_END
                and compare.fit(c.structure, crystal.structure)
                for c in there
            )
    return Recall(k, found, formulas, kept)


def reason_of(recall: Recall, teacher: str, is_last: bool) -> str:
    """The verdict in words, and what follows if it is a bad one."""
    text = f"of {recall.k} low crystals of the control sample {recall.found} were found"
    if recall.is_poor:
        follows = f"{teacher} relaxes the rest, too" if is_last else "the student learns on"
        return (
            f"{text}, and the lowest of {recall.lowest_kept} of {recall.formulas} compositions, "
            f"fewer than {100 * LEAST_RECALL:.0f} %: {follows}"
        )
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
        to.write("relaxed", f"{ADOPTED}.{digest([row['subcell_id'] for row in rows])}", rows)


def _candidates(lake: Lake, table: str, which: str) -> list[Candidate]:
    return list(candidates(rows_of(lake.sql(CANDIDATES.format(table=table, which=which)))))


def _formula(candidate: Candidate) -> str:
    return candidate.structure.composition.reduced_formula
