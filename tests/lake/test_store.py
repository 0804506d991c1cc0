"""Where a lake is, and that its files appear whole or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from a2c_ray.lake import LakeAddressError, Store


@pytest.fixture
def store(tmp_path):
    return Store.at(tmp_path / "lake")


def write(store, name, content=b"content"):
    store.write(name, lambda file: file.write(content))


def test_a_file_is_written_listed_moved_and_deleted(store):
    write(store, "table/run=1/a", b"abc")
    assert store.read("table/run=1/a") == b"abc"
    (file,) = store.files("table")
    assert (file.path, file.size) == ("table/run=1/a", 3)
    assert abs(datetime.now(UTC) - file.modified) < timedelta(minutes=1)
    store.move("table/run=1/a", "table/run=1/b")
    assert [file.path for file in store.files()] == ["table/run=1/b"]
    store.delete("table/run=1/b")
    store.delete("table/run=1/b")
    assert store.files() == []


def test_files_are_listed_by_name_and_folder(store):
    for name in ("b/2", "a/1", "ab/3"):
        write(store, name)
    assert [file.path for file in store.files()] == ["a/1", "ab/3", "b/2"]
    assert [file.path for file in store.files("a")] == ["a/1"]
    assert store.files("nothing") == []


def test_a_file_is_replaced_at_once_or_not_at_all(store):
    write(store, "a", b"old")

    def fails_midway(file):
        file.write(b"half of the")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        store.write("a", fails_midway)
    assert store.read("a") == b"old"
    assert [file.path for file in store.files()] == ["a"]
    write(store, "a", b"new")
    assert store.read("a") == b"new"


def test_a_lake_exists_once_something_is_there(store):
    assert not store.exists
    write(store, "a")
    assert store.exists


def test_relative_folders_and_uris_are_local(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(Store.at("lake"), "a")
    for address in ("lake", Path("lake"), f"file://{tmp_path}/lake", f"file://{tmp_path}/lake/"):
        store = Store.at(address)
        assert store.is_local
        assert store.address == str(address)
        assert store.read("a") == b"content"


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("s3://key:secret@bucket/lake", "AWS_ACCESS_KEY_ID"),
        ("s3://key:sec/ret@bucket/lake", "AWS_ACCESS_KEY_ID"),
        ("ftp://host/lake", "cannot use ftp://host/lake as a lake"),
        ("s3://bucket/lake?regoin=eu-central-1", "regoin"),
        ("s3://?region=eu-central-1", "names no bucket"),
    ],
)
def test_an_address_that_cannot_be_used_is_told_in_one_line(address, told):
    with pytest.raises(LakeAddressError, match=told) as error:
        Store.at(address)
    assert "\n" not in str(error.value)
    assert "ret@" not in str(error.value)


@pytest.mark.parametrize(
    "address",
    [
        "s3://user:hidden@bucket/lake",
        "s3://user%3Ahidden@bucket/lake",
        "s3://bucket/lake?region=r&secret_key=hidden",
        "s3://bucket/lake?endpoint_override=http://user:hidden@host",
        "s3://bucket/lake?endpoint_override=http://host/%3Ftoken%3Dhidden",
        "abfs://account/lake?sas_token=hidden",
    ],
)
def test_credentials_in_an_address_are_refused_and_not_repeated(address):
    with pytest.raises(LakeAddressError, match="credentials do not belong") as told:
        Store.at(address)
    assert "hidden" not in str(told.value)
