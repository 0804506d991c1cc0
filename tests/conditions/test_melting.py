"""The temperature at which a box forgets where its atoms were."""

from __future__ import annotations

import pytest
from pymatgen.core import Composition

from a2c_ray.amorphous.melt_quench import melt_quench_replicas
from a2c_ray.amorphous.memory import FORGOTTEN
from a2c_ray.amorphous.protocol import Condition, Protocol
from a2c_ray.conditions import melting
from a2c_ray.conditions.melting import LADDER, choose_t_high
from a2c_ray.errors import InputError

PROTOCOL = Protocol(200, 100, 100)
BOX = Composition("Si16")


def test_another_melt_forgets_at_the_temperature_that_was_chosen(silicon):
    chosen = choose_t_high(BOX, silicon, 20.0, PROTOCOL)
    assert chosen.value in LADDER[3:]  # silicon melts at 1690 K
    assert "after 400 fs" in chosen.reason
    condition = Condition(chosen.value, 300.0, 20.0, seed=5)
    protocol = PROTOCOL._replace(settle_steps=50)
    [glass] = melt_quench_replicas(BOX, silicon, [condition], protocol)
    assert glass.melt_overlap < FORGOTTEN


@pytest.mark.parametrize(("liquid_from", "expected"), [(300, 300), (1450, 1450), (5300, 5300)])
def test_the_lowest_is_found(silicon, monkeypatch, liquid_from, expected):
    asked = []

    def overlap(*arguments):
        asked.append(arguments[4])
        return 0.05 if arguments[4] >= liquid_from else 0.9

    monkeypatch.setattr(melting, "_overlap", overlap)
    chosen = choose_t_high(BOX, silicon, 20.0, PROTOCOL)
    assert chosen.value == expected
    assert len(asked) == len(set(asked)) <= 5
    if liquid_from == 1450:
        assert chosen.reason == (
            "5 % of the atoms are where they were after 400 fs; at 1100 K 90 %"
        )


def test_what_never_melts_is_told(silicon, monkeypatch):
    monkeypatch.setattr(melting, "_overlap", lambda *_: 1.0)
    with pytest.raises(InputError, match="Si does not melt within 200 steps, not even at 5300 K"):
        choose_t_high(BOX, silicon, 20.0, PROTOCOL)


def test_a_potential_that_does_not_hold_atoms_apart_is_told(silicon):
    with pytest.raises(InputError, match=r"no T_high found: .*give system\.t_high"):
        choose_t_high(BOX, silicon, 1.0, PROTOCOL)


def test_without_a_melt_nothing_is_chosen(silicon):
    """Of atoms that never move nothing can be said, least of all that they forget at once."""
    with pytest.raises(InputError, match=r"steps has no melt; give system\.t_high"):
        choose_t_high(BOX, silicon, 20.0, PROTOCOL._replace(melt=0))
