"""What an actor says of its unit while it works on it."""

from __future__ import annotations

import time

from a2c_ray.cluster.worker import IDLE, Reporter


def test_what_was_done_before_is_told_apart():
    """A resumed unit begins in the middle: its pace is that of what it has done since."""
    report = Reporter(7)
    assert report.progress == IDLE._replace(unit_id=7)
    report(4000, 10_000)
    assert report.progress[:5] == (7, 4000, 10_000, 4000, 0.0)
    time.sleep(0.01)
    report(4100, 10_000)
    assert report.progress[:4] == (7, 4100, 10_000, 4000)
    assert 0.01 <= report.progress.going_s < 10
