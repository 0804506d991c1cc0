"""What strayed is found in a lake, and what did not is left in peace."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest
from pymatgen.core import Lattice, Structure

from a2c_ray.lake import Lake, Store, structure_columns, write_part
from a2c_ray.results import RunResults
from a2c_ray.results.trust import (
    CLOSE_CONTACT,
    FORCE_SPIKE,
    DoubtfulProduct,
    judge_run,
    remarks,
    verdicts,
)


def fluorite(edge: float) -> dict:
    """Columns of titania in fluorite's structure, edge in Å."""
    places = [[0, 0, 0], [0.25, 0.25, 0.25]]
    return structure_columns(
        Structure.from_spacegroup("Fm-3m", Lattice.cubic(edge), ["Ti", "O"], places)
    )


SOUND = {
    "outcome": "converged",
    "closest_contact": 0.7,
    "peak_force": 20.0,
    **fluorite(4.8),
}


def cells(n=20, **changes):
    """Soundly relaxed, from -8.0 eV/atom upwards in steps of 0.02."""
    return [
        SOUND | {"subcell_id": f"c{k:02d}", "energy_per_atom": -8.0 + 0.02 * k} | changes
        for k in range(n)
    ]


def product(name, *members):
    return {"product_id": name, "subcell_id": members[0], "subcell_ids": list(members)}


@pytest.fixture
def judge(tmp_path):
    """Judges a run that is made of rows."""

    def judged(relaxed, products=(), glasses=()):
        store = Store.at(tmp_path / "lake")
        for table, rows in (
            ("relaxed", relaxed), ("products", products), ("amorphous", glasses)
        ):  # fmt: skip
            write_part(store, table, "TiO2", "run1", "a", list(rows))
        return judge_run(Lake(tmp_path / "lake", "run1"))

    return judged


def test_a_sound_run_gets_one_line(judge):
    glass = {"outcome": "glass", "closest_contact": 0.62, "peak_force": 30.0}
    trust = judge(cells(), [product("p0", "c00", "c01")], [glass])
    assert remarks(trust) == []
    assert verdicts(trust) == [
        "nothing unusual: contacts above 0.55 of the covalent radii, forces below 100 eV/Å, "
        "no energy outliers"
    ]
    assert (trust.n_relaxed, trust.n_glasses, trust.closest_contact) == (20, 1, 0.7)


def test_a_hole_that_is_a_product_comes_first(judge):
    hole = SOUND | fluorite(4.0) | {"subcell_id": "hole", "energy_per_atom": -8.9}
    fused = SOUND | {"subcell_id": "f", "outcome": "fused", "energy_per_atom": None}
    trust = judge([*cells(), hole, fused], [product("p0", "hole"), product("p1", "c00")])
    assert trust.doubtful == (DoubtfulProduct("p0", True, True, 0, 1),)
    assert (trust.n_low, trust.lowest.subcell_id, trust.n_fused) == (1, "hole", 1)
    assert remarks(trust) == [
        "p0: its energy is far below all others of the formula, its atoms are closer: a hole of "
        "the potential",
        "of 22 relaxations, 1 fused",
    ]


def test_what_few_have_reached_is_doubtful_too(judge):
    low = SOUND | {"subcell_id": "low", "energy_per_atom": -8.9}
    trust = judge([*cells(), low], [product("p0", "low")])
    assert trust.doubtful == (DoubtfulProduct("p0", True, False, 0, 1),)
    assert remarks(trust) == [
        "p0: its energy is far below all others of the formula: hardly anything has reached it, or "
        "the potential has a hole"
    ]


def test_a_hole_that_is_no_product_is_told_too(judge):
    hole = SOUND | {"subcell_id": "hole", "energy_per_atom": -8.9}
    assert remarks(judge([*cells(), hole])) == [
        "1 energy far below all others of the formula, the lowest -8.9000 eV/atom (hole)"
    ]


def test_an_isolated_group_is_found_where_energies_spread_widely(judge):
    """The quartiles are so far apart that nothing is below the fence."""
    wide = [c | {"energy_per_atom": -8.0 + 0.1 * k} for k, c in enumerate(cells(20))]
    holes = [SOUND | {"subcell_id": f"h{k}", "energy_per_atom": -8.4 + 0.01 * k} for k in range(3)]
    trust = judge([*wide, *holes])
    assert (trust.n_low, trust.lowest.subcell_id) == (3, "h0")


