"""Texts, compressed or not. One that would go on for ever is given up, and never in memory."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
"""Of compressed texts, by the ending of their names."""

FAULTS = (OSError, EOFError, lzma.LZMAError, zlib.error)
"""What reading them can raise."""

MOST_EXPANSION = 100
"""Times that a text may be longer than its file. Structures are 3 to 30 times as long."""

ALWAYS = 2**28
"""Bytes of a text that are read in any case."""

ENCODING = "utf-8-sig"
"""UTF-8, with or without a mark at the beginning, which editors of Windows write."""


class ExpansionError(OSError):
    """A file decompresses to more than any structures would."""


def open_text(path: Path, errors: str = "strict") -> IO[str]:
    """A text in UTF-8, decompressed by the ending of its name as it is read.

    Args:
        path: of the file.
        errors: what is done with bytes that are no text, as for `open`.

    Raises:
        ExpansionError: when it has become too long, while it is read.
    """
    opener = OPENERS.get(path.suffix.lower())
    if opener is None:
        return path.open(encoding=ENCODING, errors=errors)
    most = max(ALWAYS, MOST_EXPANSION * path.stat().st_size)
    bounded = io.BufferedReader(_Bounded(opener(path, "rb"), most))
    return io.TextIOWrapper(bounded, encoding=ENCODING, errors=errors)


class _Bounded(io.RawIOBase):
    """Bytes of a compressed file, up to a number.

    Args:
        content: decompressed.
        most: bytes.
    """

    def __init__(self, content: io.BufferedIOBase, most: int) -> None:
        self._content = content
        self._most = self._left = most

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes."""
        n_read = self._content.readinto(buffer)
        self._left -= n_read
        if self._left < 0:
            raise ExpansionError(
                f"decompresses to more than {self._most:.3g} bytes, which no structures do; "
                "decompress it yourself if they are some"
            )
        return n_read

    def close(self) -> None:
        """The file, too."""
        self._content.close()
        super().close()
