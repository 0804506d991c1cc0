"""Glasses of silicon over its polymorphs, which the library does not have."""

from __future__ import annotations

import dataclasses
import shutil

import pytest

from a2c_ray.analysis.polymorphs import Polymorph
from a2c_ray.recompute import amorphous_limit, keeping
from a2c_ray.recompute.amorphous_limit import relax_missing
from a2c_ray.results import RunResults
from a2c_ray.results.amorphous_limit import amorphous_limits

DIAMOND_ENERGY = -4.3363
"""eV/atom, F. H. Stillinger and T. A. Weber, Phys. Rev. B 31, 5262 (1985), at the scale of the
potential: two bonds an atom of 2.1682 eV each."""


@pytest.fixture
def polymorphs(monkeypatch, diamond):
    """Of silicon: diamond, and one that nobody has made."""
    simple = diamond.copy()
    simple.perturb(0.1, seed=1)
    found = (
        Polymorph("Si", "diamond", "Si", "product", True, "Fd-3m", 227, diamond),
        Polymorph("Si", "shaken", "Si", "competitor", False, "P1", 1, simple),
    )
    monkeypatch.setattr(amorphous_limit, "polymorphs_of", lambda formula: found)
    return found


@pytest.fixture
def lake(silicon_lake, tmp_path):
    """A copy, since what is relaxed stays in it."""
    return shutil.copytree(silicon_lake, tmp_path / "lake")


def test_glasses_relax_above_diamond_and_are_kept(lake, polymorphs, monkeypatch):
    rows = relax_missing(RunResults.open(lake))
    [limit] = amorphous_limits(rows)
    energies = {row.name: row.energy_per_atom for row in rows}
    assert energies["diamond"] == pytest.approx(DIAMOND_ENERGY, abs=1e-3)
    assert limit.published == {"diamond": 0.0}
    assert limit.proposed == {"shaken": pytest.approx(0.0, abs=1e-3)}
    assert len(limit.glasses) == 2
    assert limit.limit > 0.05
    assert not limit.beyond
    run = RunResults.open(lake)
    as_quenched = {glass.glass_id: glass.energy_per_atom for glass in run.glasses}
    assert all(energies[name] < energy for name, energy in as_quenched.items())

    def never(*arguments):
        raise AssertionError("relaxed again")

    monkeypatch.setattr(amorphous_limit, "relax", never)
    again = relax_missing(run)
    assert sorted(row.name for row in again) == sorted(energies)


def test_another_potential_relaxes_anew(lake, polymorphs, silicon):
    run = RunResults.open(lake)
    first = relax_missing(run)
    second = relax_missing(run, dataclasses.replace(silicon, fingerprint="another"))
    assert {row.potential_fingerprint for row in second} == {"another"}
    assert {row.name for row in second} == {row.name for row in first}
    assert len(RunResults.open(lake).limits()) == 2 * len(first)


def test_a_lake_that_cannot_be_written_costs_only_time(lake, polymorphs, monkeypatch, caplog):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keeping, "write_part", full)
    rows = relax_missing(RunResults.open(lake))
    assert len(rows) == 4
    assert "No space left on device" in caplog.text
    assert RunResults.open(lake).limits() == []
