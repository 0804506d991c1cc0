"""Functions compiled by numba within XLA's programs."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numba
import numpy as np
import pytest
from numba.core import caching

from a2c_ray.potentials.foreign_calls import (
    buffers,
    foreign_call,
    kept,
    read_floats_2,
    read_floats_3,
    read_integers_2,
)


def test_arrays_of_a_call():
    """Of three dimensions, of integers, more than one result, within a loop of a program."""

    @foreign_call("a2c_test_pick")
    def pick(frame):
        arguments, results = buffers(frame)
        if arguments == 0:
            return 0
        values, places = read_floats_3(arguments, 0), read_integers_2(arguments, 1)
        picked, total = read_floats_2(results, 0), read_floats_2(results, 1)
        total[0, 0] = 0
        for i in range(places.shape[0]):
            for j in range(places.shape[1]):
                picked[i, j] = values[i, j, places[i, j]]
                total[0, 0] += picked[i, j]
        return 0

    results = [jax.ShapeDtypeStruct(shape, jnp.float32) for shape in ((2, 3), (1, 1))]

    @jax.jit
    def three_times(values, places):
        def body(_, carry):
            picked, total = jax.ffi.ffi_call("a2c_test_pick", results)(values, places)
            return carry[0] + picked, carry[1] + total

        return jax.lax.fori_loop(0, 3, body, (jnp.zeros((2, 3)), jnp.zeros((1, 1))))

    values = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    places = np.array([[0, 1, 2], [3, 0, 1]], np.int32)
    picked, total = three_times(values, places)
    expected = 3 * np.take_along_axis(values, places[..., None], 2)[..., 0]
    np.testing.assert_array_equal(picked, expected)
    assert total == expected.sum()


@pytest.mark.parametrize("folders", [True, False])
def test_without_a_folder_to_write_to_nothing_is_kept(monkeypatch, folders):
    if not folders:
        monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [])
    doubled = kept(partial(numba.njit))(double)
    assert doubled(3) == 6
    assert isinstance(doubled._cache, caching.NullCache) is not folders


def double(x):
    return 2 * x
