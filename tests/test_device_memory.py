"""Slots are cut to what fits."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import pytest

from a2c_ray.cells import Cell
from a2c_ray.device_memory import fitting_slots, program_memory
from a2c_ray.potentials.neighbors import Capacity
from a2c_ray.relaxation.batching import Relaxer, Usage
from a2c_ray.relaxation.shapes import Shape
from a2c_ray.relaxation.slots import RelaxSettings


def test_as_many_slots_as_fit():
    asked = []

    def needed(n_slots: int) -> int:
        asked.append(n_slots)
        return 1000 + 10 * n_slots

    assert fitting_slots(50, needed, budget=1500) == 50
    assert asked == [50]
    fitted = fitting_slots(500, needed, budget=2000)
    assert 10 < fitted <= 100
    assert needed(fitted) <= 2000
    assert fitting_slots(500, needed, budget=10) == 1


def test_memory_of_a_program():
    n = 1 << 16
    compiled = jax.jit(lambda x: x + 1.0).lower(jnp.zeros(n, jnp.float32)).compile()
    assert program_memory(compiled) >= 2 * 4 * n


def test_a_relaxer_stays_within_its_memory(silicon, diamond):
    cells = [Cell.from_structure(diamond)] * 8
    shapes = (Shape(8, Capacity(24, 125)),)
    settings = RelaxSettings(max_steps=5)
    slots = []
    for memory in (None, 400_000):
        usage = Usage()
        relaxer = Relaxer(silicon, settings, shapes, batch_atoms=64, memory=memory, usage=usage)
        results = list(relaxer.relax(cells))
        assert len(results) == 8
        assert results[0].energy_per_atom == pytest.approx(-4.336, abs=1e-3)
        slots.append(usage.most_slots)
    assert slots[0] == 8
    assert 1 <= slots[1] < 8
