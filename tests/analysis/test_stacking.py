"""Polytypes are told from crystals that merely share a composition."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from a2c_ray.analysis.polymorphs import identify, polymorph_named, polymorphs
from a2c_ray.analysis.ranking import Candidate, rank_candidates
from a2c_ray.analysis.stacking import are_polytypes, layers_of, stacking_variant

YBFEO3 = {
    "hexagonal YMnO3-type (reported product)",
    "P6_3/mmc paraelectric aristotype (2 layers)",
    "R3m 3-layer polytype (a2c prediction)",
}


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
    moved.perturb(noise)
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


def test_pairs_of_the_library():
    """Of all pairs of one formula in four systems, these and no others."""
    systems = {"BN", "YbFeO3", "MgF2", "Na3N"}
    found = set()
    for one, other in itertools.combinations(polymorphs(), 2):
        same = (one.system, one.formula) == (other.system, other.formula)
        if same and one.system in systems and are_polytypes(one.structure, other.structure):
            found.add(frozenset((one.name, other.name)))
    layered = {"h-BN", "r-BN", "AA-stacked BN (P-6m2)"}
    expected = {frozenset(pair) for pair in itertools.combinations(sorted(layered), 2)}
    expected |= {frozenset(pair) for pair in itertools.combinations(sorted(YBFEO3), 2)}
    assert found == expected | {frozenset(("c-BN", "w-BN"))}


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
    variant = stacking_variant(polymorph_named(name).structure)
    assert variant is None or variant.name == name


def test_a_formula_that_nobody_published_has_no_variants():
    assert stacking_variant(zinc_sulfide("ABC")) is None
