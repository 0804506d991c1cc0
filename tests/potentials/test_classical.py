"""Classical potentials against published numbers and simple sums."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from a2c_ray.potentials.classical import SOFT_SPHERE_STIFFNESS, soft_spheres, stillinger_weber


def test_diamond_of_stillinger_and_weber(silicon_f64, diamond):
    result = silicon_f64.evaluate([diamond])[0]
    assert result.energy / len(diamond) == pytest.approx(-4.3366, abs=1e-3)
    np.testing.assert_allclose(result.forces, 0.0, atol=1e-10)
    assert abs(np.trace(result.stress)) / 3 < 1e-4


def test_graphitic_angles_cost_energy(silicon_f64, diamond):
    square = Structure(Lattice.cubic(2.5), ["Si"], [[0, 0, 0]])
    cubic, best = silicon_f64.evaluate([square, diamond])
    assert cubic.energy > best.energy / len(diamond)


def test_forces_are_minus_the_gradient(silicon_f64, diamond):
    diamond.perturb(0.2, seed=0)
    step = 1e-5
    moved = []
    for sign in (1, -1):
        structure = diamond.copy()
        structure.translate_sites([2], [sign * step, 0, 0], frac_coords=False)
        moved.append(structure)
    plus, minus, centre = silicon_f64.evaluate([*moved, diamond])
    assert centre.forces[2, 0] == pytest.approx((minus.energy - plus.energy) / (2 * step), abs=1e-6)


def test_soft_spheres_repel_within_their_diameter_only():
    diameters = np.zeros((119, 119))
    diameters[14, 14] = 2.0
    spheres = soft_spheres(diameters, "float64")
    for distance, expected in [(1.0, 0.5 * SOFT_SPHERE_STIFFNESS * 0.5**2), (2.5, 0.0)]:
        pair = Structure(Lattice.cubic(12.0), ["Si", "Si"], [[0, 0, 0], [distance / 12.0, 0, 0]])
        assert spheres.evaluate([pair])[0].energy == pytest.approx(expected)


@pytest.mark.parametrize("strength", [1.0, 1.5])
def test_stillinger_and_weber_are_those_of_jax_md(diamond, strength):
    import jax
    from jax_md import energy, space

    crystal = diamond * (2, 2, 2)
    crystal.perturb(0.25, seed=0)
    with jax.enable_x64(True):
        displacement, _ = space.periodic(np.diag(crystal.lattice.matrix))
        energy_of = energy.stillinger_weber(displacement, three_body_strength=strength)
        expected, gradient = jax.jit(jax.value_and_grad(energy_of))(np.array(crystal.cart_coords))
    ours = stillinger_weber(strength, "float64").evaluate([crystal])[0]
    # jax_md adds 1e-7 Å to the lengths that it divides by for a cosine.
    assert ours.energy == pytest.approx(float(expected), rel=2e-8)
    np.testing.assert_allclose(ours.forces, -gradient, atol=1e-6)
