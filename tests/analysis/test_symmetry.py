"""Cells and space groups of crystals whose symmetry is known."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from a2c_ray.analysis.bond_angles import bond_angles
from a2c_ray.analysis.coordination import brunner_coordination, coordination
from a2c_ray.analysis.crystallinity import crystallinity
from a2c_ray.analysis.diffraction import powder_pattern
from a2c_ray.analysis.distributions import rdf
from a2c_ray.analysis.matching import compared_cell, matcher
from a2c_ray.analysis.structure_factor import structure_factor
from a2c_ray.analysis.symmetry import (
    LostAtomsError,
    conventional_cell,
    crystal,
    space_groups,
    standard_primitive_cell,
    symmetrized_cif,
)


@pytest.fixture
def shaken_silicon(diamond) -> Structure:
    """A skewed supercell, 0.04 Å off."""
    supercell = diamond * [[1, 1, 0], [0, 1, 0], [0, 1, 1]]
    supercell.perturb(0.04, seed=1)
    return supercell


def test_symmetry_is_seen_at_the_tolerance_of_the_noise(shaken_silicon):
    assert space_groups(shaken_silicon) == {0.01: "P1", 0.05: "P1", 0.1: "Fd-3m"}


def test_cells_of_a_distorted_cubic_crystal(shaken_silicon, diamond):
    conventional, primitive = (
        conventional_cell(shaken_silicon),
        standard_primitive_cell(shaken_silicon),
    )
    assert (len(conventional), len(primitive)) == (8, 2)
    assert conventional.lattice.abc == pytest.approx([5.431] * 3, rel=1e-2)
    assert conventional.lattice.angles == pytest.approx([90.0] * 3)
    assert primitive.volume == pytest.approx(conventional.volume / 4)
    for cell in (conventional, primitive):
        assert space_groups(cell)[0.01] == "Fd-3m"
        assert matcher().fit(cell, diamond)


OF_LOW_SYMMETRY = Lattice.from_parameters(5.1, 6.2, 7.3, 90, 101, 90)


@pytest.mark.filterwarnings("ignore:Full symbol not available")
@pytest.mark.parametrize(
    ("space_group", "lattice"),
    [
        ("Fd-3m", Lattice.cubic(8.1)),
        ("Fd-3m:2", Lattice.cubic(8.1)),
        ("R-3c", Lattice.hexagonal(4.76, 12.99)),
        ("I12/a1", OF_LOW_SYMMETRY),
        ("60", Lattice.orthorhombic(4.6, 5.6, 5.0)),
        ("I4_1/amd", Lattice.tetragonal(4.8, 9.6)),
    ],
)
def test_a_crystal_of_an_asymmetric_unit_is_pymatgens(space_group, lattice):
    """On positions special and general."""
    unit = [[0, 0, 0], [0.306, 0, 0.25], [0.11, 0.23, 0.37]]
    found = crystal(space_group, lattice, ["Al", "O", "F"], unit)
    named = int(space_group) if space_group.isdigit() else space_group
    expected = Structure.from_spacegroup(named, lattice, ["Al", "O", "F"], unit)
    assert found.composition == expected.composition
    apart = lattice.get_all_distances(found.frac_coords, expected.frac_coords)
    others = np.not_equal.outer(found.atomic_numbers, expected.atomic_numbers)
    np.testing.assert_allclose(np.where(others, np.inf, apart).min(axis=1), 0.0, atol=1e-9)


def test_rounded_special_positions_are_one_site_each():
    found = crystal("P6_3/mmc", Lattice.hexagonal(2.5, 6.7), ["B"], [[0.333, 0.667, 0.25]])
    assert len(found) == 2


def test_a_space_group_that_there_is_not():
    with pytest.raises(ValueError, match="no space group 'Fd-4m'"):
        crystal("Fd-4m", Lattice.cubic(4.0), ["Si"], [[0, 0, 0]])


def test_a_rhombohedral_crystal_has_a_hexagonal_conventional_cell():
    corundum = Structure.from_spacegroup(
        "R-3c", Lattice.hexagonal(4.76, 12.99), ["Al", "O"], [[0, 0, 0.352], [0.306, 0, 0.25]]
    )
    primitive = standard_primitive_cell(corundum)
    conventional = conventional_cell(primitive)
    assert (len(primitive), len(conventional)) == (10, 30)
    assert conventional.lattice.parameters == pytest.approx((4.76, 4.76, 12.99, 90, 90, 120))
    assert np.ptp(primitive.lattice.abc) == pytest.approx(0.0, abs=1e-9)


def test_a_narrow_tolerance_keeps_the_distortion(shaken_silicon):
    assert len(standard_primitive_cell(shaken_silicon, 0.001)) == len(shaken_silicon)


def test_without_symmetry_the_cell_stays(rutile):
    """Two atoms in one place: spglib has no answer."""
    rutile.append("Mg", rutile[0].frac_coords)
    assert conventional_cell(rutile) is rutile
    assert standard_primitive_cell(rutile) is rutile
    assert set(space_groups(rutile).values()) == {"P1"}
    assert symmetrized_cif(rutile).count("\n  Mg  Mg") == 3


ANALYSES = {
    "space groups": space_groups,  # spglib ends the process
    "conventional cell": conventional_cell,
    "primitive cell": standard_primitive_cell,
    "matching": compared_cell,
    "g(r)": rdf,  # atoms at NaN have no neighbours
    "angles": lambda s: bond_angles(s, {("Si", "Si"): 2.8}),
    "coordination": lambda s: coordination(s, "Si", "Si", 2.8),
    "Brunner": lambda s: brunner_coordination(s, "Si", "Si"),
    "crystallinity": crystallinity,
    "S(q)": structure_factor,
    "pattern": powder_pattern,
}


@pytest.mark.parametrize("analysis", ANALYSES.values(), ids=ANALYSES)
def test_atoms_that_are_nowhere_are_told(diamond, analysis):
    lost = diamond.copy()
    lost[3] = ("Si", [np.nan, 0, 0])
    with pytest.raises(LostAtomsError, match="the position of atom 3 of Si8 is not finite"):
        analysis(lost)
    odd = Structure(Lattice(np.diag([5.0, 5.0, np.inf])), ["Si"], [[0, 0, 0]])
    with pytest.raises(LostAtomsError, match="a cell that is not finite"):
        analysis(odd)
