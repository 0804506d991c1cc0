"""Every subcell is in one bin, and each bin is represented by its lowest."""

from __future__ import annotations

import numpy as np
import pytest

from a2c_ray.lake import Store, write_part
from a2c_ray.results import NothingThereError, RunResults
from a2c_ray.results.energy_volume import energy_volume_map, formulas, lowest_of_bins

RUN = {"attempt": 1, "status": "finished", "config": "{}"}


def write_subcells(folder, energies, volumes, formula="Si"):
    store = Store.at(str(folder))
    write_part(store, "runs", "Si", "si", "0001", [RUN])
    rows = [
        {
            "subcell_id": f"{formula}{k:04d}",
            "glass_id": "g",
            "outcome": "converged",
            "formula": formula,
            "energy_per_atom": e,
            "volume_per_atom": v,
            "lattice": [3.0, 0, 0, 0, 3.0, 0, 0, 0, 3.0],
            "species": ["Si"],
            "frac_coords": [0.0, 0.0, 0.0],
        }
        for k, (e, v) in enumerate(zip(energies, volumes, strict=True))
    ]
    write_part(store, "relaxed", "Si", "si", formula, rows)
    return RunResults.open(str(folder))


@pytest.fixture
def scattered(tmp_path):
    rng = np.random.default_rng(0)
    energies, volumes = rng.exponential(0.2, 3000) - 4.0, rng.normal(20.0, 1.0, 3000)
    return write_subcells(tmp_path, energies, volumes), energies, volumes


def test_bins_count_as_numpy_does(scattered):
    results, energies, volumes = scattered
    mapped = energy_volume_map(results, bins=20, span=0.5)
    near = energies <= energies.min() + 0.5
    low, high = np.quantile(volumes[near], [0.002, 0.998])
    inside = near & (volumes >= low) & (volumes <= high)
    assert mapped.n_sound == 3000
    assert mapped.number.sum() == inside.sum()
    assert mapped.n_hidden == 3000 - inside.sum()
    edges = (
        np.linspace(energies.min(), energies[near].max(), 21),
        np.linspace(low, high, 21),
    )
    counts, *_ = np.histogram2d(energies[inside], volumes[inside], bins=edges)
    expected = np.sort(counts[counts > 0])
    # numpy's last bins are closed: subcells at the very ends may share a bin there
    assert abs(len(mapped.number) - len(expected)) <= 2
    assert np.sort(mapped.number)[-100:].tolist() == pytest.approx(expected[-100:].tolist(), abs=1)


def test_the_lowest_of_a_bin_stands_for_it(scattered):
    results, energies, volumes = scattered
    mapped = energy_volume_map(results)
    assert mapped.energy[0] == energies.min()
    for subcell_id, energy, volume in zip(
        mapped.subcell_ids, mapped.energy, mapped.volume, strict=True
    ):
        k = int(subcell_id[2:])
        assert (energies[k], volumes[k]) == (energy, volume)
    lowest = lowest_of_bins(results, mapped)
    assert [r.row.subcell_id for r in lowest] == mapped.subcell_ids


def test_one_subcell_is_a_map(tmp_path):
    mapped = energy_volume_map(write_subcells(tmp_path, [-4.0], [20.0]))
    assert (mapped.number.tolist(), mapped.n_hidden) == ([1], 0)


def test_of_a_few_subcells_all_are_shown(tmp_path):
    """Such as those that a cascade has refined."""
    mapped = energy_volume_map(write_subcells(tmp_path, [-4.0, -3.9, -3.8], [20.0, 22.0, 18.0]))
    assert (mapped.number.tolist(), mapped.n_hidden) == ([1, 1, 1], 0)


def test_the_lowest_is_shown_whatever_its_volume(tmp_path):
    rng = np.random.default_rng(1)
    energies = np.append(rng.random(2000) - 3.9, -4.0)
    volumes = np.append(rng.normal(20.0, 1.0, 2000), 12.0)
    mapped = energy_volume_map(write_subcells(tmp_path, energies, volumes))
    assert (mapped.energy[0], mapped.volume[0]) == (-4.0, 12.0)
    assert mapped.n_hidden > 0


def test_formulas_by_frequency_and_a_wrong_one_is_named(tmp_path):
    write_subcells(tmp_path, [-4.0], [20.0])
    results = write_subcells(tmp_path, [-3.0, -3.5], [9.0, 9.1], formula="SiC")
    assert formulas(results) == ["SiC", "Si"]
    with pytest.raises(NothingThereError, match="no relaxed subcell of C; there are: SiC, Si"):
        energy_volume_map(results, "C")
