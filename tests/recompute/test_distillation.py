"""Structures of a run, labelled by a teacher."""

from __future__ import annotations

import numpy as np
import pytest

from a2c_ray.recompute.distillation import EmptyDrawError, draw_labelled
from a2c_ray.results import RunResults
from a2c_ray.training.plan import Draw

NOTHING = Draw(glasses=0, snapshots=0, relaxed=0, trajectories=0, frames=5, max_steps=60)


@pytest.fixture
def results(silicon_lake):
    return RunResults.open(silicon_lake)


def draw(results, silicon, seed=0, **amounts):
    return draw_labelled(results, silicon, Draw(**(NOTHING.__dict__ | amounts)), seed)


def test_labels_are_the_teachers(results, silicon):
    labelled = draw(results, silicon, glasses=1, snapshots=3, relaxed=4)
    assert len(labelled) == 8
    found = silicon.evaluate([structure.cell.structure for structure in labelled])
    for structure, result in zip(labelled, found, strict=True):
        assert structure.energy == pytest.approx(result.energy, abs=1e-4)
        np.testing.assert_allclose(structure.forces, result.forces, atol=1e-4)
        np.testing.assert_allclose(structure.stress, result.stress, atol=1e-5)
    assert [len(s.forces) for s in labelled[:4]] == [16] * 4
    assert labelled[0].source == results.glasses[0].glass_id
    assert " step " in labelled[1].source
    energies = "SELECT energy_per_atom FROM relaxed WHERE subcell_id = $id"
    for structure in labelled[4:]:
        (row,) = results.lake.sql(energies, {"id": structure.source}).fetchall()
        assert structure.energy / len(structure.forces) == pytest.approx(row[0], abs=1e-4)


@pytest.mark.slow
def test_trajectories_lead_downhill(results, silicon):
    labelled = draw(results, silicon, trajectories=3)
    paths: dict[str, list[float]] = {}
    for structure in labelled:
        subcell_id, _, step = structure.source.partition(" step ")
        assert step.isdecimal()
        paths.setdefault(subcell_id, []).append(structure.energy)
    assert 1 <= len(paths) <= 3
    for energies in paths.values():
        assert 1 < len(energies) <= 5
        assert energies[-1] < energies[0]


@pytest.mark.slow
def test_the_seed_decides_what_is_drawn(results, silicon):
    def sources(seed):
        return [s.source for s in draw(results, silicon, seed, relaxed=5)]

    assert sources(0) == sources(0)
    assert sources(0) != sources(1)
    assert len(draw(results, silicon, relaxed=1000)) <= 60


def test_nothing_asked_for_is_told(results, silicon):
    with pytest.raises(EmptyDrawError, match=f"nothing to learn from .* {results.run_id}"):
        draw(results, silicon)
