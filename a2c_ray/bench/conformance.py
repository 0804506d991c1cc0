"""Whether what becomes of a cell depends on how it is relaxed, which it must not.

The same odd cells are relaxed in one queue, and again alone, in another order, in other numbers of
slots, in other shapes, and on one and four Ray actors. Where the program is the same, all must be
the same to the last bit; elsewhere numbers are rounded otherwise. What a relaxation ends with is
also computed anew with neighbours that ASE has found.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import ray
from ase import Atoms
from ase.neighborlist import neighbor_list

from a2c_ray.bench.measure import environment
from a2c_ray.bench.odd_cells import MOST_ATOMS, common_elements, odd_cells
from a2c_ray.cache import use_compilation_cache
from a2c_ray.cells import Cell, pack
from a2c_ray.cluster.nodes import start_ray
from a2c_ray.cluster.worker import environment as actor_environment
from a2c_ray.padding import padded_size
from a2c_ray.potentials.evaluation import evaluate_edges
from a2c_ray.potentials.neighbors import Edges, leads_forward
from a2c_ray.potentials.potential import Potential, precision_of
from a2c_ray.relaxation.batching import Relaxed, Relaxer
from a2c_ray.relaxation.shapes import Shape, choose_shapes
from a2c_ray.relaxation.slots import RelaxSettings

TOLERANCE = 1e-5
"""Of energies, eV/atom."""

ALONE = 300
"""Cells that are relaxed alone, in most of whose slots there is nothing."""

N_SHAPES = 4

SHAPED_BY = 400
"""Cells that shapes are chosen for; others that do not fit are tried again with longer lists."""

ACTORS = (1, 4)

EDGES_TOGETHER = 64
"""Lists of neighbours from ASE are as long as a multiple of this."""

UNIT = 64
"""Cells that an actor is given at a time."""


class Way(NamedTuple):
    """How cells are relaxed.

    name: for people.
    relax: relaxes cells; ends in any order.
    is_exact: whether the program is the reference's, so that all must be the same to the last bit.
    most: cells that are relaxed this way; None for all.
    """

    name: str
    relax: Callable[[Sequence[Cell]], list[Relaxed]]
    is_exact: bool
    most: int | None = None


def measure_conformance(
    n_cells: int, potential: Potential, max_steps: int, seed: int, with_actors: bool = True
) -> dict[str, Any]:
    """Relax odd cells in all ways, and count what differs.

    Args:
        n_cells: number of cells.
        potential: to relax under.
        max_steps: of a relaxation.
        seed: of the cells.
        with_actors: whether Ray actors relax them too; Ray must not be up.
    """
    cells = cells_for(potential, n_cells, seed)
    # The same for all seeds, so that nothing is compiled twice where there are several.
    shapes = choose_shapes(cells_for(potential, SHAPED_BY, 0), potential.cutoff, N_SHAPES)
    result: dict[str, Any] = {"what": "conformance", "cells": n_cells, "steps": max_steps}
    for optimizer in ("lbfgs", "fire"):
        settings = RelaxSettings(max_steps, optimizer=optimizer)
        relaxer = Relaxer(potential, settings, shapes)
        started = time.perf_counter()
        reference = in_order(relaxer.relax(cells))
        seconds = time.perf_counter() - started
        outcomes = Counter(end.outcome.label for end in reference)
        result[optimizer] = {"run_s": seconds, "outcomes": dict(outcomes)}
        stale = [k for k, end in enumerate(reference) if not is_fresh(potential, end)]
        result[optimizer]["energies not of the final cell"] = len(stale)
        for way in ways(relaxer, seed, with_actors):
            n = n_cells if way.most is None else min(n_cells, way.most)
            ends = in_order(way.relax(cells[:n]))
            result[optimizer][way.name] = counts(reference[:n], ends, way.is_exact)
    return result | environment(potential)


def cells_for(potential: Potential, n: int, seed: int) -> list[Cell]:
    """Odd cells of elements that a potential knows."""
    return odd_cells(n, common_elements(potential.elements), seed)


def ways(relaxer: Relaxer, seed: int, with_actors: bool) -> Iterator[Way]:
    """All ways but the reference's, which is one queue."""

    def alone(cells: Sequence[Cell]) -> list[Relaxed]:
        return [
            replace(end, index=k) for k, cell in enumerate(cells) for end in relaxer.relax([cell])
        ]

    def shuffled(cells: Sequence[Cell]) -> list[Relaxed]:
        order = np.random.default_rng(seed).permutation(len(cells))
        ends = relaxer.relax([cells[k] for k in order])
        return [replace(end, index=int(order[end.index])) for end in ends]

    fewer = replace(relaxer, batch_atoms=max(1, relaxer.atoms_together // 3))
    more = replace(relaxer, batch_atoms=4 * relaxer.atoms_together)
    others = replace(relaxer, shapes=tuple(map(_larger, relaxer.shapes)))
    yield Way("alone", alone, is_exact=True, most=ALONE)
    yield Way("in another order", shuffled, is_exact=True)
    yield Way("in a third of the slots", lambda cells: list(fewer.relax(cells)), is_exact=False)
    yield Way("in four times the slots", lambda cells: list(more.relax(cells)), is_exact=False)
    yield Way("in larger shapes", lambda cells: list(others.relax(cells)), is_exact=False)
    for n_actors in ACTORS if with_actors else ():
        name = f"on {n_actors} actor{'s' * (n_actors > 1)}"
        yield Way(name, partial(on_actors, relaxer, n_actors), is_exact=True)


def in_order(ends: Sequence[Relaxed] | Iterator[Relaxed]) -> list[Relaxed]:
    """Ends by the numbers of their cells."""
    return sorted(ends, key=lambda end: end.index)


def counts(before: Sequence[Relaxed], after: Sequence[Relaxed], is_exact: bool) -> dict[str, Any]:
    """How many cells end otherwise, and how far energies are apart."""
    pairs = list(zip(before, after, strict=True))
    valid = [(a, b) for a, b in pairs if a.outcome.is_valid and b.outcome.is_valid]
    apart = [abs(a.energy_per_atom - b.energy_per_atom) for a, b in valid]
    found = {
        "cells": len(pairs),
        "other outcome": sum(a.outcome != b.outcome for a, b in pairs),
        "other steps": sum(a.steps != b.steps for a, b in pairs),
        "other energy": sum(difference > TOLERANCE for difference in apart),
        "largest (eV/atom)": max(apart, default=0.0),
    }
    if is_exact:
        found["other bits"] = sum(_bits(a) != _bits(b) for a, b in pairs)
    return found


def is_fresh(potential: Potential, end: Relaxed) -> bool:
    """Whether an energy is that of the final cell with neighbours that ASE has found."""
    if not end.outcome.is_valid:
        return True
    n_atoms = len(end.cell.numbers)
    energy = energy_with_ase_neighbors(potential, end.cell)
    return math.isclose(energy / n_atoms, end.energy_per_atom, rel_tol=0, abs_tol=TOLERANCE)


def energy_with_ase_neighbors(potential: Potential, cell: Cell) -> float:
    """Energy of a cell, eV, without our search for neighbours."""
    atoms = Atoms(cell.numbers, cell.positions, cell=cell.lattice, pbc=True)
    receivers, senders, vectors, translations = neighbor_list("ijDS", atoms, potential.cutoff)
    n_atoms = max(MOST_ATOMS, padded_size(len(atoms)))  # few programs
    counted = np.bincount(receivers, minlength=n_atoms)
    n_edges = EDGES_TOGETHER * math.ceil(counted.max(initial=1) / EDGES_TOGETHER)
    place = np.arange(len(receivers)) - np.repeat(np.cumsum(counted) - counted, counted)
    mask = np.zeros((1, n_atoms, n_edges), bool)
    mask[0, receivers, place] = True
    edges = np.zeros((1, n_atoms, n_edges, 3), potential.dtype)
    edges[..., 0] = potential.cutoff
    edges[0, receivers, place] = vectors
    sent = np.zeros((1, n_atoms, n_edges), np.int32)
    sent[0, receivers, place] = senders
    moved = np.zeros(edges.shape, np.int32)
    moved[0, receivers, place] = translations
    numbers = pack([cell], n_atoms).numbers
    with precision_of(potential):
        forward = jnp.asarray(mask) & leads_forward(sent, moved)
        listed = Edges(jnp.asarray(sent), jnp.asarray(edges), jnp.asarray(mask), forward)
        energy, _, _ = _evaluate(potential.model, potential.parameters, numbers, listed)
        return float(energy[0])


_evaluate = jax.jit(evaluate_edges, static_argnums=0)


def on_actors(relaxer: Relaxer, n_actors: int, cells: Sequence[Cell]) -> list[Relaxed]:
    """Relax cells on Ray actors, each of which takes the next few whenever it is idle."""
    start_ray(None)
    try:
        share = min(1.0, ray.cluster_resources()["CPU"] / n_actors)
        actor = ray.remote(num_cpus=share, runtime_env={"env_vars": actor_environment(1, False)})
        actors = [actor(_Actor).remote(relaxer) for _ in range(n_actors)]
        pool = ray.util.ActorPool(actors)
        starts = range(0, len(cells), UNIT)
        units = [(start, list(cells[start : start + UNIT])) for start in starts]
        done = pool.map_unordered(lambda a, unit: a.relax.remote(*unit), units)
        return [end for ends in done for end in ends]
    finally:
        ray.shutdown()


class _Actor:
    """Relaxes cells in a process of its own."""

    def __init__(self, relaxer: Relaxer) -> None:
        use_compilation_cache()
        self._relaxer = relaxer

    def relax(self, start: int, cells: list[Cell]) -> list[Relaxed]:
        ends = self._relaxer.relax(cells)
        return [replace(end, index=start + end.index) for end in ends]


def _larger(shape: Shape) -> Shape:
    """With room for other numbers of atoms, edges and images."""
    capacity = shape.capacity
    return Shape(
        shape.n_atoms + 3,
        capacity._replace(edges=capacity.edges + 16, images=2 * capacity.images),
    )


def _bits(end: Relaxed) -> tuple[Any, ...]:
    numbers = np.array([end.energy, end.max_force, end.max_stress, end.min_distance])
    arrays = (numbers, np.asarray(end.cell.positions), np.asarray(end.cell.lattice))
    return end.outcome, end.steps, *(array.tobytes() for array in arrays)
