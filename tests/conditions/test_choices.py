"""What settings leave open is filled in once."""

from __future__ import annotations

import pytest

from a2c_ray.conditions import choices
from a2c_ray.conditions.choice import Choice
from a2c_ray.conditions.choices import complete, lacks_conditions
from a2c_ray.config import compose_config
from a2c_ray.lake import Store


@pytest.fixture
def asked(monkeypatch):
    """What has been chosen anew."""
    made = []

    def choose_volume(composition, potential):
        made.append("volume")
        return Choice(18.0, "because")

    def choose_t_high(box, potential, volume_per_atom, protocol):
        made.append(f"T_high of {box.formula} at {volume_per_atom:g} Å³")
        return Choice(2500.0, "it flows")

    monkeypatch.setattr(choices, "choose_volume", choose_volume)
    monkeypatch.setattr(choices, "choose_t_high", choose_t_high)
    return made


def composed(tmp_path, *overrides):
    lake = f"lake.path={tmp_path / 'lake'}"
    return compose_config(["system.formula=Si", "potential=stillinger-weber", lake, *overrides])


def test_a_formula_is_enough(asked, silicon, tmp_path):
    settings, said = composed(tmp_path), []
    assert lacks_conditions(settings)
    filled = complete(settings, silicon, said.append)
    assert not lacks_conditions(filled)
    assert filled["system.volume_per_atom"] == 18.0
    assert filled["melt_quench.t_high"] == filled["system.t_high"] == 2500.0
    assert filled["system.t_high_reason"] == "it flows"
    assert said == ["volume:   18.00 Å³ per atom: because", "T_high:   2500 K: it flows"]
    assert asked == ["volume", "T_high of Si30 at 18 Å³"]


def test_what_was_chosen_is_kept_in_the_lake(asked, silicon, tmp_path):
    first = complete(composed(tmp_path), silicon, lambda line: None)
    assert complete(composed(tmp_path, "seed=1"), silicon, lambda line: None) == first | {"seed": 1}
    assert len(asked) == 2
    complete(composed(tmp_path, "melt_quench.steps=[99,99,99]"), silicon, lambda line: None)
    assert len(asked) == 3  # another melt needs another temperature


def test_a_torn_record_is_made_again(asked, silicon, tmp_path):
    first = complete(composed(tmp_path), silicon, lambda line: None)
    store = Store.at(tmp_path / "lake")
    for file in store.files(".conditions"):
        store.write(file.path, lambda f: f.write(b'{"value": 1'))
    assert complete(composed(tmp_path), silicon, lambda line: None) == first
    assert len(asked) == 4


@pytest.mark.parametrize("value", ["NaN", "Infinity", "0", "-18.0"])
def test_what_is_no_condition_is_chosen_again(asked, silicon, tmp_path, value):
    first = complete(composed(tmp_path), silicon, lambda line: None)
    store = Store.at(tmp_path / "lake")
    content = f'{{"value": {value}, "reason": "none"}}'.encode()
    for file in store.files(".conditions"):
        store.write(file.path, lambda f: f.write(content))
    assert complete(composed(tmp_path), silicon, lambda line: None) == first
    assert len(asked) == 4


def test_choices_of_another_precision_are_others(asked, silicon, silicon_f64, tmp_path):
    for potential in (silicon, silicon_f64, silicon_f64):
        complete(composed(tmp_path), potential, lambda line: None)
    assert len(asked) == 4


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["system.density=2.2"], ["T_high of Si30 at 21.1987 Å³"]),
        (["system.t_high=3000"], ["volume"]),
        (["melt_quench.volume_per_atom=[19,21]"], ["T_high of Si30 at 19 Å³"]),
        (["system.t_high=3000", "system.density=2.2"], []),
    ],
)
def test_what_is_given_is_not_chosen(asked, silicon, tmp_path, given, expected):
    settings = composed(tmp_path, *given)
    assert lacks_conditions(settings) == bool(expected)
    complete(settings, silicon, lambda line: None)
    assert asked == expected
