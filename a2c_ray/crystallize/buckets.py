"""Few shapes for cells of many sizes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable


def choose_buckets(sizes: Iterable[int], max_buckets: int) -> list[int]:
    """Numbers of atoms to pad to, ascending, that waste the least work.

    A cell of n atoms padded to N costs N² pairs instead of n². Dynamic programming over the
    distinct sizes finds the best upper bounds of `max_buckets` groups.

    Args:
        sizes: of all cells, at least one.
        max_buckets: shapes that may be compiled.
    """
    histogram = sorted(Counter(int(n) for n in sizes).items())
    values = [n for n, _ in histogram]
    cumulative = [0]
    for _, count in histogram:
        cumulative.append(cumulative[-1] + count)

    # best[k]: cost and bounds of the first k distinct sizes in at most so many buckets
    best: list[tuple[int, list[int]]] = [(0, [])] + [
        (cumulative[k] * values[k - 1] ** 2, [values[k - 1]]) for k in range(1, len(values) + 1)
    ]
    for _ in range(max_buckets - 1):
        best = [(0, [])] + [
            min(
                (
                    best[i][0] + (cumulative[k] - cumulative[i]) * values[k - 1] ** 2,
                    [*best[i][1], values[k - 1]],
                )
                for i in range(k)
            )
            for k in range(1, len(values) + 1)
        ]
    return best[-1][1]
