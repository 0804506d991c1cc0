"""Damaged parts: found, and set aside so that nothing reads them.

Parts appear complete or not at all, but disks and copies can truncate or change them afterwards.
One such part fails queries of the whole lake, or worse, answers wrongly. Set aside, its rows are
missing, and repeating the run that made them makes them again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

SET_ASIDE = ".damaged"
"""Added to the name of a damaged part; readers look at names that end in .parquet only."""


def damaged_parts(root: Path, run_id: str | None = None) -> Iterator[tuple[Path, str]]:
    """Parts that cannot be read in full, with the reason.

    Args:
        root: of the lake.
        run_id: whose parts are read to the last byte; of other runs only the ends of files are
            looked at, which shows truncation. None reads those of all runs.
    """
    for path in sorted(root.glob("*/system=*/run=*/*.parquet")):
        try:
            with pq.ParquetFile(path, page_checksum_verification=True) as part:
                if run_id is None or path.parent.name == f"run={run_id}":
                    part.read()
        except FileNotFoundError:
            continue  # another process has replaced or removed it since it was listed
        except (OSError, pa.ArrowException) as error:
            yield path, str(error).splitlines()[0]


def set_aside(path: Path) -> Path:
    """Rename a damaged part so that nothing reads it; returns where it is now."""
    aside = path.with_name(path.name + SET_ASIDE)
    os.replace(path, aside)
    return aside
