"""Melt-quenches that go on from where they were."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Composition

from a2c_ray.amorphous import melt_quench as module
from a2c_ray.amorphous.checkpoint import CheckpointError
from a2c_ray.amorphous.melt_quench import melt_quench_replicas
from a2c_ray.amorphous.protocol import Condition, Protocol

SI16 = Composition("Si16")
PROTOCOL = Protocol(40, 60, 45)
CONDITIONS = [Condition(3000.0, 300.0, 20.0, seed) for seed in (0, 1)]


@pytest.fixture(scope="module")
def checkpoints(silicon) -> tuple[list[bytes], list]:
    """What a run leaves on its way, and its glasses."""
    kept: list[bytes] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CHECKPOINT_S", 0.0)
        glasses = melt_quench_replicas(
            SI16, silicon, CONDITIONS, PROTOCOL, on_checkpoint=kept.append
        )
    return kept, glasses


@pytest.mark.parametrize("k", [0, 6, -1])
def test_a_resumed_trajectory_is_the_undisturbed_one(checkpoints, silicon, k):
    kept, undisturbed = checkpoints
    steps = []
    resumed = melt_quench_replicas(
        SI16,
        silicon,
        CONDITIONS,
        PROTOCOL,
        on_progress=lambda done, total: steps.append(done),
        resume_from=kept[k],
    )
    assert len(steps) == len(kept) - 1 - range(len(kept))[k]
    for glass, other in zip(resumed, undisturbed, strict=True):
        np.testing.assert_array_equal(glass.structure.frac_coords, other.structure.frac_coords)
        assert (glass.energy_per_atom, glass.peak_force) == (
            other.energy_per_atom,
            other.peak_force,
        )
        for name, values in vars(other.trace).items():
            np.testing.assert_array_equal(getattr(glass.trace, name), values)


def test_failed_replicas_stay_failed(silicon):
    kept: list[bytes] = []
    hot = CONDITIONS[0]._replace(volume_per_atom=1.5)
    conditions = [CONDITIONS[0], hot]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CHECKPOINT_S", 0.0)
        first = melt_quench_replicas(SI16, silicon, conditions, PROTOCOL, on_checkpoint=kept.append)
    again = melt_quench_replicas(SI16, silicon, conditions, PROTOCOL, resume_from=kept[-1])
    assert str(again[1]) == str(first[1])
    assert again[0].energy_per_atom == first[0].energy_per_atom


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[: len(data) // 2],
        lambda data: b"",
        lambda data: b"\xff" * 64,
        lambda data: data.replace(b'"n_done', b'"n_dune').replace(b'\\"n_done', b'\\"n_dune'),
        lambda data: data.replace(b'\\"n_done\\": ', b'\\"n_done\\": 9'),
        lambda data: data.replace(b"momenta", b"memento"),
    ],
)
def test_damaged_checkpoints_are_refused(checkpoints, silicon, spoil):
    kept, _ = checkpoints
    damaged = spoil(kept[2])
    assert damaged != kept[2]
    with pytest.raises(CheckpointError):
        melt_quench_replicas(SI16, silicon, CONDITIONS, PROTOCOL, resume_from=damaged)


def test_checkpoints_of_another_batch_are_refused(checkpoints, silicon, silicon_f64):
    kept, _ = checkpoints
    for potential, composition, conditions, protocol in (
        (silicon_f64, SI16, CONDITIONS, PROTOCOL),
        (silicon, Composition("Si8"), CONDITIONS, PROTOCOL),
        (silicon, SI16, CONDITIONS[:1], PROTOCOL),
        (silicon, SI16, CONDITIONS, Protocol(10, 10, 10)),
    ):
        with pytest.raises(CheckpointError):
            melt_quench_replicas(composition, potential, conditions, protocol, resume_from=kept[-1])
