"""Structures in the data files of the tests, and what other implementations make of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ase.stress import full_3x3_to_voigt_6_stress
from pymatgen.core import Lattice, Structure

from a2c_ray.potentials.potential import Result

DATA = Path(__file__).parent / "data"


def read_structures(name: str) -> list[tuple[dict[str, Any], Structure]]:
    """Records of a data file, and their structures."""
    records = json.loads((DATA / name).read_text())["structures"]
    return [(r, Structure(r["lattice"], r["species"], r["frac_coords"])) for r in records]


def nets_of_bn() -> Structure:
    """A square net of boron upon one of nitrogen, 0.63 eV/atom below h-BN under SevenNet-0."""
    return Structure(Lattice.tetragonal(1.47, 9.8), ["B", "N"], [[0, 0, 0], [0, 0, 0.1411]])


def compare(
    results: Sequence[Result],
    records: Sequence[dict[str, Any]],
    energy: float,
    forces: float,
    stress: float,
) -> None:
    """Hold results against another implementation's; tolerances in eV/atom, eV/Å and eV/Å³."""
    for result, record in zip(results, records, strict=True):
        assert abs(result.energy - record["energy"]) / len(result.forces) < energy
        np.testing.assert_allclose(result.forces, record["forces"], rtol=0, atol=forces)
        voigt = full_3x3_to_voigt_6_stress(result.stress)
        np.testing.assert_allclose(voigt, record["stress"], rtol=0, atol=stress)
