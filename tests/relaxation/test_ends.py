"""Results of slots in one array."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from a2c_ray.cells import Cell, pack
from a2c_ray.relaxation.ends import pack_ends, unpack_ends
from a2c_ray.relaxation.outcome import Outcome
from a2c_ray.relaxation.slots import new_slots


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_is_packed_comes_out(diamond, dtype):
    with jax.enable_x64(dtype == "float64"):
        cells = pack([Cell.from_structure(diamond), None], 9, dtype=dtype)
        slots = new_slots(cells, np.zeros(2), "fire")
        rng = np.random.default_rng(0)
        numbers = {
            name: jnp.asarray(rng.normal(size=getattr(slots, name).shape), dtype)
            for name in ("energy", "forces", "stress", "max_force", "max_stress", "min_distance")
        }
        slots = dataclasses.replace(slots, **numbers, steps=jnp.array([2**24 - 1, 0], jnp.int32))
        ends = unpack_ends(jax.jit(pack_ends)(slots.ends))
    for name, values in numbers.items():
        assert np.array_equal(getattr(ends, name), np.asarray(values, np.float64))
    assert ends.steps.tolist() == [2**24 - 1, 0]
    assert ends.outcome.tolist() == [Outcome.RUNNING, Outcome.EMPTY]
    assert ends.numbers.tolist() == cells.numbers.tolist()
    assert ends.positions == pytest.approx(cells.positions, abs=1e-5)
    assert ends.lattice == pytest.approx(cells.lattice, abs=1e-5)
    assert ends.closest_contact.tolist() == [np.inf, np.inf]
    assert ends.peak_force.tolist() == [0, 0]
