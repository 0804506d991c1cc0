"""What a run that has trained its own student says of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from a2c_ray.lake import Lake
from a2c_ray.lake.export import rows_of
from a2c_ray.lake.schemas import POOR
from a2c_ray.units import counted

PROOF = """
SELECT verdict, reason, pool, n_control, k, found, formulas, lowest_kept, missed, confidence,
    refined_within, first_error, error, work, work_alone
FROM proof
"""

STUDENTS = """
SELECT round, n_labels, n_compositions, n_parameters, steps, energy_mae, forces_mae, wall_s
FROM students ORDER BY round
"""


PARITY = """
WITH judged_last AS (
    SELECT * FROM judged JOIN (SELECT student FROM proof) USING (student)
)
SELECT energy - min(energy) OVER composition AS teacher,
    student_energy + median(energy - student_energy) OVER composition
        - min(energy) OVER composition AS student
FROM judged_last WINDOW composition AS (PARTITION BY formula) ORDER BY subcell_id
"""

RECALL = """
WITH placed AS (
    SELECT subcell_id, row_number() OVER low / count(*) OVER (PARTITION BY formula) AS share
    FROM screened JOIN (SELECT student FROM proof) USING (student)
    WINDOW low AS (
        PARTITION BY formula
        ORDER BY coalesce(enthalpy_per_atom, energy_per_atom) NULLS LAST, subcell_id
    )
), members AS (
    SELECT product_id, unnest(subcell_ids) AS subcell_id FROM products
)
SELECT min(share) FROM members LEFT JOIN placed USING (subcell_id) GROUP BY product_id
"""


@dataclass(frozen=True)
class Proof:
    """What may have been lost; see the table `proof`. Without a student most of it is None."""

    verdict: str
    reason: str
    pool: int
    n_control: int | None
    k: int | None
    found: int | None
    formulas: int | None
    lowest_kept: int | None
    missed: float | None
    confidence: float | None
    refined_within: float | None
    first_error: float | None
    error: float | None
    work: float | None
    work_alone: float | None


@dataclass(frozen=True)
class Student:
    """A round of training; see the table `students`."""

    round: int
    n_labels: int
    n_compositions: int
    n_parameters: int
    steps: int
    energy_mae: float
    forces_mae: float
    wall_s: float


def proof_of(lake: Lake) -> Proof | None:
    """The proof of a run; None of runs that train nothing, or have not come to it.

    Args:
        lake: of the run alone.
    """
    rows = lake.sql(PROOF).fetchall()
    return Proof(*rows[0]) if rows else None


def students_of(lake: Lake) -> list[Student]:
    """Students of a run, by round."""
    return [Student(*row) for row in lake.sql(STUDENTS).fetchall()]


def learning_of(lake: Lake) -> list[dict[str, float]]:
    """Metrics of all rounds, whose epochs are counted on."""
    rows = list(rows_of(lake.sql("SELECT * FROM learning ORDER BY round, step")))
    before, last = 0.0, 0.0
    for k, row in enumerate(rows):
        if k and row["round"] != rows[k - 1]["round"]:
            before = last
        last = row["epoch"] = before + row["epoch"]
    return rows


def parity_of(lake: Lake) -> tuple[np.ndarray, np.ndarray]:
    """Energies of teacher and student for judged cells, eV/atom, each `[n]`.

    They are those above the lowest of the composition; what the student is off by for the
    composition as a whole is taken from its energies.
    """
    found = lake.sql(PARITY).fetchnumpy()
    return np.asarray(found["teacher"], float), np.asarray(found["student"], float)


def recall_of(lake: Lake) -> tuple[np.ndarray, int]:
    """Where in the student's order the products of a run come, and how many there are.

    Returns:
        For each product that the student has screened a subcell of, the part of its composition,
        lowest first, that holds the first such subcell, ascending, `[n]`; and the number of all.
    """
    shares = [row[0] for row in lake.sql(RECALL).fetchall()]
    return np.sort([share for share in shares if share is not None]), len(shares)


def proof_lines(lake: Lake) -> list[str]:
    """The proof in words, a line each; nothing of runs without one."""
    proof = proof_of(lake)
    if proof is None:
        return []
    if proof.k is None:
        return [proof.reason]
    lines = [_trained(students_of(lake), proof), _found(proof), _chance(proof), _cost(proof)]
    return [line for line in lines if line]


def _trained(students: list[Student], proof: Proof) -> str:
    if not students:
        return ""
    last, minutes = students[-1], sum(student.wall_s for student in students) / 60
    errors = [e for e in (proof.first_error, proof.error) if e is not None]
    text = ", then ".join(f"{1000 * e:.0f}" for e in errors)
    return (
        f"{counted(len(students), 'round')} of training in {minutes:.0f} min on {last.n_labels} "
        f"structures of {counted(last.n_compositions, 'composition')}; on low crystals it is off "
        f"by {text} meV/atom (median)"
    )


def _found(proof: Proof) -> str:
    return (
        f"{proof.reason}; of {counted(proof.formulas or 0, 'composition')} of it the lowest or a "
        f"lower one was found in {proof.lowest_kept}"
    )


def _chance(proof: Proof) -> str:
    return (
        f"so a low crystal is missed with a chance of about {100 * (proof.missed or 0):.0f} %; "
        f"refined was what is within {1000 * (proof.refined_within or 0):.0f} meV/atom of the "
        f"lowest ({100 * (proof.confidence or 0):g} % sure)"
    )


def _cost(proof: Proof) -> str:
    if not proof.work or not proof.work_alone:
        return ""
    share = 100 * proof.work / proof.work_alone
    if proof.verdict == POOR:
        return (
            f"the teacher had evaluated {proof.work:.3g} atoms until then, {share:.0f} % of what "
            f"it would have taken alone (about {proof.work_alone:.3g}); with the rest "
            "nothing is saved"
        )
    return (
        f"the teacher has evaluated {proof.work:.3g} atoms; alone it would have taken about "
        f"{proof.work_alone:.3g} ({share:.0f} % spent, {100 - share:.0f} % saved)"
    )
