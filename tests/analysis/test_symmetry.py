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
    space_groups,
    standard_primitive_cell,
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
