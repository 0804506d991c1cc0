"""JSON read in pieces is the same as JSON read at once."""

from __future__ import annotations

import io
import json

import pytest

from a2c_ray.reading.json_members import json_documents, json_members


@pytest.mark.parametrize("chunk", [1, 7, 10_000])
def test_json_is_read_piece_by_piece(monkeypatch, chunk):
    monkeypatch.setattr("a2c_ray.reading.json_members.CHUNK", chunk)
    value = {"a": {"x": [1, 2.5, "}"]}, 'b"': [], "c": {"y": None}}
    text = json.dumps(value, indent=1)
    assert dict(json_members(io.StringIO(text))) == value
    assert list(json_members(io.StringIO("{}"))) == []
    values = [1, 23.5, "]", {"a": [4]}, None, []]
    members = list(json_members(io.StringIO(json.dumps(values))))
    assert members == [(str(k), value) for k, value in enumerate(values)]
    with pytest.raises(ValueError, match="ends early"):
        list(json_members(io.StringIO(text[:-3])))


@pytest.mark.parametrize("chunk", [1, 7, 10_000])
@pytest.mark.parametrize("between", ["", "\n", "\n\n "])
def test_objects_in_a_row_are_read_one_after_another(monkeypatch, chunk, between):
    monkeypatch.setattr("a2c_ray.reading.json_members.CHUNK", chunk)
    values = [{"a": 1, "b": {"c": [2]}}, {"a": 3}, {}]
    text = between.join(map(json.dumps, values)) + between
    assert [dict(members) for members in json_documents(io.StringIO(text))] == values
    assert [key for key, _ in json_members(io.StringIO(text))] == ["a", "b", "a"]
    with pytest.raises(ValueError, match="no JSON follows its end, but 'g"):
        list(json_members(io.StringIO(text + "garbage")))
