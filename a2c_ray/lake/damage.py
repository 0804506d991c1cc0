"""Damaged parts: found, and set aside so that nothing reads them.

Parts appear complete or not at all, but disks and copies can truncate or change them afterwards.
One such part fails queries of the whole lake, or worse, answers wrongly. Set aside, its rows are
missing, and repeating the run that made them makes them again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from a2c_ray.errors import OperationError
from a2c_ray.lake.parts import Part, all_parts, current_parts
from a2c_ray.lake.schemas import TABLES
from a2c_ray.lake.store import TEMPORARY, Store

SET_ASIDE = ".damaged"
"""Added to the name of a damaged part; readers look at names that end in .parquet only."""


CHUNK = 16 * 1024**2
"""Bytes that are read at a time."""


class UnreadablePartError(OperationError):
    """The disk or object store does not give out a part."""


class Fault(NamedTuple):
    """A part that cannot be read.

    path: of the part, in the lake.
    reason: one line.
    is_damaged: whether its bytes are wrong; else they cannot be had, which may pass.
    """

    path: str
    reason: str
    is_damaged: bool


def truncated_parts(store: Store) -> Iterator[Fault]:
    """Parts whose end is missing or unreadable; a quick look at the whole lake."""
    yield from _faults(store, _paths(_current(store)), in_full=False)


def faulty_parts(
    store: Store, run_id: str | None = None, tables: Collection[str] = tuple(TABLES)
) -> Iterator[Fault]:
    """Parts that cannot be read to the last byte.

    Args:
        store: of the lake.
        run_id: whose; None for those of all runs.
        tables: that are looked at.
    """
    parts = [
        part for part in _current(store) if run_id in (None, part.run_id) and part.table in tables
    ]
    yield from faulty_files(store, _paths(parts))


def faulty_files(store: Store, paths: Iterable[str]) -> Iterator[Fault]:
    """Parquet files of a lake that cannot be read to the last byte."""
    yield from _faults(store, paths, in_full=True)


def is_sound(store: Store, part: Part) -> bool:
    """Whether a part can be read to the last byte."""
    return not list(faulty_files(store, _paths([part])))


def damaged_parts(store: Store, run_id: str | None = None) -> Iterator[tuple[str, str]]:
    """Parts whose bytes are wrong, with the reason.

    Args:
        store: of the lake.
        run_id: whose; None for those of all runs.

    Raises:
        UnreadablePartError: whether one is damaged cannot be told, since its bytes cannot be had.
    """
    for fault in faulty_parts(store, run_id):
        if not fault.is_damaged:
            raise UnreadablePartError(
                f"cannot read {store.path(fault.path)}: {fault.reason}; try again"
            )
        yield fault.path, fault.reason


def set_aside(store: Store, path: str) -> str:
    """Rename a damaged part so that nothing reads it; returns where it is now."""
    aside = path + SET_ASIDE
    store.move(path, aside)
    return aside


def remove_leftovers(store: Store, system: str, run_id: str) -> None:
    """Delete what killed writers of a run left behind; nobody may be writing to the run."""
    for table in TABLES:
        remove_temporary(store, f"{table}/system={system}/run={run_id}")


def remove_temporary(store: Store, folder: str) -> None:
    """Delete files below a folder that are not whole; nobody may be writing there."""
    for file in store.files(folder):
        if file.path.endswith(TEMPORARY):
            store.delete(file.path)


def _current(store: Store) -> list[Part]:
    return current_parts(part for table in TABLES for part in all_parts(store, table))


def _paths(parts: Iterable[Part]) -> list[str]:
    return [part.file.path for part in parts]


def _faults(store: Store, paths: Iterable[str], in_full: bool) -> Iterator[Fault]:
    for path in paths:
        try:
            _read_parquet(store, path, in_full)
        except FileNotFoundError:
            continue  # another process has replaced or removed it since it was listed
        except (OSError, pa.ArrowException) as error:
            yield Fault(path, str(error).splitlines()[0], _has_bytes(store, path))


def _read_parquet(store: Store, path: str, in_full: bool) -> None:
    with store.open(path) as file, pq.ParquetFile(file, page_checksum_verification=True) as part:
        if in_full:
            for _ in part.iter_batches():
                pass


def _has_bytes(store: Store, path: str) -> bool:
    """Whether all bytes of a file can be had."""
    try:
        with store.open(path) as file:
            while file.read(CHUNK):
                pass
    except OSError:
        return False
    return True
