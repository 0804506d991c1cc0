"""Batches of one static shape, so that a training compiles one program.

Structures are sorted by size into a few strata, each padded to its own number of atoms and
neighbours. Every batch takes its fair share of every stratum: it is a stratified sample of the
data set, and all batches of a training have the same shape. What is in a batch depends only on
the seed and the number of the step, so that a resumed training sees what it would have seen.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import jax
import numpy as np
from flax import struct

from a2c_ray.cells import Array, Cell, Cells, at_home, pack
from a2c_ray.padding import choose_sizes, group_by_size
from a2c_ray.potentials.neighbors import Capacity, find_capacity
from a2c_ray.training.labelled import Labelled

MAX_STRATA = 3
"""Sizes that structures are padded to."""

ROUNDING = 1e-3
"""Å, by which single precision may bring atoms into a neighbour list."""

COUNTED_TOGETHER = 256
"""Structures whose neighbours are counted in one call."""


@struct.dataclass
class Labels:
    """Labelled structures of one padded size.

    cells: S cells of N atoms; slots without atoms are empty.
    energy: eV, `[S]`.
    forces: eV/Å, `[S, N, 3]`.
    stress: eV/Å³, `[S, 3, 3]`; zero where it is not known.
    has_stress: where it is known, `[S]`.
    """

    cells: Cells
    energy: Array
    forces: Array
    stress: Array
    has_stress: Array


Batch = tuple[Labels, ...]
"""One `Labels` a stratum."""


@dataclass(frozen=True)
class Stratum:
    """Structures that are padded alike.

    members: indices into the data set.
    n_atoms: N.
    capacity: of their neighbour lists.
    """

    members: np.ndarray
    n_atoms: int
    capacity: Capacity


def stratify(
    structures: Sequence[Labelled], cutoff: float, max_strata: int = MAX_STRATA
) -> tuple[Stratum, ...]:
    """Sort structures by size into strata that waste little.

    Args:
        structures: all.
        cutoff: of their neighbours, Å.
        max_strata: sizes to pad to.
    """
    counts = [len(structure.cell.numbers) for structure in structures]
    sizes = choose_sizes(Counter(counts), max_strata)
    strata = []
    for n_atoms, members in group_by_size(counts, sizes).items():
        cells = [structures[k].cell for k in members]
        strata.append(Stratum(np.array(members), n_atoms, _capacity(cells, n_atoms, cutoff)))
    return tuple(strata)


def _capacity(cells: Sequence[Cell], n_atoms: int, cutoff: float) -> Capacity:
    """Room for the neighbours of every cell."""
    found = []
    with jax.enable_x64(True):
        for start in range(0, len(cells), COUNTED_TOGETHER):
            some = cells[start : start + COUNTED_TOGETHER]
            n_slots = COUNTED_TOGETHER if len(cells) > COUNTED_TOGETHER else None
            packed = pack(some, n_atoms, n_slots, "float64")
            found.append(find_capacity(packed, cutoff + ROUNDING))
    return Capacity(max(c.edges for c in found), max(c.images for c in found))


@dataclass(frozen=True)
class Batches:
    """A data set as an endless sequence of batches.

    structures: of the data set.
    strata: they are sorted into.
    batch_size: structures of a batch, about.
    seed: of the order, which is another in each epoch; None keeps the order given.
    n_devices: every stratum's slots are a multiple of this.
    dtype: of the arrays.
    """

    structures: Sequence[Labelled]
    strata: tuple[Stratum, ...]
    batch_size: int
    seed: int | None
    n_devices: int = 1
    dtype: str = "float32"

    @property
    def per_epoch(self) -> int:
        """Batches that show every structure once."""
        return math.ceil(len(self.structures) / self.batch_size)

    def from_step(self, step: int) -> Iterator[Batch]:
        """All batches from that of a step on, without end."""
        while True:
            epoch, first = divmod(step, self.per_epoch)
            orders = self._orders(epoch)
            for k in range(first, self.per_epoch):
                yield self._batch(orders, k)
            step = (epoch + 1) * self.per_epoch

    def epoch(self) -> Iterator[Batch]:
        """The first epoch."""
        orders = self._orders(0)
        return (self._batch(orders, k) for k in range(self.per_epoch))

    def _orders(self, epoch: int) -> list[np.ndarray]:
        """Members of each stratum in the order of an epoch."""
        if self.seed is None:
            return [stratum.members for stratum in self.strata]
        rng = np.random.default_rng([self.seed, epoch])
        return [rng.permutation(stratum.members) for stratum in self.strata]

    def _batch(self, orders: Sequence[np.ndarray], k: int) -> Batch:
        batch = []
        for stratum, order in zip(self.strata, orders, strict=True):
            start, stop = (len(order) * n // self.per_epoch for n in (k, k + 1))
            chosen = [self.structures[m] for m in order[start:stop]]
            batch.append(pack_labels(chosen, stratum.n_atoms, self._slots(stratum), self.dtype))
        return tuple(batch)

    def _slots(self, stratum: Stratum) -> int:
        most = math.ceil(len(stratum.members) / self.per_epoch)
        return self.n_devices * math.ceil(most / self.n_devices)


def pack_labels(structures: Sequence[Labelled], n_atoms: int, n_slots: int, dtype: str) -> Labels:
    """Structures as padded arrays; what is left of the slots is empty."""
    energy = np.zeros(n_slots, dtype)
    forces = np.zeros((n_slots, n_atoms, 3), dtype)
    stress = np.zeros((n_slots, 3, 3), dtype)
    has_stress = np.zeros(n_slots, bool)
    for slot, structure in enumerate(structures):
        energy[slot] = structure.energy
        forces[slot, : len(structure.forces)] = structure.forces
        if structure.stress is not None:
            stress[slot], has_stress[slot] = structure.stress, True
    cells = pack([at_home(structure.cell) for structure in structures], n_atoms, n_slots, dtype)
    return Labels(cells, energy, forces, stress, has_stress)
