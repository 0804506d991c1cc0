"""The loss against a plain computation with numpy."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from labels import labelled_silicon

from a2c_ray.potentials.potential import precision_of
from a2c_ray.training.batches import Batches, stratify
from a2c_ray.training.loss import LossWeights, batch_sums


def huber(x, delta):
    x = np.abs(x)
    return np.where(x <= delta, 0.5 * x**2, delta * (x - 0.5 * delta))


def test_it_is_the_papers(silicon_f64):
    """Structures of two sizes, one stress unknown, labels that are off by known amounts."""
    rng = np.random.default_rng(0)
    true = labelled_silicon(silicon_f64, 5)
    labels, expected, forces_mae = [], 0.0, 0.0
    weights = LossWeights(energy=1.0, forces=2.0, stress=3.0, delta=0.01)
    for k, x in enumerate(true):
        energy, forces = rng.normal(0, 0.05), rng.normal(0, 0.02, x.forces.shape)
        stress = rng.normal(0, 0.01, (3, 3))
        expected += huber(energy / len(forces), 0.01) + 2.0 * np.mean(huber(forces, 0.01))
        expected += 0.0 if k == 0 else 3.0 * np.mean(huber(stress, 0.01))
        forces_mae += np.mean(np.abs(forces))
        labels.append(
            x._replace(
                energy=x.energy + energy,
                forces=x.forces + forces,
                stress=None if k == 0 else x.stress + stress,
            )
        )
    strata = stratify(labels, silicon_f64.cutoff)
    batch = next(Batches(labels, strata, 5, None, n_devices=2, dtype="float64").epoch())
    with precision_of(silicon_f64):
        capacities = [stratum.capacity for stratum in strata]
        sums = jax.jit(
            lambda parameters, batch: batch_sums(
                silicon_f64.model, parameters, batch, capacities, weights
            )
        )(silicon_f64.parameters, batch)
    assert (int(sums.n), int(sums.n_stress)) == (5, 4)
    assert float(sums.loss) == pytest.approx(expected, rel=1e-8)
    assert float(sums.forces_error) == pytest.approx(forces_mae, rel=1e-8)
