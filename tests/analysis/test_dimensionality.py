"""Crystals, layers, chains and molecules are told apart."""

from __future__ import annotations

import pytest
from ase.build import bulk
from pymatgen.core import Lattice, Structure
from pymatgen.io.ase import AseAtomsAdaptor

from a2c_ray.analysis.dimensionality import APART, dimensionality
from a2c_ray.analysis.grouping import Candidate
from a2c_ray.analysis.polymorphs import polymorph_named, polymorphs
from a2c_ray.analysis.ranking import rank_candidates


def test_of_the_published_polymorphs_only_boron_nitrides_are_layers():
    layered = {p.name for p in polymorphs() if dimensionality(p.structure) != "3D"}
    assert layered == {"h-BN", "r-BN", "AA-stacked BN (P-6m2)"}
    assert {dimensionality(polymorph_named(name).structure) for name in layered} == {"2D"}


@pytest.mark.parametrize(
    ("formula", "kind", "a"),
    [
        ("Al", "fcc", 4.05),
        ("PbS", "rocksalt", 5.936),
        ("TlCl", "cesiumchloride", 3.834),
        ("Na", "bcc", 4.29),
    ],
)
def test_crystals_with_long_bonds_are_crystals(formula, kind, a):
    """What ASE finds likeliest of the first three is 0D."""
    assert dimensionality(AseAtomsAdaptor.get_structure(bulk(formula, kind, a))) == "3D"


def nitrogen(edge: float, more: list[tuple[str, list[float]]] = ()) -> Structure:
    """A molecule of 1.1 Å in the middle of a cubic box, Å, and more atoms beside it."""
    sites = [("N", [edge / 2] * 3), ("N", [edge / 2, edge / 2, edge / 2 + 1.1]), *more]
    species, coords = zip(*sites, strict=True)
    return Structure(Lattice.cubic(edge), species, coords, coords_are_cartesian=True)


def test_a_molecule_in_a_box_and_a_chain_through_it():
    assert dimensionality(nitrogen(5.0)) == "0D"
    chain = [("C", [0.0, 0.0, 1.25 * k]) for k in range(4)]
    assert dimensionality(nitrogen(5.0, chain)) == "01D"


@pytest.mark.parametrize(
    ("length", "width", "found"), [(15, 15, "0D"), (3000, 6, "0D"), (3000, 2.4, "1D")]
)
def test_long_and_empty_cells(length, width, found):
    """ASE's own search finds no bond in the first, and does not end in the others."""
    box = Lattice.orthorhombic(length, width, 6)
    silicon = Structure(box, ["Si"] * 2, [[0, 0, 0], [2.3, 0, 0]], coords_are_cartesian=True)
    assert dimensionality(silicon) == found


@pytest.mark.parametrize("gap", [0.95, 1.05])
def test_what_is_apart_is_told_by_covalent_radii(gap):
    """Graphene has bonds in the plane only, as long as the next plane is far enough."""
    distance = gap * APART * 2 * 0.76
    graphene = Structure(
        Lattice.hexagonal(2.46, distance), ["C", "C"], [[0, 0, 0], [1 / 3, 2 / 3, 0]]
    )
    assert dimensionality(graphene) == ("2D" if gap > 1 else "3D")


def test_products_have_it():
    layers = polymorph_named("h-BN").structure
    zincblende = Structure.from_spacegroup(
        "F-43m", Lattice.cubic(3.62), ["B", "N"], [[0, 0, 0], [0.25] * 3]
    )
    products = rank_candidates([Candidate(layers, -8.8, "a"), Candidate(zincblende, -8.79, "b")])
    assert [product.dimensionality for product in products] == ["2D", "3D"]
