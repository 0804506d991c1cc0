"""Superseded parts go without anybody asking for it."""

from __future__ import annotations

import os
import time

from a2c_ray.campaign import tidying
from a2c_ray.campaign.tidying import Tidying
from a2c_ray.lake import Lake, Store, merge_run, write_part
from a2c_ray.lake.compaction import READING_TIME


def test_they_go_once_nobody_can_be_reading_them(tmp_path, monkeypatch):
    store = Store.at(tmp_path / "lake")
    for k in range(3):
        row = {"subcell_id": f"g0-{k}", "glass_id": "g0", "outcome": "fused"}
        write_part(store, "relaxed", "Si", "run1", f"g0.{k}", [row])
    merge_run(store, "Si", "run1")
    keeper = Tidying([store, store])
    keeper.tidy()
    assert len(store.files("relaxed")) == 4
    then = time.time() - (READING_TIME.total_seconds() + 60)
    for file in store.files("relaxed"):
        os.utime(store.path(file.path), (then, then))
    keeper.tidy()  # too soon after the last look
    assert len(store.files("relaxed")) == 4
    monkeypatch.setattr(tidying, "TIDY_S", 0.0)
    keeper.tidy()
    assert len(store.files("relaxed")) == 1
    assert Lake(store.root).sql("SELECT count(*) FROM relaxed").fetchall() == [(3,)]


def test_a_lake_that_cannot_be_read_stops_nothing(tmp_path, monkeypatch, caplog):
    def fail(store):
        raise OSError("the disk is gone")

    monkeypatch.setattr(tidying, "remove_superseded", fail)
    Tidying([Store.at(tmp_path / "lake")]).tidy()
    assert "the disk is gone" in caplog.text
