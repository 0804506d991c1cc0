"""A subcell of a lake is found and followed as its run followed it."""

from __future__ import annotations

import dataclasses
import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from a2c_ray.lake import Lake, Store, write_part
from a2c_ray.potentials.loading import load_potential
from a2c_ray.recompute import trace
from a2c_ray.recompute.trace import UnknownSubcellError, trace_subcell

SOUND = "SELECT subcell_id FROM relaxed WHERE energy_per_atom IS NOT NULL AND steps > 9"


@pytest.fixture(scope="module")
def lake(silicon_lake, tmp_path_factory) -> Path:
    """Of a run, and another that has been started since."""
    copy = tmp_path_factory.mktemp("traced") / "lake"
    shutil.copytree(silicon_lake, copy)
    later = {"attempt": 1, "started_at": datetime.now(UTC), "config": "{}"}
    write_part(Store.at(copy), "runs", "C", "c-1", "0001", [later])
    return copy


@pytest.fixture(scope="module")
def subcell_ids(lake) -> list[str]:
    """Soundly relaxed, one of each glass."""
    found = Lake(lake).sql(f"{SOUND} QUALIFY row_number() OVER (PARTITION BY glass_id) = 1")
    return sorted(subcell_id for (subcell_id,) in found.fetchall())


def test_the_end_is_the_lake_s_to_the_last_bit(lake, subcell_ids):
    assert len(subcell_ids) == 2
    for subcell_id in subcell_ids:
        trace = trace_subcell(lake, subcell_id)
        path, row = trace.recording, trace.row
        assert (row.subcell_id, trace.glass.glass_id) == (subcell_id, row.glass_id)
        assert (path.outcome.label, path.n_steps) == (row.outcome, row.steps)
        assert trace.difference == 0.0
        assert path.max_force[-1] == row.max_force
        end = path.cell(-1).structure
        np.testing.assert_array_equal(end.lattice.matrix.ravel(), row.lattice)
        np.testing.assert_array_equal(end.frac_coords.ravel(), row.frac_coords)
        assert trace.remarks == ()
        assert len(trace.snapshots) > 10


def test_another_optimizer_is_followed_and_told(lake, subcell_ids):
    trace = trace_subcell(lake, subcell_ids[0], optimizer="fire")
    assert trace.optimizer == "fire"
    assert trace.recording.n_steps > trace.row.steps
    (remark,) = trace.remarks
    assert remark.startswith("the run used lbfgs, which took ")


def test_other_weights_are_told(lake, subcell_ids, monkeypatch):
    other = dataclasses.replace(load_potential("stillinger-weber"), fingerprint="other")
    monkeypatch.setattr(trace, "run_potential", lambda *_: other)
    (remark,) = trace_subcell(lake, subcell_ids[0]).remarks
    assert "fingerprint other, not" in remark


def test_ids_that_are_no_subcell(lake, subcell_ids):
    glass_id = subcell_ids[0].rsplit("-", 2)[0]
    product_id = Lake(lake).sql("SELECT min(product_id) FROM products").fetchall()[0][0]
    for wrong, words in (
        (glass_id, f"{glass_id} is a glass; a subcell of a glass is, for example, {glass_id}-"),
        (product_id, f"{product_id} is a product; its lowest subcell is si-"),
        (subcell_ids[0] + "0", f"did you mean {subcell_ids[0]}?"),
        ("", "no subcell '' in the lake"),
    ):
        with pytest.raises(UnknownSubcellError) as error:
            trace_subcell(lake, wrong)
        assert words in str(error.value)


def test_a_subcell_that_did_not_relax_has_no_path(tmp_path):
    rows = [{"subcell_id": "s", "outcome": "exploded"}]
    write_part(Store.at(tmp_path), "relaxed", "Si", "si-1", "g0", rows)
    with pytest.raises(UnknownSubcellError, match="subcell s ended as exploded"):
        trace_subcell(tmp_path, "s")
    with pytest.raises(UnknownSubcellError, match="has no relaxed subcell yet"):
        trace_subcell(tmp_path, "t")
