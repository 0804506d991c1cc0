"""Glasses from snapshots of one melt."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np
import pytest
from pymatgen.core import Composition

from a2c_ray.amorphous import melt_quench as module
from a2c_ray.amorphous import replicas
from a2c_ray.amorphous.checkpoint import CheckpointError
from a2c_ray.amorphous.glass import Glass, MeltQuenchError
from a2c_ray.amorphous.melt_quench import melt_quench_replicas
from a2c_ray.amorphous.protocol import Condition, Protocol
from a2c_ray.amorphous.shared_melts import DECORRELATED

SI16 = Composition("Si16")
PROTOCOL = Protocol(205, 40, 25)
LONGEST = 200
CONDITIONS = [Condition(5000.0, 300.0, 20.0, 0, snapshot) for snapshot in range(3)]


class Made(NamedTuple):
    """Glasses, what was left on the way, steps that were done and those that were foretold."""

    glasses: list[Glass]
    checkpoints: list[bytes]
    steps: dict[int, int]
    progress: list[tuple[int, int]]


@pytest.fixture(scope="module")
def made(silicon) -> Made:
    checkpoints: list[bytes] = []
    progress: list[tuple[int, int]] = []
    steps: dict[int, int] = {}
    run = replicas.run

    def count(*arguments):
        n_steps, n_replicas = arguments[3].shape
        if not (len(arguments) > 7 and arguments[7] == 0.0):  # which only evaluates forces
            steps[n_replicas] = steps.get(n_replicas, 0) + n_steps
        return run(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CHECKPOINT_S", 0.0)
        patch.setattr(replicas, "run", count)
        glasses = melt_quench_replicas(
            SI16,
            silicon,
            CONDITIONS,
            PROTOCOL,
            on_progress=lambda *now: progress.append(now),
            on_checkpoint=checkpoints.append,
        )
    return Made(glasses, checkpoints, steps, progress)


def test_the_melt_is_run_once_and_each_glass_quenched_by_itself(made):
    last = made.glasses[-1].melt_steps
    assert made.steps == {1: last - 5, 3: 5 + 40 + 25}  # the melt's last 5 steps are in a window
    assert last < 3 * PROTOCOL.melt


def test_the_glasses_differ(made):
    for one, other in combinations(made.glasses, 2):
        assert abs(one.energy_per_atom - other.energy_per_atom) > 1e-4
        apart = one.structure.frac_coords - other.structure.frac_coords
        assert np.abs(apart - np.round(apart)).max() > 0.1


def test_snapshots_are_as_far_apart_as_the_liquid_remembers(made, silicon):
    steps = [glass.melt_steps for glass in made.glasses]
    assert steps[0] == PROTOCOL.melt
    assert all(20 < wait < LONGEST and wait % 10 == 0 for wait in np.diff(steps))
    assert all(glass.melt_overlap < DECORRELATED for glass in made.glasses[1:])
    cold = [c._replace(t_high=100.0) for c in CONDITIONS]
    protocol = PROTOCOL._replace(settle_steps=300)
    solids = melt_quench_replicas(SI16, silicon, cold, protocol)
    assert [solid.melt_steps for solid in solids] == [205, 405, 605]
    assert all(solid.melt_overlap > 0.5 for solid in solids[1:])


def test_the_trace_of_a_glass_is_its_way_through_the_melt(made, silicon):
    first, second, _ = made.glasses
    [alone] = melt_quench_replicas(SI16, silicon, CONDITIONS[:1], PROTOCOL)
    wait = second.melt_steps - first.melt_steps
    for name in ("temperature", "energy", "pressure", "conserved"):
        logged = [getattr(glass.trace, name) for glass in (first, second, alone)]
        assert all(len(values) == 270 for values in logged)
        np.testing.assert_array_equal(logged[0][:LONGEST], logged[2][:LONGEST])
        np.testing.assert_array_equal(logged[0][wait:LONGEST], logged[1][: LONGEST - wait])
    # From the melt to the quench without a break.
    jumps = [np.abs(np.diff(glass.trace.conserved[:205])).max() for glass in made.glasses]
    assert max(jumps) < 0.01
    assert first.melt_overlap == pytest.approx(alone.melt_overlap)


@pytest.mark.parametrize("k", [0, 19, 22, -8, -2])
def test_a_resumed_trajectory_is_the_undisturbed_one(made, silicon, k):
    steps = []
    resumed = melt_quench_replicas(
        SI16,
        silicon,
        CONDITIONS,
        PROTOCOL,
        on_progress=lambda *now: steps.append(now),
        resume_from=made.checkpoints[k],
    )
    assert len(steps) == len(made.checkpoints) - 1 - range(len(made.checkpoints))[k]
    for glass, other in zip(resumed, made.glasses, strict=True):
        np.testing.assert_array_equal(glass.structure.frac_coords, other.structure.frac_coords)
        assert (glass.energy_per_atom, glass.melt_overlap, glass.melt_steps) == (
            other.energy_per_atom,
            other.melt_overlap,
            other.melt_steps,
        )
        for name, values in vars(other.trace).items():
            np.testing.assert_array_equal(getattr(glass.trace, name), values)


def test_progress_never_goes_back_and_ends_at_the_end(made):
    done, most = zip(*made.progress, strict=True)
    assert list(done) == sorted(done)
    assert list(most) == sorted(most, reverse=True)
    assert done[-1] == most[-1]


@pytest.mark.slow
def test_a_melt_that_explodes_has_no_glasses_and_harms_no_other(silicon):
    hot = [c._replace(volume_per_atom=1.0, seed=1) for c in CONDITIONS[:2]]
    conditions = [hot[0], *CONDITIONS[:2], hot[1]]
    results = melt_quench_replicas(SI16, silicon, conditions, Protocol(20, 20, 20))
    assert [isinstance(result, MeltQuenchError) for result in results] == [True, False, False, True]
    assert "volume_per_atom=1.0" in str(results[3])
    alone = melt_quench_replicas(SI16, silicon, hot, Protocol(20, 20, 20))
    assert all(isinstance(result, MeltQuenchError) for result in alone)


def test_checkpoints_of_other_batches_are_refused(made, silicon):
    for conditions, k in ((CONDITIONS[:1], 3), (CONDITIONS[:2], -1)):
        with pytest.raises(CheckpointError):
            melt_quench_replicas(
                SI16, silicon, conditions, PROTOCOL, resume_from=made.checkpoints[k]
            )
    damaged = made.checkpoints[25].replace(b"taken 0", b"token 0", 1)
    assert damaged != made.checkpoints[25]
    for data in (damaged, made.checkpoints[25][:500], b""):
        with pytest.raises(CheckpointError):
            melt_quench_replicas(SI16, silicon, CONDITIONS, PROTOCOL, resume_from=data)


@pytest.mark.parametrize(
    ("changes", "melt", "message"),
    [
        ({"snapshot": -1}, 20, "snapshot must not be negative, not -1"),
        ({"snapshot": 1}, 9, "need a melt of at least 10 steps, not 9"),
    ],
)
def test_what_cannot_be_is_refused(silicon, changes, melt, message):
    condition = CONDITIONS[0]._replace(**changes)
    with pytest.raises(ValueError, match=message):
        melt_quench_replicas(SI16, silicon, [condition], Protocol(melt, 10, 10))
