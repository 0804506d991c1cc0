"""Few numbers of atoms to pad cells to: each is compiled, and padding is work wasted."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence


def padded_size(n: int) -> int:
    """The next of 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, ...: few shapes to compile, little padding."""
    power = 1 << max(0, n - 1).bit_length()
    return power * 3 // 4 if power >= 4 and n <= power * 3 // 4 else power


def choose_sizes(histogram: Mapping[int, float], max_sizes: int) -> tuple[int, ...]:
    """Numbers of atoms to pad to, ascending, that waste the least work.

    A cell of n atoms padded to N costs N² pairs instead of n². Dynamic programming over the
    distinct sizes finds the best upper bounds of `max_sizes` groups.

    Args:
        histogram: how many cells have each number of atoms, at least one.
        max_sizes: that may be compiled.
    """
    values = sorted(histogram)
    cumulative = [0.0]
    for n in values:
        cumulative.append(cumulative[-1] + histogram[n])

    # best[k]: cost and bounds of the first k distinct sizes in at most so many groups
    best: list[tuple[float, tuple[int, ...]]] = [(0.0, ())] + [
        (cumulative[k] * values[k - 1] ** 2, (values[k - 1],)) for k in range(1, len(values) + 1)
    ]
    for _ in range(max_sizes - 1):
        best = [(0.0, ())] + [
            min(
                (
                    best[i][0] + (cumulative[k] - cumulative[i]) * values[k - 1] ** 2,
                    (*best[i][1], values[k - 1]),
                )
                for i in range(k)
            )
            for k in range(1, len(values) + 1)
        ]
    return best[-1][1]


def group_by_size(counts: Sequence[int], sizes: Sequence[int]) -> dict[int, list[int]]:
    """Which cells are padded to which size.

    Args:
        counts: numbers of atoms of the cells, none above the largest size.
        sizes: ascending.

    Returns:
        Indices of the cells of each size, ascending; empty where there are none.
    """
    groups: dict[int, list[int]] = {size: [] for size in sizes}
    for k, n_atoms in enumerate(counts):
        groups[sizes[bisect_left(sizes, n_atoms)]].append(k)
    return groups
