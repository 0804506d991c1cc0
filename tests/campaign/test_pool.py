"""All subcells of a run, and samples of them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from glasses import subcell_ids
from pymatgen.core import Lattice, Structure

from a2c_ray.campaign.pool import Pool, control_size
from a2c_ray.crystallize.subcells import find_subcells


def binary_glass(seed: int) -> Structure:
    """16 atoms of two elements, without order."""
    positions = np.random.default_rng(seed).random((16, 3))
    return Structure(Lattice.cubic(6.8), ["Ti"] * 5 + ["O"] * 11, positions)


@pytest.fixture(scope="module")
def pool() -> Pool:
    """Of two glasses."""
    return Pool({f"g{k}": find_subcells(binary_glass(k), 4, 6) for k in range(2)})


def ids(pool: Pool) -> list[str]:
    boxes = pool.glasses.items()
    return [i for glass_id, subcells in boxes for i in subcell_ids(glass_id, subcells)]


def formulas(pool: Pool) -> Counter[str]:
    return Counter(s.composition.reduced_formula for g in pool.glasses.values() for s in g)


def test_samples_share_nothing_and_follow_from_the_seed(pool):
    samples = pool.samples(20, [30, 40], seed=1)
    assert [len(sample) for sample in samples] == [20, 30, 40]
    drawn = [i for sample in samples for i in ids(sample)]
    assert len(set(drawn)) == 90
    assert set(drawn) <= set(ids(pool))
    again, other = (pool.samples(20, [30, 40], seed=seed) for seed in (1, 2))
    assert [ids(sample) for sample in again] == [ids(sample) for sample in samples]
    assert ids(other[0]) != ids(samples[0])


def test_what_is_learnt_from_has_every_composition_as_often(pool):
    _, training = pool.samples(10, [60], seed=0)
    known = formulas(training)
    assert set(known) >= {f for f, n in formulas(pool).items() if n > 20}
    common = [n for f, n in known.items() if formulas(pool)[f] > 40]
    assert max(common) - min(common) <= 1


def test_a_sample_of_a_small_pool_is_what_there_is(pool):
    few = pool[np.arange(12)]
    control, training = few.samples(8, [8], seed=0)
    assert (len(control), len(training)) == (8, 4)


def test_pieces_and_what_is_left(pool):
    pieces = list(pool.pieces(50))
    assert sum(len(subcells) for _, subcells in pieces) == len(pool)
    assert max(len(subcells) for _, subcells in pieces) == 50
    done = set(ids(pool)[::2])
    assert set(ids(pool.without(done))) == set(ids(pool)) - done
    assert len(pool.without(ids(pool))) == 0


@pytest.mark.parametrize(("n_pool", "n_control"), [(600, 48), (18_000, 180), (3_100_000, 400)])
def test_large_pools_have_large_control_samples(n_pool, n_control):
    assert control_size(n_pool) == n_control
