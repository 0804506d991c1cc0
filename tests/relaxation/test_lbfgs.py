"""L-BFGS on functions with known minima, and against FIRE on crystals."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from pymatgen.core import Structure

from a2c_ray import relax
from a2c_ray.relaxation.coordinates import MAX_STEP
from a2c_ray.relaxation.lbfgs import (
    FIRST_COMPLIANCE,
    MAX_COMPLIANCE,
    MEMORY,
    MIN_COMPLIANCE,
    lbfgs_init,
    lbfgs_step,
)
from a2c_ray.relaxation.outcome import Outcome

stepped = jax.jit(lbfgs_step)


def descend(hessians: np.ndarray, start: np.ndarray, n_steps: int) -> np.ndarray:
    """Follow quadratic functions of coordinates `[S, D, 3]` around zero; largest forces."""
    x = start
    state = lbfgs_init(jnp.asarray(x))
    for _ in range(n_steps):
        force = -np.einsum("sij,sj->si", hessians, x.reshape(len(x), -1)).reshape(x.shape)
        state, displacement = stepped(state, force)
        assert np.linalg.norm(displacement, axis=(1, 2)).max() <= MAX_STEP * 1.001
        x = x + np.asarray(displacement)
    return np.abs(x).max(axis=(1, 2))


def random_hessians(stiffness: np.ndarray, n_slots: int) -> np.ndarray:
    rng = np.random.default_rng(1)
    frames = [np.linalg.qr(rng.normal(size=(len(stiffness),) * 2))[0] for _ in range(n_slots)]
    return np.stack([q @ np.diag(stiffness) @ q.T for q in frames]).astype(np.float32)


def test_quadratic_minima_are_reached():
    hessians = random_hessians(np.geomspace(1.0, 200.0, 12), 3)
    start = np.random.default_rng(2).normal(0, 0.05, (3, 4, 3)).astype(np.float32)
    assert np.all(descend(hessians, start, 30) < 1e-4)


def test_a_step_is_that_of_the_two_loop_recursion():
    """Nocedal and Wright, algorithm 7.4, in double precision."""
    rng = np.random.default_rng(5)
    hessian = random_hessians(np.geomspace(1.0, 200.0, 12), 1)[0].astype(float)
    with jax.enable_x64(True):
        x = rng.normal(0, 0.01, (1, 4, 3))
        state = lbfgs_init(jnp.asarray(x))
        pairs = []
        for _ in range(MEMORY + 5):
            force = -(hessian @ x.ravel()).reshape(x.shape)
            if len(pairs) > 0:
                pairs[-1] = (pairs[-1][0], pairs[-1][1] - force.ravel())
            state, displacement = stepped(state, force)
            expected = two_loops(pairs[-MEMORY:], force.ravel())
            # Small and well away from the cap: the steps themselves are made up.
            cap = min(1.0, MAX_STEP / np.linalg.norm(expected))
            np.testing.assert_allclose(displacement.ravel(), cap * expected, rtol=1e-6, atol=1e-12)
            x = x + np.asarray(displacement)
            pairs.append((np.asarray(displacement).ravel(), force.ravel()))


def two_loops(pairs: list[tuple[np.ndarray, np.ndarray]], force: np.ndarray) -> np.ndarray:
    q, alphas = force.copy(), []
    for s, y in reversed(pairs):
        alphas.append(s @ q / (s @ y))
        q -= alphas[-1] * y
    gamma = FIRST_COMPLIANCE
    if pairs:
        s, y = pairs[-1]
        gamma = np.clip(s @ y / (y @ y), MIN_COMPLIANCE, MAX_COMPLIANCE)
    r = gamma * q
    for (s, y), alpha in zip(pairs, reversed(alphas), strict=True):
        r += s * (alpha - y @ r / (s @ y))
    return r


def test_slots_do_not_know_each_other():
    hessians = random_hessians(np.geomspace(1.0, 200.0, 12), 2)
    start = np.random.default_rng(3).normal(0, 0.05, (2, 4, 3)).astype(np.float32)
    together = descend(hessians, start, 12)
    alone = [descend(hessians[k : k + 1], start[k : k + 1], 12)[0] for k in range(2)]
    np.testing.assert_allclose(together, alone, rtol=1e-2)


def test_it_goes_downhill_from_a_maximum():
    """Pairs of negative curvature are left out, so that every step follows the force."""
    x = jnp.full((1, 1, 3), 0.01)
    state = lbfgs_init(x)
    for _ in range(5):
        force = 10.0 * x  # away from the maximum at zero
        state, displacement = stepped(state, force)
        assert float(jnp.sum(displacement * force)) > 0.0
        x = x + displacement
    assert not np.any(state.displacements)


def test_it_finds_fires_minima_with_fewer_steps(silicon, diamond):
    rng = np.random.default_rng(4)
    structures = []
    for _ in range(6):
        structure: Structure = diamond.copy()
        structure.lattice = structure.lattice.matrix @ (np.eye(3) + rng.normal(0, 0.02, (3, 3)))
        structure.perturb(0.08, seed=0)
        structures.append(structure)
    fire = relax(structures, silicon, max_steps=500, optimizer="fire")
    lbfgs = relax(structures, silicon, max_steps=500, optimizer="lbfgs")
    for reference, result in zip(fire, lbfgs, strict=True):
        assert result.outcome is reference.outcome is Outcome.CONVERGED
        assert result.energy_per_atom == pytest.approx(reference.energy_per_atom, abs=2e-4)
    assert sum(r.steps for r in lbfgs) < 0.5 * sum(r.steps for r in fire)


def test_an_unknown_optimizer_is_refused(silicon, diamond):
    with pytest.raises(ValueError, match="optimizer must be one of fire, lbfgs, not 'adam'"):
        relax([diamond], silicon, optimizer="adam")
