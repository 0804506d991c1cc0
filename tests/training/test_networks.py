"""Networks before their training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from labels import labelled_silicon
from scipy.integrate import quad

from a2c_ray.config import compose_training, training_settings
from a2c_ray.errors import InputError
from a2c_ray.potentials.nequip.network import MOST_CUTOFF, MOST_DEGREE
from a2c_ray.training.labelled import DataError
from a2c_ray.training.networks import (
    COUNTED_STRUCTURES,
    Architecture,
    adjusted_network,
    check_species,
    count_parameters,
    mean_neighbors,
    new_network,
    silu_scale,
)
from a2c_ray.training.planning import plan_training

SMALL = Architecture(None, 2, "8x0e+4x1e", 1, 4.0, 8, (16,), 6.0, 8, "linear")


@pytest.mark.slow
def test_the_papers_network_has_the_papers_number_of_parameters(silicon_f64):
    """~2.4 million; all but 0.27 million are weights of one of 94 elements each."""
    settings = compose_training(
        ["train=paper", "output=x", "data.train=y.xyz", "network.elements=all"]
    )
    architecture = plan_training(settings).architecture
    config, _ = new_network(architecture, labelled_silicon(silicon_f64, 2), seed=0)
    assert config.layer_irreps == ("64x0e+32x1e+16x2e",) * 3
    assert config.edge_irreps == "0e+1e+2e"
    assert (config.cutoff, config.n_basis, config.radial_hidden) == (5.0, 8, (64, 64))
    assert count_parameters(config) == 2_425_956


def test_scales_follow_from_the_data(silicon_f64):
    data = labelled_silicon(silicon_f64, 8)
    config, parameters = new_network(SMALL, data, seed=1)
    forces = np.concatenate([x.forces.ravel() for x in data])
    assert parameters["scale"][0] == pytest.approx(np.sqrt(np.mean(forces**2)))
    per_atom = [x.energy / len(x.forces) for x in data]
    assert parameters["shift"][0] == pytest.approx(np.mean(per_atom))
    assert config.denominator == pytest.approx(np.sqrt(mean_neighbors(data, 4.0)))
    assert 12 < mean_neighbors(data, 4.0) < 16  # 16 before shaking, 12 of them at 3.84 Å


def test_silu_scale_is_the_integral():
    density = lambda z: np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)  # noqa: E731
    second, _ = quad(lambda z: density(z) * (z / (1 + np.exp(-z))) ** 2, -30, 30)
    assert silu_scale() == pytest.approx(1 / np.sqrt(second), rel=1e-10)


def test_unknown_elements_are_refused(silicon_f64):
    data = labelled_silicon(silicon_f64, 1)
    with pytest.raises(DataError, match="structure 0: the network does not know Si, only O Mg"):
        check_species(data, (8, 12))


@pytest.mark.parametrize(
    "irreps",
    [
        *("8x1e+4x0e", "8x0o", "8x0e+4x1e+2x1e", "nonsense", "8x1e"),
        *("0x0e", "8x0e+0x1e", "8x0e+2x13e", ""),
    ],
)
def test_irreps_that_the_network_cannot_have(irreps):
    with pytest.raises(InputError, match="irreps"):
        Architecture(None, 2, irreps, 1, 4.0, 8, (16,), 6.0, 8, "linear")


@pytest.mark.parametrize("l_max", [-1, MOST_DEGREE + 1])
def test_degrees_that_the_network_cannot_have(l_max):
    with pytest.raises(InputError, match=f"l_max must be from 0 to 12, not {l_max}"):
        replace(SMALL, l_max=l_max)
    given = ["train=student", "output=x", "data.train=y.xyz", f"network.l_max={l_max}"]
    with pytest.raises(InputError, match="expected a whole number from 0 to 12"):
        compose_training(given)


def test_cutoffs_that_the_network_cannot_have():
    given = ["train=student", "output=x", "data.train=y.xyz", "network.cutoff=20.5"]
    with pytest.raises(InputError, match="expected a positive number of up to 20"):
        compose_training(given)


@pytest.mark.filterwarnings("ignore:jax.scipy.special.lpmn_values")
def test_settings_and_network_agree_on_degrees(silicon_f64):
    assert training_settings.MOST_DEGREE == MOST_DEGREE
    assert training_settings.MOST_CUTOFF == MOST_CUTOFF
    largest = replace(SMALL, l_max=MOST_DEGREE)
    config, _ = new_network(largest, labelled_silicon(silicon_f64, 2), seed=0)
    assert config.edge_irreps.endswith("+12e")


def test_neighbors_are_counted_of_structures_of_any_order(silicon_f64):
    """Dense and dilute ones in turn: every second would be dense ones only."""
    [dense] = labelled_silicon(silicon_f64, 1)
    cell = dense.cell
    wide = cell._replace(lattice=2 * cell.lattice, positions=2 * cell.positions)
    data = [dense, dense._replace(cell=wide)] * COUNTED_STRUCTURES
    both = (mean_neighbors(data[:1], 4.0) + mean_neighbors(data[1:2], 4.0)) / 2
    assert mean_neighbors(data, 4.0) == pytest.approx(both, rel=0.2)


@pytest.mark.parametrize("energy", [float("nan"), float("inf")])
def test_a_beginning_without_energies_is_told(silicon_f64, energy):
    data = labelled_silicon(silicon_f64, 2)
    config, parameters = new_network(SMALL, data, seed=1)
    told = f"structure 1: the network to begin with gives it an energy of {energy}"
    with pytest.raises(DataError, match=told):
        adjusted_network(config, parameters, data, [data[0].energy, energy])
