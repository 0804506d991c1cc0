"""What a run left in the lake is found again, and what is not there is said in one line."""

from __future__ import annotations

import numpy as np
import pytest

from a2c_ray.lake import Lake, QueryError, Store, write_part
from a2c_ray.results import NothingThereError, RunResults, UnknownRunError


@pytest.fixture
def results(silicon_lake):
    return RunResults.open(silicon_lake)


def test_glasses_are_as_they_were_written(results):
    assert [glass.glass_id[-5:] for glass in results.glasses] == ["g0000", "g0001"]
    glass = results.glasses[1]
    assert (glass.t_high, glass.seed, len(glass.structure)) == (3000.0, 1, 16)
    assert glass.structure.volume / 16 == pytest.approx(glass.volume_per_atom) == pytest.approx(20)
    assert glass.density == pytest.approx(28.0855 * 1.66053907 / 20, rel=1e-4)


def test_snapshots_are_the_last_200_steps_in_tens(results):
    """The last of them is the glass itself, which is not relaxed."""
    glass = results.glass()
    snapshots = results.snapshots(glass.glass_id)
    assert len(snapshots) == 20
    offset = snapshots[-1].frac_coords - glass.structure.frac_coords
    np.testing.assert_allclose(offset - np.round(offset), 0.0, atol=1e-6)
    assert not np.allclose(snapshots[0].frac_coords, snapshots[-1].frac_coords, atol=1e-3)


def test_the_trace_has_every_tenth_step(results):
    trace = results.trace()
    assert trace["step"].tolist() == list(range(10, 301, 10))
    np.testing.assert_allclose(trace["time_fs"], 2.0 * trace["step"])
    assert trace["thermostat"][0] == 3000.0
    pressure = results.glass().pressure
    assert np.mean(trace["pressure"][-20:]) == pytest.approx(pressure, abs=0.2 * abs(pressure) + 1)


def test_products_and_subcells_carry_their_rows(results):
    lowest = results.products[0]
    subcell = results.relaxed(lowest.row.subcell_id)
    assert subcell.row.energy_per_atom == lowest.row.energy_per_atom
    assert lowest.structure.composition.reduced_formula == "Si"
    assert results.lowest_relaxed()[0].row.subcell_id == subcell.row.subcell_id


def test_settings_are_those_of_the_run(results):
    assert results.settings["melt_quench.n_atoms"] == 16
    assert results.system == "Si"


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda r: r.glass("g7"), r"has no glass 'g7'; there are: si-\w+-g0000, si-\w+-g0001$"),
        (lambda r: r.relaxed("nope"), "has no relaxed subcell 'nope'"),
        (lambda r: r.snapshots("g7"), "has no glass 'g7'"),
    ],
)
def test_what_is_not_there_is_named(results, ask, message):
    with pytest.raises(NothingThereError, match=message):
        ask(results)


def test_an_unknown_run_is_named(silicon_lake, results):
    with pytest.raises(UnknownRunError, match=f"no run 'si-0' in the lake.*{results.run_id}"):
        RunResults.open(silicon_lake, "si-0")


def test_an_unfinished_run_gives_what_it_has(unfinished_lake):
    results = RunResults.open(unfinished_lake)
    assert len(results.glasses) == 1
    assert results.lowest_relaxed()
    with pytest.raises(NothingThereError, match="has no products yet"):
        results.products  # noqa: B018


def test_a_run_id_hides_other_runs(silicon_lake, results):
    """The lake of the results shows one run only."""
    counted = "SELECT count(*), count(DISTINCT run_id) FROM relaxed"
    assert results.lake.sql(counted).fetchall() == Lake(silicon_lake).sql(counted).fetchall()
    assert Lake(silicon_lake, "si-0").sql(counted).fetchall() == [(0, 0)]


def test_a_run_is_opened_alone_though_another_is_damaged(tmp_path):
    store = Store.at(tmp_path / "lake")
    for run_id in ("sound", "other"):
        row = {"attempt": 1, "status": "finished", "config": "{}"}
        path = write_part(store, "runs", "Si", run_id, "0001", [row])
    store.write(path, lambda file: file.write(b"PAR1 damaged PAR1"))
    with pytest.raises(QueryError):
        RunResults.open(store.address)
    results = RunResults.alone(Lake(store, "sound"), "sound")
    assert (results.run_id, results.system, results.attempt.status) == ("sound", "Si", "finished")
    with pytest.raises(UnknownRunError):
        RunResults.alone(Lake(store, "sound"), "another")
