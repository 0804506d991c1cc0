"""Trajectories and databases of ASE. Both hold JSON and arrays: nothing in them is executed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from ase.db import connect
from ase.io.trajectory import TrajectoryReader

from a2c_ray.reading.frames import Found, Frame, Problem, attempt, name_in, reason_of


def read_trajectory(path: Path, source: str) -> Iterator[Found]:
    """All images of a `.traj` file."""
    try:
        images = TrajectoryReader(str(path))
    except Exception as error:
        yield Problem(source, None, f"no trajectory of ASE ({reason_of(error)})")
        return
    with images:
        for index in range(len(images)):
            yield attempt(_image, source, index, images)


def _image(source: str, index: int, images: TrajectoryReader) -> Frame:
    atoms = images[index]
    return Frame(source, index, name_in(atoms.info), atoms)


def read_database(path: Path, source: str) -> Iterator[Found]:
    """All rows of a `.db` file, by id, which names them with their key `name` if they have one."""
    try:
        database = connect(path, type="db")
        ids = [row.id for row in database.select(columns=["id"], include_data=False)]
    except Exception as error:
        yield Problem(source, None, f"no database of ASE ({reason_of(error)})")
        return
    with database:
        for index, row_id in enumerate(sorted(ids)):
            yield attempt(_row, source, index, database, row_id)


def _row(source: str, index: int, database: Any, row_id: int) -> Frame:
    row = database.get(id=row_id)
    atoms = row.toatoms()
    atoms.info |= row.key_value_pairs | _tensors(row.data)
    name = name_in(row.key_value_pairs)
    return Frame(source, index, f"{row_id} {name}" if name else str(row_id), atoms)


def _tensors(data: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """What a row holds beside its structure that may be a virial or a stress."""
    arrays = {name: value for name, value in data.items() if isinstance(value, np.ndarray | list)}
    return {name: np.asarray(value) for name, value in arrays.items() if np.size(value) in (6, 9)}
