"""Polytypes are told from crystals that merely share a composition."""

from __future__ import annotations

import logging

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from a2c_ray.analysis import stacking
from a2c_ray.analysis.grouping import Candidate
from a2c_ray.analysis.polymorphs import identify, polymorph_named, polymorphs_of
from a2c_ray.analysis.ranking import rank_candidates
from a2c_ray.analysis.stacking import are_polytypes, layers_of, stacking_variant

HEXAGONAL = "hexagonal YMnO3-type (reported product)"
ARISTOTYPE = "P6_3/mmc paraelectric aristotype (2 layers)"
RHOMBOHEDRAL = "R3m 3-layer polytype (a2c prediction)"


def zinc_sulfide(sequence: str, a: float = 3.82, layer: float = 3.12) -> Structure:
    """Double layers of tetrahedra, stacked in a sequence of the letters A, B and C."""
    height = layer * len(sequence)
    places = {"A": (0.0, 0.0), "B": (1 / 3, 2 / 3), "C": (2 / 3, 1 / 3)}
    species, coords = [], []
    for k, letter in enumerate(sequence):
        for element, above in (("Zn", 0.0), ("S", 0.75)):
            species.append(element)
            coords.append([*places[letter], (k + above) / len(sequence)])
    return Structure(Lattice.hexagonal(a, height), species, coords)


def shaken(structure, seed=0, noise=0.03):
    rng = np.random.default_rng(seed)
    lattice = Lattice(structure.lattice.matrix @ (np.eye(3) + rng.normal(0, 0.004, (3, 3))))
    moved = Structure(lattice, structure.species, structure.frac_coords)
    moved.perturb(noise, seed=0)
    return moved


@pytest.mark.parametrize(
    ("one", "other"), [("ABC", "AB"), ("ABC", "ABCB"), ("AB", "ABCB"), ("AB", "ABCACB")]
)
def test_stackings_of_tetrahedra_are_polytypes(one, other):
    assert are_polytypes(zinc_sulfide(one), zinc_sulfide(other))
    assert are_polytypes(shaken(zinc_sulfide(one)), shaken(zinc_sulfide(other), seed=1))


def test_the_layer_is_one_double_layer():
    layers = layers_of(zinc_sulfide("ABCB"))
    assert layers
    assert {len(layer) for layer in layers} == {2}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("h-BN", "r-BN"),
        ("h-BN", "AA-stacked BN (P-6m2)"),
        ("c-BN", "w-BN"),
        (HEXAGONAL, RHOMBOHEDRAL),
        (ARISTOTYPE, RHOMBOHEDRAL),
        ("W2C (anti-CdI2) type", "anti-CdCl2 R-3m type (cubic-derived)"),
        ("beta-cristobalite (ideal)", "beta-tridymite"),
        ("rhombohedral", "hexagonal 6H"),
        ("vaterite C2/c (Mugnaioli/Demichelis 2M)", "vaterite P6_522 (Wang & Becker)"),
    ],
)
def test_published_polytypes(one, other):
    assert are_polytypes(polymorph_named(one).structure, polymorph_named(other).structure)


@pytest.mark.parametrize(
    ("formula", "one", "other"),
    [
        ("BN", "h-BN", "c-BN"),  # denser
        ("BN", "c-BN", "rock salt"),  # other layers on the same net
        ("YbFeO3", "ilmenite type", "LiNbO3 type"),  # every second layer is turned over
        ("TiO2", "rutile", "anatase"),  # no hexagonal net
        ("TiO2", "rutile", "alpha-PbO2 (columbite) type"),
        ("CaCO3", "calcite", "aragonite"),
        ("BaTiO3", "cubic perovskite", "rhombohedral"),  # one sequence, distorted
        ("BN", "w-BN", "w-BN"),
    ],
)
def test_other_pairs_are_no_polytypes(formula, one, other):
    crystals = {p.name: p.structure for p in polymorphs_of(formula)}
    assert not are_polytypes(crystals[one], crystals[other])


def test_a_distorted_threefold_cell_is_no_polytype():
    """YMnO3 below and above its transition: one sequence, tilted polyhedra."""
    sites = [
        ("Yb", [0, 0, 0.2743]),
        ("Yb", [1 / 3, 2 / 3, 0.2335]),
        ("Fe", [0.3352, 0, 0]),
        ("O", [0.3083, 0, 0.1627]),
        ("O", [0.6414, 0, 0.3372]),
        ("O", [0, 0, 0.9782]),
        ("O", [1 / 3, 2 / 3, 0.0218]),
    ]
    polar = Structure.from_spacegroup(
        "P6_3cm", Lattice.hexagonal(5.97, 11.7), *zip(*sites, strict=True)
    )
    assert not are_polytypes(polar, polymorph_named(ARISTOTYPE).structure)
    assert are_polytypes(polar, polymorph_named(RHOMBOHEDRAL).structure)


def test_an_unpublished_stacking_is_a_variant_of_a_product():
    """Of cubic and wurtzite boron nitride a mixture, 4H; the paper names c-BN as a product."""
    c_bn = polymorph_named("c-BN").structure
    a = c_bn.lattice.a / np.sqrt(2)
    mixture = zinc_sulfide("ABCB", a, c_bn.lattice.a / np.sqrt(3))
    mixture.replace_species({"Zn": "B", "S": "N"})
    assert identify(mixture) is None
    variant = stacking_variant(mixture)
    assert variant is not None
    assert variant.name == "c-BN"
    (product,) = rank_candidates([Candidate(mixture, -8.0, "x")])
    assert product.variant_of == variant
    (matched,) = rank_candidates([Candidate(c_bn, -8.0, "x")])
    assert (matched.match.polymorph.name, matched.variant_of) == ("c-BN", None)


@pytest.mark.parametrize("name", ["calcite", "rutile (sellaite)", "anatase"])
def test_other_crystals_are_no_variants(name):
    assert stacking_variant(polymorph_named(name).structure) is None


def test_a_formula_that_nobody_published_has_no_variants():
    assert stacking_variant(zinc_sulfide("ABC")) is None


def test_what_cannot_be_cut_is_no_variant(rutile, monkeypatch, caplog):
    def fail(structure):
        raise np.linalg.LinAlgError("Singular matrix")

    stacking_variant(rutile)  # fills the cache
    monkeypatch.setattr(stacking, "layers_of", fail)
    with caplog.at_level(logging.WARNING):
        assert stacking_variant(rutile) is None
    assert "Singular matrix" in caplog.text
