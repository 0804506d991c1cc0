"""Rows of runs as limits, by composition and potential."""

from __future__ import annotations

import pytest

from a2c_ray.lake import LimitRow
from a2c_ray.results import NothingThereError
from a2c_ray.results.amorphous_limit import amorphous_limits


def row(name, energy, is_published=None, run_id="r1", formula="TiO2", potential="p") -> LimitRow:
    outcome = "exploded" if energy is None else "converged"
    return LimitRow(
        system=formula,
        run_id=run_id,
        name=name,
        is_glass=is_published is None,
        is_published=is_published,
        potential=potential,
        potential_fingerprint=f"hash of {potential}",
        outcome=outcome,
        energy_per_atom=energy,
        volume_per_atom=10.0,
        formula=formula,
        n_atoms=1,
        lattice=[],
        species=[],
        frac_coords=[],
    )


def test_energies_are_above_the_lowest_published_polymorph():
    rows = [
        row("g1", -8.8),
        row("g2", -8.7, run_id="r2"),
        row("rutile", -9.0, True),
        row("rutile", -9.0, True, run_id="r2"),
        row("brookite", -8.75, True),
        row("fluorite", -9.1, False),
        row("lost", None, True),
    ]
    [limit] = amorphous_limits(rows)
    assert limit.formula == "TiO2"
    assert limit.glasses == {"g1": pytest.approx(0.2), "g2": pytest.approx(0.3)}
    assert limit.published == {"rutile": 0.0, "brookite": pytest.approx(0.25)}
    assert limit.proposed == {"fluorite": pytest.approx(-0.1)}
    assert limit.limit == pytest.approx(0.2)
    assert limit.beyond == ["brookite"]


def test_compositions_and_potentials_are_apart():
    rows = [
        row("g", -8.0),
        row("rutile", -9.0, True),
        row("g", -18.0, potential="q"),
        row("rutile", -19.0, True, potential="q"),
        row("m", -5.0, formula="MgF2"),
        row("fluorite", -6.0, False, formula="MgF2"),
    ]
    found = [(each.formula, each.potential) for each in amorphous_limits(rows)]
    assert found == [("MgF2", "p"), ("TiO2", "p"), ("TiO2", "q")]


@pytest.mark.parametrize("rows", [[], [row("g", -8.0)], [row("g", None), row("a", -9.0, True)]])
def test_without_both_there_is_none(rows):
    with pytest.raises(NothingThereError, match="relaxed soundly"):
        amorphous_limits(rows)
