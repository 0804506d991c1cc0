"""Lakes of later versions are refused, those of earlier ones are read."""

from __future__ import annotations

import json

import pytest

from a2c_ray.lake import Lake, NewerLakeError, Store, mark_version, write_part
from a2c_ray.lake.schemas import VERSION
from a2c_ray.lake.version import FILE, DamagedVersionError


@pytest.fixture
def store(tmp_path):
    store = Store.at(tmp_path / "lake")
    write_part(store, "relaxed", "MgF2", "run1", "a", [{"subcell_id": "s"}])
    return store


def note(store, text):
    store.write(FILE, lambda file: file.write(text.encode()))


def test_writers_note_their_version(store):
    note(store, json.dumps({"tables": 1}))
    mark_version(store)
    assert json.loads(store.read(FILE)) == {"tables": VERSION}
    before = store.files()
    mark_version(store)
    assert store.files() == before


def test_a_lake_without_a_version_is_an_early_one(store):
    assert Lake(store.root).sql("SELECT subcell_id FROM relaxed").fetchall() == [("s",)]


def test_a_newer_lake_is_refused_in_one_line(store):
    note(store, json.dumps({"tables": VERSION + 1}))
    for use in (lambda: Lake(store.root), lambda: mark_version(store)):
        with pytest.raises(NewerLakeError, match=rf"version {VERSION + 1}.*knows {VERSION}") as e:
            use()
        assert "\n" not in str(e.value)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"tables": null}'])
def test_a_damaged_version_is_told(store, text):
    note(store, text)
    with pytest.raises(DamagedVersionError, match=r"lake\.json is damaged: delete it"):
        Lake(store.root)
