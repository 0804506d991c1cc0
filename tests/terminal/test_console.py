"""The terminal itself."""

from __future__ import annotations

import pytest

from a2c_ray.terminal.console import duration


@pytest.mark.parametrize(
    ("seconds", "text"), [(7.2, "7 s"), (199.6, "3 min 20 s"), (7500, "2 h 05 min")]
)
def test_durations(seconds, text):
    assert duration(seconds) == text
