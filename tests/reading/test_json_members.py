"""JSON read in pieces is the same as JSON read at once."""

from __future__ import annotations

import io
import json

import pytest

from a2c_ray.reading.json_members import json_members


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
