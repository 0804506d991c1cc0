"""JSON that is larger than memory, a member at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import IO, Any

CHUNK = 1 << 22
"""Characters read at a time."""

_SEPARATORS = re.compile(r"[\s,:]*")

_ENDS = re.compile(r"[\s,\]}]")
"""What follows a value."""


def json_members(file: IO[str]) -> Iterator[tuple[str, Any]]:
    """Members of the one object or list of a JSON file, one after another.

    Those of a list are named by their place, from 0.

    Raises:
        ValueError: the file is neither, or ends early.
    """
    text = file.read(CHUNK)
    at = _skip_separators(text, 0)
    closing = {"{": "}", "[": "]"}.get(text[at : at + 1])
    if closing is None:
        raise ValueError("neither a JSON object nor a list")
    decoder, number = json.JSONDecoder(), 0
    at = _skip_separators(text, at + 1)
    while text[at : at + 1] != closing:
        try:
            key, end = str(number), at
            if closing == "}":
                key, end = decoder.raw_decode(text, at)
            value, end = decoder.raw_decode(text, _skip_separators(text, end))
            if not _ENDS.match(text, end):
                raise ValueError("a number may go on")
        except ValueError:
            more = file.read(max(CHUNK, len(text)))
            if not more:
                raise ValueError("the JSON ends early or is damaged") from None
            text = text[at:] + more
            at = _skip_separators(text, 0)
            continue
        yield key, value
        number += 1
        at = _skip_separators(text, end)


def _skip_separators(text: str, at: int) -> int:
    separators = _SEPARATORS.match(text, at)
    return separators.end() if separators else at
