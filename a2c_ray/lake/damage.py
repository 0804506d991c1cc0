"""Damaged parts: found, and set aside so that nothing reads them.

Parts appear complete or not at all, but disks and copies can truncate or change them afterwards.
One such part fails queries of the whole lake, or worse, answers wrongly. Set aside, its rows are
missing, and repeating the run that made them makes them again.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from a2c_ray.lake.parts import all_parts, current_parts
from a2c_ray.lake.schemas import TABLES
from a2c_ray.lake.store import TEMPORARY, Store

SET_ASIDE = ".damaged"
"""Added to the name of a damaged part; readers look at names that end in .parquet only."""


def truncated_parts(store: Store) -> Iterator[tuple[str, str]]:
    """Parts whose end is missing or unreadable, with the reason; a quick look at the whole lake."""
    yield from _unreadable(store, [part.file.path for part in _current(store)], in_full=False)


def damaged_parts(store: Store, run_id: str | None = None) -> Iterator[tuple[str, str]]:
    """Parts that cannot be read to the last byte, with the reason.

    Args:
        store: of the lake.
        run_id: whose; None for those of all runs.
    """
    paths = [part.file.path for part in _current(store) if run_id in (None, part.run_id)]
    yield from _unreadable(store, paths, in_full=True)


def set_aside(store: Store, path: str) -> str:
    """Rename a damaged part so that nothing reads it; returns where it is now."""
    aside = path + SET_ASIDE
    store.move(path, aside)
    return aside


def remove_leftovers(store: Store, system: str, run_id: str) -> None:
    """Delete what killed writers of a run left behind; nobody may be writing to the run."""
    for table in TABLES:
        for file in store.files(f"{table}/system={system}/run={run_id}"):
            if file.path.endswith(TEMPORARY):
                store.delete(file.path)


def _current(store: Store) -> list:
    return current_parts(part for table in TABLES for part in all_parts(store, table))


def _unreadable(store: Store, paths: list[str], in_full: bool) -> Iterator[tuple[str, str]]:
    for path in paths:
        try:
            with (
                store.open(path) as file,
                pq.ParquetFile(file, page_checksum_verification=True) as part,
            ):
                if in_full:
                    for _ in part.iter_batches():
                        pass
        except FileNotFoundError:
            continue  # another process has replaced or removed it since it was listed
        except (OSError, pa.ArrowException) as error:
            yield path, str(error).splitlines()[0]
