"""What one run found that another did not."""

from __future__ import annotations

import json

import pytest
from pymatgen.core import Lattice, Structure

from a2c_ray.cli import main
from a2c_ray.lake import Store, structure_columns, write_part
from a2c_ray.results import RunResults
from a2c_ray.results.comparison import compare_runs

DIAMOND = Structure.from_spacegroup("Fd-3m", Lattice.cubic(5.43), ["Si"], [[0, 0, 0]])
TIN = Structure.from_spacegroup("I4_1/amd", Lattice.tetragonal(4.8, 2.6), ["Si"], [[0, 0, 0]])
CUBIC = Structure(Lattice.cubic(2.5), ["Si"], [[0, 0, 0]])


def write_run(
    store: Store,
    run_id: str,
    crystals: dict[str, Structure],
    screened: int,
    potential: str | None = None,
    pressure: float = 0.0,
) -> None:
    """A run with products of ascending energies, and a number of screened cells of two atoms."""
    products = [
        structure_columns(crystal)
        | {
            "product_id": f"{run_id}-{name}",
            "energy_per_atom": -4.0 + 0.01 * k,
            "enthalpy_per_atom": -3.9 + 0.01 * k if pressure else None,
            "delta_mev": 10.0 * k,
            "space_group": "",
        }
        for k, (name, crystal) in enumerate(crystals.items())
    ]
    write_part(store, "products", "Si", run_id, "products", products)
    settings = {"relax.pressure": pressure, "relax.cell": "volume" if pressure else True}
    config = json.dumps(settings)
    run = {"attempt": 1, "config": config, "potential_fingerprint": potential}
    write_part(store, "runs", "Si", run_id, "0001", [run])
    rows = [{"subcell_id": f"{run_id}-{k}", "steps": 5, "n_atoms": 2} for k in range(screened)]
    write_part(store, "screened", "Si", run_id, "g", rows)
    write_part(store, "relaxed", "Si", run_id, "g", rows[:1] or [{"steps": 100, "n_atoms": 2}])


@pytest.fixture
def lake(tmp_path):
    store = Store.at(tmp_path / "lake")
    write_run(store, "whole", {"tin": TIN, "diamond": DIAMOND}, screened=0)
    primitive = DIAMOND.get_primitive_structure()
    primitive.scale_lattice(1.05 * primitive.volume)
    write_run(store, "cascade", {"diamond": primitive, "cubic": CUBIC}, screened=7)
    return tmp_path / "lake"


def test_products_are_found_by_structure_whatever_their_cell(lake):
    comparison = compare_runs(RunResults.open(lake, "whole"), RunResults.open(lake, "cascade"))
    found = {f.product.row.product_id: f.other and f.other.row.product_id for f in comparison.found}
    assert found == {"whole-tin": None, "whole-diamond": "cascade-diamond"}
    assert [product.row.product_id for product in comparison.new] == ["cascade-cubic"]
    assert comparison.n_lost == 1
    assert comparison.lost_predictions == ["Si"]
    assert tuple(comparison.cost.__dict__.values()) == (0, 0, 1, 200)
    assert tuple(comparison.other_cost.__dict__.values()) == (7, 70, 1, 10)


@pytest.mark.parametrize(("potential", "is_found"), [("same", False), ("other", True)])
def test_energies_under_one_potential_tell_crystals_apart(tmp_path, potential, is_found):
    """StructureMatcher takes both for diamond; 10 meV/atom are between them."""
    store = Store.at(tmp_path / "lake")
    write_run(store, "one", {"tin": TIN, "diamond": DIAMOND}, 0, "same")
    write_run(store, "two", {"diamond": DIAMOND}, 0, potential)
    one, two = (RunResults.open(tmp_path / "lake", run_id) for run_id in ("one", "two"))
    [_, diamond] = compare_runs(one, two).found
    assert (diamond.other is not None) == is_found


def test_the_command(lake, capsys):
    assert main(["compare", "whole", "cascade", "--lake", str(lake)]) == 0
    out = capsys.readouterr().out
    assert "LOST: the lowest of Si; 1 of 2 products are not in cascade" in out
    assert "cascade: 7 subcells screened (70 steps times atoms)" in out
    assert main(["compare", "cascade", "cascade", "--lake", str(lake)]) == 0
    assert "the lowest are found; 0 of 2 products" in capsys.readouterr().out
    assert main(["compare", "whole", "nothing", "--lake", str(lake)]) == 2
    assert "no run 'nothing'" in capsys.readouterr().err


def test_enthalpies_and_runs_that_are_unlike_are_told(tmp_path, capsys):
    store = Store.at(tmp_path / "lake")
    write_run(store, "free", {"diamond": DIAMOND}, 0, "same")
    write_run(store, "pressed", {"diamond": DIAMOND}, 0, "same", pressure=5.0)
    assert main(["compare", "pressed", "free", "--lake", str(tmp_path / "lake")]) == 0
    out = capsys.readouterr().out
    assert "ΔH above the lowest of the formula" in out
    assert "note: their cells were relaxed under 5 and 0 GPa" in out
    assert "note: their cells were relaxed with relax.cell=volume and relax.cell=True" in out
    assert main(["compare", "free", "free", "--lake", str(tmp_path / "lake")]) == 0
    out = capsys.readouterr().out
    assert "ΔE above the lowest" in out
    assert "note:" not in out
