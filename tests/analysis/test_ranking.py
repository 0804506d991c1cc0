"""Ranking: groups, degeneracy, space groups."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from a2c_ray.analysis.grouping import Candidate
from a2c_ray.analysis.ranking import rank, rank_candidates, unlike_twin
from a2c_ray.analysis.symmetry import space_groups
from a2c_ray.cells import Cell
from a2c_ray.errors import InputError
from a2c_ray.relaxation.batching import Relaxed
from a2c_ray.relaxation.outcome import Outcome


@pytest.fixture
def fluorite():
    return Structure.from_spacegroup(
        "Fm-3m", Lattice.cubic(5.2), ["Mg", "F"], [[0, 0, 0], [0.25, 0.25, 0.25]]
    )


def copies(structure: Structure, energies: list[float], name: str) -> list[Candidate]:
    """The same crystal in different cells."""
    candidates = []
    for k, energy in enumerate(energies):
        cell = structure.get_primitive_structure() if k % 2 else structure.copy()
        cell.perturb(0.005, seed=0)
        candidates.append(Candidate(cell, energy, f"{name}{k}"))
    return candidates


def test_products_are_distinct_crystals_lowest_first(rutile, fluorite):
    candidates = [
        *copies(fluorite, [-5.30, -5.2999], "fluorite"),
        *copies(rutile, [-5.3201, -5.3199, -5.3200], "rutile"),
    ]
    first, second = rank_candidates(candidates)
    assert first.space_group == "P4_2/mnm"
    assert first.match.polymorph.name == "rutile (sellaite)"
    assert first.members == ("rutile0", "rutile2", "rutile1")
    assert first.n_subcells == 3
    assert first.delta == 0.0
    assert first.is_degenerate
    assert second.space_group == "Fm-3m"
    assert second.delta == pytest.approx(0.0201)
    assert not second.is_degenerate


def test_the_structure_of_a_product_has_its_energy(silicon_f64, diamond):
    """Of distortions that double a cell, and that symmetry does not see at 0.1 Å."""
    doubled = diamond * (2, 1, 1)
    for k, site in enumerate(doubled):
        sign = 1.0 if site.frac_coords[0] % 1.0 < 0.5 else -1.0
        doubled.translate_sites([k], [0.0, 0.0, 0.04 * sign], frac_coords=False)
    energy = silicon_f64.evaluate([doubled])[0].energy / len(doubled)
    [product] = rank_candidates([Candidate(doubled, energy, 0)])
    assert product.space_group == "Fd-3m"
    [again] = silicon_f64.evaluate([product.structure])
    assert again.energy / len(product.structure) == pytest.approx(energy, abs=1e-5)


def test_degenerate_within_two_mev(rutile, fluorite):
    for gap, degenerate in [(0.0015, True), (0.0025, False)]:
        products = rank_candidates([Candidate(rutile, -5.0, 0), Candidate(fluorite, -5.0 + gap, 1)])
        assert [p.is_degenerate for p in products] == [True, degenerate]


def test_equal_energies_do_not_make_one_crystal(rutile, fluorite):
    products = rank_candidates([Candidate(rutile, -5.0, 0), Candidate(fluorite, -5.0, 1)])
    assert len(products) == 2


def test_each_composition_has_its_own_zero(rutile, diamond):
    products = rank_candidates([Candidate(rutile, -5.0, 0), Candidate(diamond, -4.0, 1)])
    assert [(p.formula, p.delta) for p in products] == [("MgF2", 0.0), ("Si", 0.0)]


def test_what_lies_above_the_window_is_left_out(rutile, fluorite):
    candidates = [Candidate(rutile, -5.0, 0), Candidate(fluorite, -4.9, 1)]
    assert len(rank_candidates(candidates, window=0.05)) == 1
    assert len(rank_candidates(candidates, window=0.2)) == 2
    assert len(rank_candidates(candidates, window=0.2, max_products=1)) == 1


def test_unsound_relaxations_do_not_count(diamond):
    cell = Cell.from_structure(diamond)
    sound = Relaxed(0, cell, -34.0, 0.01, 1e-4, 10, Outcome.CONVERGED)
    hole = Relaxed(1, cell, -9999.0, 0.01, 1e-4, 10, Outcome.EXPLODED)
    products = rank([sound, hole])
    assert [p.members for p in products] == [(0,)]
    assert products[0].energy_per_atom == pytest.approx(-34.0 / 8)


def test_pressure_favours_what_is_dense(diamond):
    dense = diamond.copy()
    dense.scale_lattice(0.8 * diamond.volume)
    ends = [
        Relaxed(k, Cell.from_structure(structure), energy, 0.01, 1e-4, 10, Outcome.CONVERGED)
        for k, (structure, energy) in enumerate([(diamond, -34.0), (dense, -33.8)])
    ]
    assert [p.members for p in rank(ends)] == [(0,), (1,)]
    squeezed = rank(ends, pressure=0.01)
    assert [p.members for p in squeezed] == [(1,), (0,)]
    assert squeezed[0].energy_per_atom == pytest.approx((-33.8 + 0.01 * dense.volume) / 8)


def test_space_groups_depend_on_the_tolerance(rutile):
    rutile.translate_sites([2], [0.03, 0.01, 0.02], frac_coords=False)
    found = space_groups(rutile)
    assert found[0.1] == "P4_2/mnm"
    assert found[0.01] == "P1"
    random = Structure(Lattice.cubic(5.0), ["Si"] * 3, np.random.default_rng(0).random((3, 3)))
    assert space_groups(random)[0.01] == "P1"


def monoclinic(shift: float) -> Structure:
    """A made-up layered crystal, whose second layer is shifted."""
    lattice = Lattice.monoclinic(5.0, 3.1, 6.4, 98.0)
    species = ["Mg", "F", "F", "Mg", "F", "F"]
    layer = np.array([[0.0, 0.0, 0.0], [0.31, 0.0, 0.1], [0.66, 0.0, -0.12]])
    coords = np.concatenate([layer, np.add(layer, [shift, 0.5, 0.5])])
    return Structure(lattice, species, coords)


def test_what_looks_the_same_and_is_not_is_told_apart():
    stretched = monoclinic(0.1)
    stretched.lattice = Lattice.monoclinic(5.0, 3.1, 9.5, 98.0)
    products = rank_candidates(
        [Candidate(monoclinic(0.1), -5.0, 0), Candidate(stretched, -4.9999, 1)]
    )
    assert len(products) == 2
    assert products[0].space_group == products[1].space_group
    assert unlike_twin(products, 0) == ""
    assert ", not " in unlike_twin(products, 1)


def test_no_twin_no_word(rutile, fluorite):
    products = rank_candidates([Candidate(rutile, -5.0, 0), Candidate(fluorite, -5.0, 1)])
    assert [unlike_twin(products, k) for k in range(2)] == ["", ""]


def test_an_energy_that_is_none_is_refused(fluorite):
    """NaN is neither lower nor higher than others: a crystal would be anywhere, or hide all."""
    candidates = copies(fluorite, [-5.0, float("nan"), -4.9], "c")
    with pytest.raises(InputError, match="c1 has an energy of nan"):
        rank_candidates(candidates)


@pytest.mark.parametrize("window", [float("nan"), -0.1])
def test_a_window_that_is_none_is_refused(fluorite, window):
    with pytest.raises(InputError, match=f"window must be at least 0 eV/atom, not {window}"):
        rank_candidates([Candidate(fluorite, -5.0, 0)], window=window)