@pytest.mark.parametrize(
    "changes",
    [
        {"polymorph": "rutile"},  # published
        {"energy_per_atom": -8.25},  # within the gap
        {"formula": "TiO"},  # too few to judge
    ],
)
def test_what_is_no_hole(judge, changes):
    lowest = SOUND | {"subcell_id": "low", "energy_per_atom": -9.0} | changes
    trust = judge([*cells(), lowest], [product("p0", "low")])
    assert trust.n_low == 0
    assert trust.doubtful == ()


def test_a_ground_state_of_many_is_no_hole(judge):
    """One in three has reached it, and everything else is far above."""
    ground = [SOUND | {"subcell_id": f"g{k}", "energy_per_atom": -9.0} for k in range(10)]
    assert judge([*cells(), *ground]).n_low == 0


def test_energies_that_are_nearly_all_the_same_have_no_outliers(judge):
    """The quartiles coincide."""
    same = [c | {"energy_per_atom": -8.0} for c in cells(30)]
    better = SOUND | {"subcell_id": "better", "energy_per_atom": -8.1}
    assert judge([*same, better]).n_low == 0


def test_contacts_and_spikes(judge):
    rows = cells()
    rows[0] |= {"closest_contact": CLOSE_CONTACT - 0.01}
    rows[1] |= {"peak_force": FORCE_SPIKE + 1}
    rows[2] |= {"peak_force": 1e6, "outcome": "exploded", "energy_per_atom": None}
    glass = {"outcome": "glass", "closest_contact": 0.5, "peak_force": 300.0}
    products = [product("p0", "c00", "c01"), product("p1", "c00", "c05"), product("p2", "c06")]
    trust = judge(rows, products, [glass, glass | {"closest_contact": 0.6}])
    assert (trust.n_close, trust.n_spikes, trust.n_exploded) == (1, 1, 1)
    assert (trust.n_close_glasses, trust.n_spiked_glasses) == (1, 2)
    assert (trust.closest_contact, trust.peak_force) == (CLOSE_CONTACT - 0.01, FORCE_SPIKE + 1)
    assert trust.doubtful == (DoubtfulProduct("p0", False, False, 2, 2),)
    assert remarks(trust) == [
        "p0: only relaxations that strayed have reached it",
        "of 20 relaxations, 1 had contacts below 0.55 of the covalent radii, 1 had forces above "
        "100 eV/Å, 1 exploded",
        "of 2 glasses, 1 had contacts below 0.55 of the covalent radii, 2 had forces above "
        "100 eV/Å",
    ]


def test_runs_of_earlier_versions_have_not_recorded_it(judge, tmp_path):
    """Their parts lack the columns."""
    judge(
        [*cells(), SOUND | {"subcell_id": "hole", "energy_per_atom": -8.9}], [product("p0", "hole")]
    )
    (path,) = (tmp_path / "lake").glob("relaxed/**/*.parquet")
    later = ["closest_contact", "peak_force"]
    pq.write_table(pq.read_table(path).drop_columns(later), path)
    trust = judge_run(Lake(tmp_path / "lake", "run1"))
    assert (trust.n_close, trust.n_spikes, trust.closest_contact) == (None, None, None)
    assert trust.doubtful[0].is_low
    assert len(remarks(trust)) == 1


def test_what_is_not_recorded_is_said(judge):
    unknown = {"closest_contact": None, "peak_force": None}
    assert verdicts(judge(cells(**unknown))) == [
        "no energy outliers; contacts and forces on the way are not recorded"
    ]


def test_a_run_without_relaxations_has_nothing_to_judge(judge):
    trust = judge([])
    assert (trust.n_relaxed, trust.n_close, trust.doubtful) == (0, None, ())
    assert verdicts(trust) == []


def test_every_run_of_a_lake_in_sql(judge, tmp_path):
    judge(cells())
    write_part(
        Store.at(tmp_path / "lake"), "amorphous", "MgF2", "run2", "a", [{"outcome": "glass"}]
    )
    query = "SELECT run_id, n_relaxed, n_glasses, n_close FROM trust(0.71, 100)"
    assert Lake(tmp_path / "lake").sql(query).fetchall() == [
        ("run2", 0, 1, None),
        ("run1", 20, 0, 20),
    ]


def test_a_real_run_has_recorded_it(silicon_lake):
    """Two glasses of silicon, whose potential has no holes."""
    trust = judge_run(RunResults.open(silicon_lake).lake)
    assert trust.n_close == trust.n_close_glasses == trust.n_low == 0
    assert CLOSE_CONTACT < trust.closest_contact < 1.0
    assert trust.peak_force > 1.0
    assert trust.doubtful == ()
