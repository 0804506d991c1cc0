"""Chemical formulas."""

from __future__ import annotations

import pytest
from pymatgen.core import Composition

from a2c_ray.compositions import formula_unit, is_metallic, whole_formula_units


@pytest.mark.parametrize(
    ("formula", "n_atoms", "expected"),
    [
        ("TiO2", 100, "Ti33O66"),
        ("CaCO3", 100, "Ca20C20O60"),
        ("BN", 100, "B50N50"),
        ("Ti2O4", 100, "Ti33O66"),
        ("BaTiO3", 2, "BaTiO3"),
        ("TiO2", 7, "Ti2O4"),
    ],
)
def test_the_closest_whole_number_of_formula_units(formula, n_atoms, expected):
    assert whole_formula_units(formula, n_atoms) == Composition(expected)


def test_what_cannot_be_a_composition():
    with pytest.raises(ValueError, match="Xx2O"):
        whole_formula_units("Xx2O", 100)
    with pytest.raises(ValueError, match="'D2O' holds D: write H"):
        whole_formula_units("D2O", 100)
    with pytest.raises(ValueError, match="'SiO₂' is not a chemical formula: write SiO2"):
        whole_formula_units("SiO₂", 100)
    for nothing in ("Zn0O", "Zn0.0O"):
        with pytest.raises(ValueError, match=f"'{nothing}' is not a chemical formula of whole"):
            whole_formula_units(nothing, 100)
    assert whole_formula_units("Zn10O20", 30).formula == "Zn10 O20"
    with pytest.raises(ValueError, match="n_atoms must be at least 1, not 0"):
        whole_formula_units("TiO2", 0)


def test_rare_gases_are_refused():
    for formula in ("Ar", "He2Ne"):
        with pytest.raises(ValueError, match="is a rare gas, which becomes no glass"):
            whole_formula_units(formula)
    assert whole_formula_units("XeF2", 6).num_atoms == 6


@pytest.mark.parametrize(
    ("formula", "unit"), [("Li2O2", "LiO"), ("NaO", "NaO"), ("N2", "N"), ("Ti4O8", "TiO2")]
)
def test_formula_units_are_the_smallest_ones(formula, unit):
    assert dict(formula_unit(Composition(formula))) == dict(Composition(unit))
    assert whole_formula_units(formula, 12).num_atoms == 12


@pytest.mark.parametrize("formula", ["Fe", "Fe4B", "Zr55Cu30Al10Ni5", "Pd4Si"])
def test_metals_with_few_glass_formers_are_metals(formula):
    assert is_metallic(Composition(formula))


@pytest.mark.parametrize("formula", ["Mn2C", "Si", "GeTe", "Mg2Si", "InCl"])
def test_what_holds_more_of_others_is_no_metal(formula):
    assert not is_metallic(Composition(formula))
