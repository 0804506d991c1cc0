"""A campaign whose lake is in an object store."""

from __future__ import annotations

import errno
import platform

import pytest
from campaigns import ROWS, SMALL, a2c

from a2c_ray.campaign import destination
from a2c_ray.campaign.destination import Destination, LakeDeniedError, LakeFullError
from a2c_ray.lake import Lake, Store, mark_version


def test_a_node_without_keys_says_so(s3_lake, monkeypatch):
    """Uploads without keys are framed, which this server stores as if it were part of the file."""
    store = Store.at(s3_lake)
    mark_version(store)
    there = Destination.begin(store, "Si", "run1", 10.0)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    keyless = Destination(Store.at(s3_lake), "Si", "run1", there.attempt)
    with pytest.raises(LakeFullError, match=r"bytes there, not .*AWS_ACCESS_KEY_ID.*every node"):
        keyless.write("relaxed", "a", [{"subcell_id": "s"}])


@pytest.mark.parametrize("words", ["AWS Error ACCESS_DENIED", "UNKNOWN (HTTP status 403)"])
def test_a_node_that_is_not_let_in_says_so_at_once(s3_lake, monkeypatch, words):
    there = Destination.begin(Store.at(s3_lake), "Si", "run1", 10.0)

    def refuse(*_):
        raise OSError(f"When reading information for key 'lake': {words} during HeadObject")

    monkeypatch.setattr(destination, "check_attempt", refuse)
    monkeypatch.setattr(destination, "read_checkpoint", refuse)
    told = rf"{platform.node()} has no access to s3://.* of every node"
    with pytest.raises(LakeDeniedError, match=told):
        there.write("relaxed", "a", [{"subcell_id": "s"}])
    with pytest.raises(LakeDeniedError, match=told):
        there.read_checkpoint("g0")


def test_what_passes_is_not_final(s3_lake, monkeypatch):
    there = Destination.begin(Store.at(s3_lake), "Si", "run1", 10.0)

    def fail(*_):
        raise OSError(errno.ECONNRESET, "connection reset")

    monkeypatch.setattr(destination, "check_attempt", fail)
    with pytest.raises(OSError, match="connection reset"):
        there.check()


@pytest.mark.slow
def test_a_campaign_writes_to_an_object_store_and_resumes_from_it(tmp_path, s3_lake):
    arguments = [
        "run",
        *SMALL,
        "crystallize.max_subcells=12",
        f'lake.path="{s3_lake}"',
    ]
    run = a2c(tmp_path, *arguments)
    output, _ = run.communicate(timeout=300)
    assert run.returncode == 0, output
    assert "CIF:      " in output
    lake = Lake(s3_lake)
    rows = lake.sql(ROWS).fetchall()
    assert len(rows) == 24
    assert [file.path for file in lake.store.files("cif")]
    assert not (tmp_path / "lake").exists()

    again = a2c(tmp_path, *arguments)
    output, _ = again.communicate(timeout=300)
    assert again.returncode == 0, output
    assert lake.sql(ROWS).fetchall() == rows
    assert lake.sql("SELECT count(*) FROM runs").fetchall() == [(2,)]
    status = a2c(tmp_path, "status", "--lake", s3_lake)
    assert "24/24" in status.communicate(timeout=60)[0]
