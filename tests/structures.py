"""Structures in the data files of the tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pymatgen.core import Structure

DATA = Path(__file__).parent / "data"


def read_structures(name: str) -> list[tuple[dict[str, Any], Structure]]:
    """Records of a data file, and their structures."""
    records = json.loads((DATA / name).read_text())["structures"]
    return [(r, Structure(r["lattice"], r["species"], r["frac_coords"])) for r in records]
