"""How a process that has run all tests ends."""

from __future__ import annotations

import atexit
import os
import sys

_status: list[int] = []


def leave_with(status: int) -> None:
    """End with this status once Python's own exit handlers are through."""
    _status.append(status)


def _leave() -> None:
    """Skip what the interpreter does after its exit handlers.

    Then the libraries that tests have loaded into one process (Arrow, DuckDB, LLVM, Ray, XLA) take
    down dozens of threads in no order of ours: of some forty processes whose tests had all passed
    one ended there with a segmentation fault.
    """
    if not _status:
        return
    failed = hasattr(sys, "last_value")  # an exception since the tests, which Python has printed
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(_status[-1] or int(failed))


# The first that is registered is called last.
atexit.register(_leave)
