"""Sizes that cells are padded to."""

from __future__ import annotations

import itertools

import pytest

from a2c_ray.padding import choose_sizes, padded_size


def test_padded_sizes_grow_by_at_most_a_half():
    sizes = [padded_size(n) for n in range(1, 200)]
    assert all(size >= n for n, size in enumerate(sizes, 1))
    assert all(size <= 1.5 * n for n, size in enumerate(sizes, 1))
    assert sorted(set(sizes))[:9] == [1, 2, 3, 4, 6, 8, 12, 16, 24]


@pytest.mark.parametrize("most", [1, 2, 3])
def test_no_other_sizes_waste_less(most):
    histogram = {1: 5, 2: 40, 3: 7, 5: 11, 6: 0, 8: 3}
    chosen = choose_sizes(histogram, most)
    assert len(chosen) <= most
    others = (
        (*smaller, 8) for k in range(most) for smaller in itertools.combinations([1, 2, 3, 5, 6], k)
    )
    assert cost(histogram, chosen) == min(cost(histogram, sizes) for sizes in others)


def cost(histogram, sizes):
    return sum(
        count * min(size for size in sizes if size >= n) ** 2 for n, count in histogram.items()
    )
