"""Formation energies and hulls against hand-made ones and against scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Composition
from scipy.spatial import ConvexHull

from a2c_ray.analysis.hull import Emerged, HullError, hull


def emerged(**energies: float) -> list[Emerged]:
    return [Emerged(Composition(formula), energy) for formula, energy in energies.items()]


IRON_BORON = emerged(Fe=-8.0, Fe4B=-7.74, Fe3B=-7.73, Fe2B=-7.63, FeB=-7.4, B=-6.0)


def by_formula(found):
    return {point.formula: point for point in found.points}


def test_formation_energies_by_hand():
    """Fe3B from 3 Fe at -8 and B at -6 is (4 x -7.73 + 24 + 6) / 4 = -0.23."""
    points = by_formula(hull(IRON_BORON))
    assert points["Fe3B"].formation_energy == pytest.approx(-0.23)
    assert points["Fe4B"].formation_energy == pytest.approx(-7.74 + (4 * 8 + 6) / 5)
    assert points["Fe"].formation_energy == pytest.approx(0.0)
    assert points["Fe3B"].fractions == pytest.approx((0.75, 0.25))


def test_compounds_as_end_members():
    """Between Fe and Fe2B, Fe3B is 4 atoms of which 3 are in Fe2B."""
    found = hull(IRON_BORON, ["Fe", "Fe2B"])
    assert found.outside == ("B", "FeB")
    point = by_formula(found)["Fe3B"]
    assert point.fractions == pytest.approx((0.25, 0.75))
    assert point.formation_energy == pytest.approx(-7.73 + 0.25 * 8.0 + 0.75 * 7.63)
    assert point.is_stable
    assert found.decomposition("Fe4B") == pytest.approx({"Fe": 0.2, "Fe3B": 0.8})


@pytest.mark.parametrize("seed", range(5))
def test_distances_are_those_of_scipys_hull(seed):
    """Of random entries in A-B-C, below whose lower facets none may lie."""
    rng = np.random.default_rng(seed)
    counts = np.unique(rng.integers(0, 5, (30, 3)), axis=0)
    counts = np.vstack([np.eye(3, dtype=int), counts[np.count_nonzero(counts, axis=1) > 1]])
    entries = [
        Emerged(Composition(dict(zip(("Fe", "B", "C"), n, strict=True))), rng.uniform(-9.0, -5.0))
        for n in counts.tolist()
    ]
    found = hull(entries, ["Fe", "B", "C"])
    points = list(found.points)
    x = np.array([p.fractions[1:] for p in points])
    e = np.array([p.formation_energy for p in points])
    equations = ConvexHull(np.column_stack([x, e])).equations
    lower = equations[equations[:, 2] < -1e-9]
    on_hull = np.max((lower[:, [0, 1]] @ x.T + lower[:, 3:]) / -lower[:, 2:3], axis=0)
    distances = [point.above_hull for point in points]
    np.testing.assert_allclose(distances, e - on_hull, atol=1e-9)
    assert {p.formula for p in found.stable} >= {"Fe", "B", "C"}
    assert sum(found.decomposition("FeBC").values()) == pytest.approx(1.0)
    assert all(corner.is_stable for facet in found.facets for corner in facet)


def test_the_lowest_of_a_composition_counts_whatever_its_cell():
    entries = [*IRON_BORON, Emerged(Composition("Fe6B2"), -7.9, "lower")]
    assert by_formula(hull(entries))["Fe3B"].label == "lower"


def test_two_elements_need_not_emerge_by_themselves():
    found = hull(emerged(Fe4B=-7.74, Fe2B=-7.63, FeB=-7.4))
    assert found.end_members == ("Fe4B", "FeB")


def test_of_three_elements_the_richest_of_each_are_the_ends():
    """Oxides with the charges of the parent span a line, whatever the number of elements."""
    oxides = emerged(Bi2O3=-5.0, B2O3=-7.0, BiBO3=-6.3)
    assert hull(oxides).end_members == ("Bi2O3", "B2O3")
    assert hull([*oxides, *emerged(O2=-4.5)]).end_members == ("Bi2O3", "B2O3", "O2")


@pytest.mark.parametrize(
    ("entries", "end_members", "message"),
    [
        (IRON_BORON, ["Fe", "Fe5B"], "Fe5B did not emerge; what did is B, Fe, Fe2B"),
        (IRON_BORON, ["Fe", "Fe"], "two or more independent ones, not Fe, Fe"),
        (IRON_BORON, ["Fe", "B", "FeB"], "two or more independent ones"),
        (emerged(Fe=-8.0), [], "needs two compositions; what emerged is Fe"),
        (IRON_BORON, ["Fe", "F#"], "the end member 'F#' is no formula"),
    ],
)
def test_what_has_no_hull_is_said(entries, end_members, message):
    with pytest.raises(HullError, match=message):
        hull(entries, end_members)


def test_a_composition_outside_has_no_decomposition():
    found = hull(IRON_BORON, ["Fe", "Fe2B"])
    with pytest.raises(HullError, match="FeB is not between Fe and Fe2B"):
        found.decomposition("FeB")
    with pytest.raises(HullError, match="FeO is not between"):
        found.decomposition("FeO")


@pytest.mark.parametrize("energy", [float("nan"), float("-inf")])
def test_energies_that_are_none_are_refused(energy):
    with pytest.raises(HullError, match=f"FeB has an energy of {energy}"):
        hull([*IRON_BORON, *emerged(FeB=energy)])


def test_oxidation_states_change_no_hull():
    plain = [("Mg", -1.0), ("F", -2.0), ("MgF2", -3.0)]
    ions = [({"Mg0+": 1}, -1.0), ("F", -2.0), ({"Mg2+": 1, "F-": 2}, -3.0)]
    found, wanted = (hull([Emerged(Composition(c), e) for c, e in x]) for x in (ions, plain))
    assert found.points == wanted.points
    decorated = Composition({"Mg2+": 1, "F-": 2})
    assert found.decomposition(decorated) == wanted.decomposition("MgF2") == {"MgF2": 1.0}
    assert found.fractions(decorated) == wanted.fractions("MgF2")
