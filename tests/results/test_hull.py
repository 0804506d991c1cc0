"""The hull of a run is that of the lowest subcell of each composition."""

from __future__ import annotations

import pytest

from a2c_ray.lake import Store, structure_columns, write_part
from a2c_ray.results import NothingThereError, RunResults
from a2c_ray.results.hull import run_hull

RUN = {"attempt": 1, "status": "finished", "config": "{}"}


@pytest.fixture
def results(tmp_path, diamond, rutile):
    """Of silicon, one MgF2 and two Mg."""
    magnesium, fluorine = diamond.copy(), diamond.copy()
    magnesium.replace_species({"Si": "Mg"})
    fluorine.replace_species({"Si": "F"})
    energies = [(magnesium, -1.5), (magnesium, -1.0), (fluorine, -1.8), (rutile, -5.3)]
    store = Store.at(str(tmp_path))
    write_part(store, "runs", "MgF2", "mgf2", "0001", [RUN])
    rows = [
        structure_columns(structure)
        | {"subcell_id": f"s{k}", "glass_id": "g", "energy_per_atom": energy}
        for k, (structure, energy) in enumerate(energies)
    ]
    write_part(store, "relaxed", "MgF2", "mgf2", "part", rows)
    return RunResults.open(str(tmp_path))


def test_formation_energy_of_what_emerged(results):
    hull = run_hull(results)
    assert hull.end_members == ("Mg", "F2")
    points = {point.formula: point for point in hull.points}
    assert points["MgF2"].label == "P4_2/mnm"
    assert points["MgF2"].formation_energy == pytest.approx(-5.3 + (1.5 + 2 * 1.8) / 3)


def test_nothing_has_emerged_yet(tmp_path):
    write_part(Store.at(str(tmp_path)), "runs", "MgF2", "mgf2", "0001", [RUN])
    with pytest.raises(NothingThereError, match="run mgf2 has no relaxed subcell yet"):
        run_hull(RunResults.open(str(tmp_path)))
