"""Structures of a run, labelled by a teacher, for a student to learn from.

A student has to know what it will meet: subcells as they are cut, the paths that they take
downhill, the crystals where these end, and, if it is to melt and quench too, glass and liquid.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from pymatgen.core import Structure

from a2c_ray.crystallize.recording import NoPathError, even_steps, record
from a2c_ray.crystallize.subcells import Subcells
from a2c_ray.errors import InputError
from a2c_ray.potentials.loading import load_potential
from a2c_ray.potentials.potential import Potential
from a2c_ray.recompute.run_potential import run_potential
from a2c_ray.relaxation.batching import MAX_SHAPES, Relaxer
from a2c_ray.relaxation.shapes import choose_shapes
from a2c_ray.relaxation.slots import RelaxSettings
from a2c_ray.results import RunResults
from a2c_ray.training.label_files import read_labels, write_labels
from a2c_ray.training.labelled import Labelled
from a2c_ray.training.labelling import label
from a2c_ray.training.plan import Distillation, Draw, TrainingPlan
from a2c_ray.training.readers import read_data_sets

SNAPSHOTS = """
SELECT glass_id, step, frac_coords FROM md_trace
WHERE frac_coords IS NOT NULL ORDER BY hash(glass_id || step || $seed) LIMIT $n
"""

RELAXED = """
SELECT * FROM relaxed WHERE energy_per_atom IS NOT NULL
ORDER BY hash(subcell_id || $seed) LIMIT $n
"""

SUBCELLS = """
SELECT subcell_id, glass_id, n_grid, lower, upper FROM relaxed
ORDER BY hash($seed || subcell_id) LIMIT $n
"""

ONE_SLOT = 1
"""Fewer atoms than any cell has, so that a recorded relaxation has no empty slots beside it."""


class EmptyDrawError(InputError):
    """Nothing of a run has been asked for, or is there."""


class Sample(NamedTuple):
    """A structure and where it comes from."""

    structure: Structure
    source: str


def gather(plan: TrainingPlan, tell: Callable[[str], None] = lambda _: None) -> list[Labelled]:
    """The structures to learn from; what a teacher has labelled is kept for the next time.

    Args:
        plan: of the training.
        tell: called with what is being done.

    Raises:
        DataError: a data set is missing, damaged, or holds no labelled structure.
        EmptyDrawError: a run has nothing of what is asked for.
    """
    asked = plan.distillation
    if asked is None:
        return read_data_sets(plan.train)
    results = RunResults.open(asked.lake, asked.run)
    teacher = _teacher(asked, results)
    text = repr((results.run_id, asked.draw, teacher.fingerprint, plan.seed))
    path = plan.output / f"labels-{hashlib.sha256(text.encode()).hexdigest()[:8]}.parquet"
    if path.exists():
        tell(f"learning from {path}; delete it to draw anew from what the run has by now")
    else:
        write_labels(draw_labelled(results, teacher, asked.draw, plan.seed, tell), path)
    return read_labels(path)  # to the last bit what a resumed training will read


def _teacher(asked: Distillation, results: RunResults) -> Potential:
    if asked.teacher is not None:
        return load_potential(asked.teacher)
    return run_potential(results.settings)


def draw_labelled(
    results: RunResults,
    teacher: Potential,
    draw: Draw,
    seed: int,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Labelled]:
    """Draw structures of a run and label them.

    Args:
        results: the run.
        teacher: whose energies, forces and stresses become the labels.
        draw: how much.
        seed: of the draw.
        tell: called with what is being done.

    Raises:
        EmptyDrawError: there is nothing of what is asked for.
        UnknownElementError: the teacher does not know an element.
    """
    samples = [*_glasses(results, draw.glasses), *_snapshots(results, draw.snapshots, seed)]
    samples += _relaxed(results, draw.relaxed, seed)
    if draw.trajectories:
        tell(f"relaxing {draw.trajectories} subcells with {teacher.name} ...")
        samples += _trajectories(results, teacher, draw, seed)
    if not samples:
        raise EmptyDrawError(f"nothing to learn from was drawn from run {results.run_id}")
    tell(f"labelling {len(samples)} structures with {teacher.name} ...")
    structures, sources = zip(*samples, strict=True)
    return label(structures, teacher, sources)


def _glasses(results: RunResults, n: int) -> list[Sample]:
    if not n:
        return []
    return [Sample(glass.structure, glass.glass_id) for glass in results.glasses[:n]]


def _snapshots(results: RunResults, n: int, seed: int) -> Iterator[Sample]:
    chosen = results.lake.sql(SNAPSHOTS, {"n": n, "seed": seed}).fetchall()
    for glass_id, step, frac_coords in chosen:
        glass = results.glass(glass_id).structure
        positions = np.reshape(frac_coords, (-1, 3))
        yield Sample(Structure(glass.lattice, glass.species, positions), f"{glass_id} step {step}")


def _relaxed(results: RunResults, n: int, seed: int) -> Iterator[Sample]:
    for relaxed in results.relaxed_rows(RELAXED, {"n": n, "seed": seed}):
        yield Sample(relaxed.structure, relaxed.row.subcell_id)


def _trajectories(
    results: RunResults, teacher: Potential, draw: Draw, seed: int
) -> Iterator[Sample]:
    """Even frames of relaxations, from the cell without overlaps to the end."""
    chosen = results.lake.sql(SUBCELLS, {"n": draw.trajectories, "seed": seed}).fetchall()
    boxes = [
        Subcells.one(results.glass(glass_id).structure, n_grid, lower, upper)
        for _, glass_id, n_grid, lower, upper in chosen
    ]
    if not boxes:
        return
    shapes = choose_shapes([box.cell(0) for box in boxes], teacher.cutoff, MAX_SHAPES)
    settings = RelaxSettings(draw.max_steps, cell=results.freedom, pressure=results.pressure)
    relaxer = Relaxer(teacher, settings, shapes, batch_atoms=ONE_SLOT)
    for (subcell_id, *_), box in zip(chosen, boxes, strict=True):
        try:
            path = record(relaxer, box.cell(0), box.minimum_distances)
        except NoPathError:
            continue
        for step in even_steps(path.n_steps, draw.frames):
            yield Sample(path.cell(step).structure, f"{subcell_id} step {step}")
