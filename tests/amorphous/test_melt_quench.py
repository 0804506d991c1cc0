"""Whole melt-quenches of silicon."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Composition

from a2c_ray.amorphous import replicas
from a2c_ray.amorphous.glass import MDTrace, MeltQuenchError
from a2c_ray.amorphous.melt_quench import melt_quench, melt_quench_replicas
from a2c_ray.amorphous.protocol import Condition, Protocol, temperature_schedule
from a2c_ray.errors import TooLargeError

SHORT = Protocol(100, 300, 600)
HOT = Condition(t_high=3000.0, t_low=300.0, volume_per_atom=20.0, seed=0)


@pytest.fixture(scope="module")
def glass(silicon):
    return melt_quench(
        "Si", silicon, 3000.0, 300.0, volume_per_atom=20.0, n_atoms=32, seed=0, protocol=SHORT
    )


def test_the_schedule_of_the_paper():
    schedule = temperature_schedule(HOT, Protocol())
    assert len(schedule) == 5500
    assert np.all(schedule[:1500] == 3000.0)
    assert np.all(np.diff(schedule[1499:4000]) < 0)
    np.testing.assert_allclose(np.diff(schedule[1499:4000]), -2700.0 / 2500)
    assert np.all(schedule[4000:] == 300.0)


def test_a_glass_and_its_log(glass):
    trace = glass.trace
    assert len(glass.structure) == 32
    assert glass.structure.volume == pytest.approx(640.0, rel=1e-5)
    for logged in (trace.step, trace.temperature, trace.energy, trace.pressure, trace.conserved):
        assert logged.shape == (1000,)
        assert np.all(np.isfinite(logged))
    assert trace.temperature[50:100].mean() > 1500.0
    assert trace.temperature[-200:].mean() == pytest.approx(300.0, rel=0.25)
    assert trace.energy[-1] < trace.energy[:100].mean() - 0.1
    assert glass.energy_per_atom == pytest.approx(trace.energy[-1], abs=1e-5)


def test_snapshots_of_the_last_200_steps_every_10(glass):
    assert glass.trace.snapshot_step.tolist() == list(range(810, 1001, 10))
    assert glass.trace.snapshots.shape == (20, 32, 3)
    np.testing.assert_allclose(
        glass.trace.snapshots[-1], glass.structure.frac_coords % 1.0, atol=1e-5
    )


def test_settling_takes_out_the_heat_of_packing(silicon, glass):
    protocol = SHORT._replace(settle_steps=60)
    settled = melt_quench_replicas(Composition("Si32"), silicon, [HOT], protocol)[0]
    assert len(settled.trace.step) == 1000
    heat = [trace.temperature[:20].mean() - 3000.0 for trace in (glass.trace, settled.trace)]
    assert abs(heat[1]) < 0.15 * 3000.0
    assert abs(heat[1]) < 0.5 * abs(heat[0])


def test_melts_above_and_below_melting(silicon, glass):
    assert glass.melt_overlap is not None
    cold = Condition(t_high=100.0, t_low=100.0, volume_per_atom=20.0, seed=0)
    protocol = SHORT._replace(settle_steps=300)
    solid = melt_quench_replicas(Composition("Si32"), silicon, [cold], protocol)[0]
    assert solid.melt_overlap > 0.9
    assert glass.melt_overlap < 0.6  # after 200 fs of 3000 K


def test_a_quench_at_zero_pressure_has_the_density_of_the_potential(silicon, glass):
    protocol = SHORT._replace(ensemble="npt", settle_steps=60)
    dense = HOT._replace(volume_per_atom=17.0)
    free, crowded = (
        melt_quench_replicas(Composition("Si32"), silicon, [dense], p)[0]
        for p in (protocol, protocol._replace(ensemble="nvt"))
    )
    assert crowded.volume_per_atom == 17.0
    assert crowded.pressure > 0.02
    assert free.volume_per_atom == pytest.approx(free.structure.volume / 32)
    assert abs(free.pressure) < 0.2 * crowded.pressure
    assert free.volume_per_atom > 17.3


@pytest.mark.slow
def test_the_density_at_zero_pressure_is_that_of_glasses_made_at_many_volumes(silicon):
    """Interpolated to where their mean pressure is zero."""
    volumes, seeds = [17.0, 17.5, 18.0, 18.5], range(6)
    protocol = Protocol(500, 1500, 500, settle_steps=50)

    def made(volume: float, **changes: str) -> list:
        conditions = [Condition(2500.0, 300.0, volume, 10 * int(10 * volume) + k) for k in seeds]
        box, changed = Composition("Si64"), protocol._replace(**changes)
        return melt_quench_replicas(box, silicon, conditions, changed)

    pressures = [np.mean([glass.pressure for glass in made(volume)]) for volume in volumes]
    assert pressures == sorted(pressures, reverse=True)
    expected = np.interp(0.0, pressures[::-1], volumes[::-1])
    free = [made(volume, ensemble="npt") for volume in (17.0, 19.0)]
    found = [np.mean([glass.volume_per_atom for glass in glasses]) for glasses in free]
    print(pressures, expected, found)
    assert volumes[0] < expected < volumes[-1]
    assert found == pytest.approx([expected, expected], rel=0.03)


def test_replicas_of_a_batch_are_those_made_alone(silicon, glass):
    other = HOT._replace(seed=1, t_low=400.0)
    first, second = melt_quench_replicas(Composition("Si32"), silicon, [HOT, other], SHORT)
    # Trajectories are chaotic; rounding separates them only after the first steps.
    np.testing.assert_allclose(
        first.trace.temperature[:20], glass.trace.temperature[:20], rtol=1e-3
    )
    assert second.trace.thermostat[-1] == 400.0
    assert abs(second.energy_per_atom - first.energy_per_atom) > 1e-4


@pytest.mark.slow
def test_a_replica_that_explodes_does_not_harm_the_others(silicon):
    squeezed = HOT._replace(volume_per_atom=1.0)
    protocol = Protocol(20, 20, 20)
    sound, exploded = melt_quench_replicas(Composition("Si8"), silicon, [HOT, squeezed], protocol)
    assert sound.trace.snapshot_step.tolist() == [10, 20, 30, 40, 50, 60]
    assert isinstance(exploded, MeltQuenchError)
    assert "volume_per_atom=1.0" in str(exploded)
    assert np.isfinite(sound.energy_per_atom)


def test_the_final_relaxation_lowers_the_energy(silicon, glass):
    protocol = SHORT._replace(relax_steps=100)
    relaxed = melt_quench_replicas(Composition("Si32"), silicon, [HOT], protocol)[0]
    assert relaxed.energy_per_atom < glass.energy_per_atom - 0.01
    assert relaxed.structure.volume == pytest.approx(glass.structure.volume)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"t_high": -5.0}, "t_high must be positive, not -5"),
        ({"volume_per_atom": 0.0}, "volume_per_atom must be positive"),
        ({"volume_per_atom": 0.001}, "needs at least 1 Å³"),
        ({"protocol": Protocol(0, 0, 0)}, "at least one step"),
        ({"protocol": Protocol(timestep_fs=0.0)}, "timestep_fs must be positive"),
        ({"protocol": Protocol(settle_steps=-1)}, "settle_steps must not be negative"),
        ({"protocol": Protocol(thermostat_steps=0)}, "thermostat_steps must be at least 1"),
        ({"protocol": Protocol(ensemble="nph")}, "ensemble must be nvt or npt, not 'nph'"),
    ],
)
def test_settings_out_of_range(silicon, changes, message):
    settings = {"t_high": 1000.0, "t_low": 300.0, "volume_per_atom": 20.0} | changes
    with pytest.raises(ValueError, match=message):
        melt_quench("Si", silicon, **settings)


def test_replicas_without_room_are_refused(silicon):
    with pytest.raises(ValueError, match="must be at least 1 Å³, not 0"):
        melt_quench_replicas(Composition("Si8"), silicon, [HOT._replace(volume_per_atom=0.001)])


@pytest.mark.slow
def test_float64_is_float64(silicon_f64):
    """The energy of the last step is that of the glass, to more digits than float32 has."""
    protocol = Protocol(melt=10, quench=10, equilibrate=10)
    glass = melt_quench(
        "Si", silicon_f64, t_high=2000, t_low=300, volume_per_atom=20, n_atoms=8, protocol=protocol
    )
    (exact,) = silicon_f64.evaluate([glass.structure])
    assert glass.energy_per_atom == pytest.approx(exact.energy / 8, abs=1e-10)


def test_extremes_cover_the_whole_run(glass):
    """Atoms of a melt come closer than those of its glass, and forces are larger."""
    sum_of_radii = 2 * 1.11
    snapshots = [
        glass.structure.copy()
        if k == 19
        else type(glass.structure)(glass.structure.lattice, glass.structure.species, positions)
        for k, positions in enumerate(glass.trace.snapshots)
    ]
    closest = min(s.distance_matrix[np.triu_indices(32, 1)].min() for s in snapshots)
    assert 0.5 < glass.closest_contact <= closest / sum_of_radii + 1e-6
    assert 1.0 < glass.peak_force < 100.0


def test_means_at_the_end_are_of_steps_at_t_low():
    """A short stage at T_low is not averaged with the quench before it."""
    n = 300
    thermostat = np.concatenate([np.linspace(900.0, 310.0, 250), np.full(50, 300.0)])
    empty = np.zeros(0)
    trace = MDTrace(np.arange(n), thermostat, thermostat, *[empty] * 5)
    assert trace.mean_at_end(trace.temperature) == 300.0
    long = np.concatenate([np.full(50, 900.0), np.full(250, 300.0)])
    values = np.concatenate([np.full(100, 7.0), np.full(200, 1.0)])
    assert MDTrace(np.arange(n), long, *[empty] * 6).mean_at_end(values) == 1.0


@pytest.mark.parametrize("other", [HOT._replace(seed=1), HOT._replace(snapshot=1)])
def test_replicas_that_do_not_fit_together_are_told_before_they_are_melted(
    silicon, monkeypatch, other
):
    """What is free on a device is set here: processors have the memory of their machine."""
    progress = []

    def energies(*conditions):
        glasses = melt_quench_replicas(
            Composition("Si8"),
            silicon,
            conditions,
            Protocol(20, 10, 10),
            on_progress=lambda *now: progress.append(now),
        )
        return [glass.energy_per_atom for glass in glasses]

    whatever_is_free = energies(HOT, other)
    progress.clear()
    monkeypatch.setattr(replicas, "free_memory", lambda: 1000)
    with pytest.raises(TooLargeError, match="2 replicas of 8 atoms need"):
        energies(HOT, other)
    assert progress == []
    assert len(energies(HOT)) == 1
    monkeypatch.setattr(replicas, "free_memory", lambda: 1 << 40)
    assert energies(HOT, other) == whatever_is_free
