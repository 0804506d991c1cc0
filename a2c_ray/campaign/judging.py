"""How far above the lowest a crystal may seem to a student, and still be the lowest to its teacher.

A student is off by about the same for all crystals of a composition, which does not matter, and by
something of its own for each. What goes to the teacher follows from the latter: two crystals change
places if their errors differ by more than their energies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from a2c_ray.analysis.holes import lowest_of_crowd
from a2c_ray.lake import Lake

REACH = 0.03
"""eV/atom above the lowest to the teacher in which crystals are wanted, too."""

NARROWEST, WIDEST = 0.04, 0.4
"""Of windows, eV/atom."""

UNKNOWN = 0.15
"""eV/atom; of the window where too little is known of the student."""

SAME = 0.001
"""eV/atom; cells whose energies differ by less, under both, count as one crystal."""

FEWEST = 10
"""Differences of errors from which a window follows."""


class Judged(NamedTuple):
    """A relaxed cell under student and teacher.

    formula: reduced.
    student_energy, energy: of the same atoms at the same places, eV/atom.
    """

    formula: str
    student_energy: float
    energy: float


@dataclass(frozen=True)
class Judgement:
    """What follows from judged cells.

    window: above the lowest, eV/atom.
    error: median of what a cell's error is off that of its composition, eV/atom; NaN if unknown.
    ceilings: of student's energies that are refined, by formula, eV/atom.
    """

    window: float
    error: float
    ceilings: dict[str, float]


def judge(judged: Sequence[Judged], confidence: float) -> Judgement:
    """Window and ceilings.

    Args:
        judged: low relaxed cells, and the lowest.
        confidence: with which two crystals keep their order beyond the window.
    """
    groups: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        if not any(_are_one(one, other) for other in groups[one.formula]):
            groups[one.formula].append(one)
    errors = {f: np.array([o.energy - o.student_energy for o in g]) for f, g in groups.items()}
    differences, own = [np.zeros(0)], [np.zeros(0)]
    for of_formula in errors.values():
        if len(of_formula) > 1:
            pairs = np.triu_indices(len(of_formula), k=1)
            differences.append(np.abs(of_formula[pairs[0]] - of_formula[pairs[1]]))
            own.append(np.abs(of_formula - np.median(of_formula)))
    spread, off = np.concatenate(differences), np.concatenate(own)
    window = UNKNOWN
    if len(spread) >= FEWEST:
        window = float(np.clip(np.quantile(spread, confidence) + REACH, NARROWEST, WIDEST))
    # The teacher says what is lowest: what has fallen into a hole of the student must not.
    ceilings = {
        formula: lowest_of_crowd(np.array([one.energy for one in group]), formula)
        - float(np.median(errors[formula]))
        + window
        for formula, group in groups.items()
    }
    return Judgement(window, float(np.median(off)) if len(off) else float("nan"), ceilings)


def _are_one(one: Judged, other: Judged) -> bool:
    """Whether two cells have become one crystal, which counts once."""
    return (
        abs(one.student_energy - other.student_energy) < SAME
        and abs(one.energy - other.energy) < SAME
    )


def judged_of(lake: Lake, student: str, column: str = "student_energy") -> list[Judged]:
    """What the teacher has said of a student's cells.

    Args:
        lake: of the run alone.
        student: hash of it.
        column: whose energies beside the teacher's, "student_energy" or "first_student_energy".
    """
    query = f"""
        SELECT formula, {column}, energy FROM judged
        WHERE student = $student AND {column} IS NOT NULL ORDER BY subcell_id
    """
    return [Judged(*row) for row in lake.sql(query, {"student": student}).fetchall()]
