"""Texts of others, maybe from somebody else's lake or file, made safe to be shown on a terminal."""

from __future__ import annotations

BIDIRECTIONAL = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Characters that let a text be shown in another order than it has."""

CONTROL = {c: f"\\x{c:02x}" for c in (*range(9), *range(11, 32), *range(127, 160))} | {
    c: f"\\u{c:04x}" for c in BIDIRECTIONAL
}
"""What controls a terminal, but for tabs and line ends, and how it is shown instead."""


def harmless(text: str) -> str:
    """A text whose control characters are visible and do nothing."""
    return text.translate(CONTROL)
