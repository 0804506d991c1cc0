"""The listing of a lake is for people."""

from __future__ import annotations

import pytest

from a2c_ray.lake import Store, write_part
from a2c_ray.terminal.console import size_text
from a2c_ray.terminal.lake_listing import listing


def test_a_line_a_run(tmp_path):
    for run in ("run1", "a-longer-name"):
        write_part(Store.at(tmp_path), "relaxed", "MgF2", run, "a", [{"subcell_id": "s"}] * 2)
    heading, *runs = listing(str(tmp_path)).splitlines()
    assert heading.split()[:3] == ["run", "system", "status"]
    assert [line.split()[:7] for line in runs] == [
        ["a-longer-name", "MgF2", "-", "0", "2", "0", "1"],
        ["run1", "MgF2", "-", "0", "2", "0", "1"],
    ]


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (12_540_000, "12.5 MB"), (999_600_000, "1 GB"),
     (3.2e12, "3.2 TB")],
)  # fmt: skip
def test_sizes(n_bytes, text):
    assert size_text(n_bytes) == text
