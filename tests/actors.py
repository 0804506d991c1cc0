"""Processes of Ray actors that tests kill."""

from __future__ import annotations

from contextlib import suppress

import psutil


def actor_pids(name: str) -> list[int]:
    """Of the actors of a class that this process has started, and no one else's."""
    pids = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # ended meanwhile
            if "".join(child.cmdline()).startswith(f"ray::{name}"):
                pids.append(child.pid)
    return pids
