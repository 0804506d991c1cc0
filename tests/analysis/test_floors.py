"""What of a run is a hole of its potential, and where crystals begin."""

from __future__ import annotations

from pathlib import Path

import pytest
from pymatgen.core import Structure

from a2c_ray.analysis.floors import Floors, floors_of
from a2c_ray.lake import Lake, Store, structure_columns, write_part


def lake_of(folder: Path, structure: Structure, *low: dict) -> Lake:
    """Twelve cells of a crystal from -8 eV/atom upwards, and others."""
    cells = [{"subcell_id": f"c{k:02d}", "energy_per_atom": -8.0 + 1e-3 * k} for k in range(12)]
    rows = [structure_columns(structure) | {"outcome": "converged"} | c for c in [*cells, *low]]
    write_part(Store.at(folder / "lake"), "relaxed", "MgF2", "r", "all", rows)
    return Lake(folder / "lake", "r")


def squeezed(structure: Structure) -> dict:
    """Columns of the same with closer atoms."""
    closer = structure.copy()
    closer.scale_lattice(0.6 * structure.volume)
    return structure_columns(closer)


def test_a_run_without_outliers_has_no_holes(tmp_path, rutile):
    lake = lake_of(tmp_path, rutile)
    assert floors_of(lake, "relaxed") == Floors({"MgF2": -8.0}, {"MgF2": -8.0}, [])
    assert floors_of(lake, "screened") == Floors({}, {}, [])


@pytest.mark.parametrize(
    ("polymorph", "lowest", "holes"), [(None, -8.9, ["hole"]), ("rutile", -9.0, [])]
)
def test_closer_atoms_tell_a_hole_from_a_crystal(tmp_path, rutile, polymorph, lowest, holes):
    """But for published polymorphs; others of low energy may be crystals that few reach."""
    hole = squeezed(rutile) | {"subcell_id": "hole", "energy_per_atom": -9.0}
    crystal = {"subcell_id": "low", "energy_per_atom": -8.9}
    lake = lake_of(tmp_path, rutile, hole | {"polymorph": polymorph}, crystal)
    assert floors_of(lake, "relaxed") == Floors({"MgF2": lowest}, {"MgF2": -8.0}, holes)


def test_under_pressure_enthalpies_count(tmp_path, rutile):
    """A dense cell of low energy is no outlier if its enthalpy is not."""
    dense = squeezed(rutile) | {"subcell_id": "dense", "energy_per_atom": -8.9}
    lake = lake_of(tmp_path, rutile, dense | {"enthalpy_per_atom": -7.99})
    assert floors_of(lake, "relaxed").holes == []


def test_parameters_are_of_each_formula(tmp_path, rutile):
    hole = squeezed(rutile) | {"subcell_id": "hole", "energy_per_atom": -9.0}
    other = {"subcell_id": "other", "energy_per_atom": -7.0, "formula": "MgF"}
    parameters = floors_of(lake_of(tmp_path, rutile, hole, other), "relaxed").parameters
    of_formula = zip(*(parameters[name] for name in ("formulas", "floors", "crowds")), strict=True)
    assert sorted(of_formula) == [("MgF", -7.0, -7.0), ("MgF2", -8.0, -8.0)]
    assert parameters["holes"] == ["hole"]
