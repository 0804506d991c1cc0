"""JSON that is larger than memory, a member at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import IO, Any

CHUNK = 1 << 22
"""Characters read at a time."""

CLOSING = {"{": "}", "[": "]"}

SHOWN = 40
"""Characters of what is no JSON."""

_SEPARATORS = re.compile(r"[\s,:]*")

_ENDS = re.compile(r"[\s,:\]}]")
"""What follows a value."""


def json_members(file: IO[str]) -> Iterator[tuple[str, Any]]:
    """Members of all objects and lists of a JSON file, one after another.

    Those of a list are named by their place, from 0.

    Raises:
        ValueError: the file is of something else, or ends early.
    """
    return chain.from_iterable(json_documents(file))


def json_documents(file: IO[str]) -> Iterator[Iterator[tuple[str, Any]]]:
    """The members of each object or list of a file: of one, or of JSON Lines.

    Args:
        file: to be read; the members of one have to be taken before the next is asked for.

    Raises:
        ValueError: the file is of something else, or ends early.
    """
    reader, number = _Reader(file), 0
    while (opening := reader.next_character()) or not number:
        if opening not in CLOSING and number:
            raise ValueError(f"no JSON follows its end, but {reader.shown()!r}")
        if opening not in CLOSING:
            raise ValueError("neither a JSON object nor a list")
        yield _members(reader, CLOSING[opening])
        number += 1


def _members(reader: _Reader, closing: str) -> Iterator[tuple[str, Any]]:
    reader.skip_character()
    number = 0
    while reader.next_character() != closing:
        key = reader.value() if closing == "}" else str(number)
        yield key, reader.value()
        number += 1
    reader.skip_character()


class _Reader:
    """Takes JSON from a file, and keeps no more of its text than is needed.

    Args:
        file: to be read.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file, self._text, self._at = file, "", 0
        self._decoder = json.JSONDecoder()

    def next_character(self) -> str:
        """The next that separates nothing; "" at the end."""
        while True:
            separators = _SEPARATORS.match(self._text, self._at)
            self._at = separators.end() if separators else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            self._text, self._at = self._file.read(CHUNK), 0
            if not self._text:
                return ""

    def skip_character(self) -> None:
        """Go on behind it."""
        self._at += 1

    def value(self) -> Any:
        """The next one, which may be longer than what has been read so far."""
        self.next_character()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except ValueError:
                end = len(self._text)
            if end < len(self._text) and _ENDS.match(self._text, end):
                self._at = end
                return value
            more = self._file.read(max(CHUNK, len(self._text)))
            if not more:
                raise ValueError("the JSON ends early or is damaged")
            self._text, self._at = self._text[self._at :] + more, 0

    def shown(self) -> str:
        """The beginning of what comes next."""
        return self._text[self._at :][:SHOWN].strip()
