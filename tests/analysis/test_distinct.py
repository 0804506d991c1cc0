"""Which relaxed cells are the same crystal."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Structure

import a2c_ray as a2c
from a2c_ray.analysis import grouping
from a2c_ray.analysis.distinct import distinct
from a2c_ray.analysis.matching import matched_cell, matcher
from a2c_ray.analysis.polymorphs import polymorphs_of
from a2c_ray.bench.disguise import deformed, in_another_cell
from a2c_ray.errors import InputError


@pytest.fixture(scope="module")
def disguised():
    """Crystals of two compositions in random cells, strangers among them; and which each is."""
    rng = np.random.default_rng(0)
    crystals = [
        matched_cell(polymorph.structure)
        for formula in ("TiO2", "BN")
        for polymorph in polymorphs_of(formula)
        if len(polymorph.structure) <= 12
    ]
    names = [*range(len(crystals))] * 4
    cells = [in_another_cell(deformed(crystals[k], 1e-3, 5e-3, rng), rng) for k in names]
    cells += [in_another_cell(crystals[0] * (1, 1, 2), rng), crystals[1]]
    names += [0, 1]
    order = rng.permutation(len(cells))
    return [cells[k] for k in order], [names[k] for k in order]


def by_name(groups, names):
    """Names of each group, which are one."""
    return sorted(sorted({names[k] for k in group}) for group in groups)


def test_copies_in_any_cell_are_one_crystal(disguised, monkeypatch):
    cells, names = disguised
    energies = [-0.02 * name + 1e-4 * (k % 3) for k, name in enumerate(names)]
    groups = a2c.distinct(cells, energies)
    assert by_name(groups, names) == [[name] for name in sorted(set(names))]
    assert sorted(k for group in groups for k in group) == list(range(len(cells)))
    for group in groups:
        assert [energies[k] for k in group] == sorted(energies[k] for k in group)
    monkeypatch.setattr(grouping, "TOGETHER", 7)
    assert distinct(cells, energies) == groups


def test_without_energies_they_are_the_same(disguised):
    cells, names = disguised
    groups = distinct(cells)
    assert by_name(groups, names) == [[name] for name in sorted(set(names))]
    volumes = [cells[k].volume / len(cells[k]) for k in groups[0]]
    assert volumes == sorted(volumes)


def test_what_differs_in_energy_is_not_compared(rutile):
    assert distinct([rutile, rutile], [-5.0, -5.0]) == [[0, 1]]
    assert distinct([rutile, rutile], [-4.9, -5.0]) == [[1], [0]]


def test_the_verdict_is_that_of_structure_matcher():
    """From sound copies to such that no longer match."""
    rng, compare = np.random.default_rng(3), matcher()
    [rutile] = [p.structure for p in polymorphs_of("TiO2") if "rutile" in p.name]
    found = []
    for amount in np.linspace(0, 2, 25):
        other = in_another_cell(deformed(rutile, 0.02 * amount, 0.25 * amount, rng), rng)
        other.scale_lattice(rutile.volume)
        alike = len(distinct([rutile, other])) == 1
        assert alike == compare.fit(rutile, other)
        found.append(alike)
    assert 3 < sum(found) < 22


def test_input_that_says_nothing_is_refused(rutile):
    with pytest.raises(InputError, match="1 energies of 2 structures"):
        distinct([rutile, rutile], [-5.0])
    with pytest.raises(InputError, match="structure 1 has an energy of nan"):
        distinct([rutile, rutile], [-5.0, float("nan")])
    lost = Structure(rutile.lattice, rutile.species, np.full((6, 3), np.nan))
    with pytest.raises(InputError, match="structure 0: the position of atom 0"):
        distinct([lost])
    assert distinct([]) == []


def test_processes_that_share_the_compositions_find_the_same(disguised):
    cells, names = disguised
    energies = [-0.02 * name + 1e-4 * (k % 3) for k, name in enumerate(names)]
    assert distinct(cells, energies, processes=2) == distinct(cells, energies, processes=1)
    assert distinct(cells, processes=2) == distinct(cells)
    with pytest.raises(InputError, match="processes must be at least 1, not 0"):
        distinct(cells, processes=0)
