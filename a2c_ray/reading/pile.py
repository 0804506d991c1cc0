"""Many cells as a few arrays, so that 10⁵ of them fit anywhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from a2c_ray.cells import Cell
from a2c_ray.reading.frames import Frame, place

SAME = 1e-6
"""Å; what files are read with twice."""


@dataclass(frozen=True, eq=False)
class Pile:
    """Cells with where they come from.

    lattices: rows are lattice vectors, Å, `[n, 3, 3]`.
    positions: of the atoms of all cells, Cartesian, Å, `[N, 3]`.
    numbers: atomic numbers, int32 `[N]`.
    starts: first atom of each cell, and the end of the last, int64 `[n + 1]`.
    order: place of each cell in the whole pile, from 0, int64 `[n]`.
    files: names.
    file: of each cell, index into `files`, int32 `[n]`.
    index: of each cell in its file, from 0, int32 `[n]`.
    names: that the files give the cells, or None.
    """

    lattices: np.ndarray
    positions: np.ndarray
    numbers: np.ndarray
    starts: np.ndarray
    order: np.ndarray
    files: tuple[str, ...]
    file: np.ndarray
    index: np.ndarray
    names: tuple[str | None, ...]

    @classmethod
    def of(cls, frames: Sequence[Frame]) -> Pile:
        """Of frames, in their order."""
        return PileBuilder().extended(frames).pile()

    def __len__(self) -> int:
        return len(self.lattices)

    @property
    def n_atoms(self) -> np.ndarray:
        """Of each cell, int64 `[n]`."""
        return np.diff(self.starts)

    def cell(self, k: int) -> Cell:
        """One of the cells."""
        atoms = slice(self.starts[k], self.starts[k + 1])
        return Cell(self.lattices[k], self.positions[atoms], self.numbers[atoms])

    def holds(self, k: int, frame: Frame) -> bool:
        """Whether a frame is in the place that one of the cells comes from, and still that cell."""
        if (frame.file, frame.index) != (self.files[self.file[k]], self.index[k]):
            return False
        cell, atoms = self.cell(k), frame.atoms
        return (
            np.array_equal(cell.numbers, atoms.numbers)
            and np.allclose(cell.lattice, atoms.cell, rtol=0, atol=SAME)
            and np.allclose(cell.positions, atoms.positions, rtol=0, atol=SAME)
        )

    def where(self, k: int) -> str:
        """Where a cell comes from, for people."""
        return place(self.files[self.file[k]], int(self.index[k])) + self._called(k)

    def where_in_short(self, k: int) -> str:
        """The same for tables."""
        return f"{self.files[self.file[k]]} {self.index[k]}{self._called(k)}"

    def _called(self, k: int) -> str:
        return f" ({self.names[k]})" if self.names[k] else ""

    def __getitem__(self, chosen: slice | np.ndarray) -> Pile:
        """Some of the cells.

        Args:
            chosen: a slice or places; nothing of the others is kept.
        """
        which = np.arange(len(self))[chosen]
        counts = self.n_atoms[which]
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        atoms = np.arange(starts[-1]) + np.repeat(self.starts[which] - starts[:-1], counts)
        return Pile(
            self.lattices[which],
            self.positions[atoms],
            self.numbers[atoms],
            starts,
            self.order[which],
            self.files,
            self.file[which],
            self.index[which],
            tuple(self.names[k] for k in which),
        )

    def digest(self) -> str:
        """Of all cells, their names and their order; the files they come from do not matter."""
        digest = hashlib.sha256()
        for array, kind in (
            (self.starts, "<i8"),
            (self.lattices, "<f8"),
            (self.positions, "<f8"),
            (self.numbers, "<i4"),
        ):
            digest.update(np.ascontiguousarray(array, kind).tobytes())
        if any(self.names):
            digest.update(json.dumps(self.names).encode())
        return digest.hexdigest()


class PileBuilder:
    """Takes in frames one by one and keeps only what a pile does."""

    def __init__(self) -> None:
        self._lattices: list[np.ndarray] = []
        self._positions: list[np.ndarray] = []
        self._numbers: list[np.ndarray] = []
        self._files: dict[str, int] = {}
        self._where: list[tuple[int, int]] = []
        self._names: list[str | None] = []

    def add(self, frame: Frame) -> None:
        """Take in one more."""
        atoms = frame.atoms
        self._lattices.append(np.array(atoms.cell, np.float64))
        self._positions.append(np.array(atoms.positions, np.float64))
        self._numbers.append(np.array(atoms.numbers, np.int32))
        self._where.append((self._files.setdefault(frame.file, len(self._files)), frame.index))
        self._names.append(frame.name)

    def extended(self, frames: Sequence[Frame]) -> PileBuilder:
        """With some more."""
        for frame in frames:
            self.add(frame)
        return self

    def pile(self) -> Pile:
        """All that has been taken in."""
        counts = [len(numbers) for numbers in self._numbers]
        where = np.reshape(np.array(self._where, np.int32), (-1, 2))
        return Pile(
            np.reshape(np.array(self._lattices, np.float64), (-1, 3, 3)),
            _joined(self._positions, np.zeros((0, 3))),
            _joined(self._numbers, np.zeros(0, np.int32)),
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            np.arange(len(counts)),
            tuple(self._files),
            where[:, 0],
            where[:, 1],
            tuple(self._names),
        )


def _joined(arrays: list[np.ndarray], none: np.ndarray) -> np.ndarray:
    return np.concatenate(arrays) if arrays else none


def repeated_names(pile: Pile) -> list[list[int]]:
    """Places of the cells of a file that have one name, which does not tell them apart."""
    named: dict[tuple[int, str], list[int]] = {}
    for k, (file, name) in enumerate(zip(pile.file.tolist(), pile.names, strict=True)):
        if name is not None:
            named.setdefault((file, name), []).append(k)
    return [places for places in named.values() if len(places) > 1]
