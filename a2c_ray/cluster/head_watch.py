"""Whether the head of the Ray cluster is still there, seen from beside the driver's own work.

Ray blocks the calls of a driver whose head is gone, and after a minute, or when another head
answers in its place, ends its process in the middle of C++ code.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import ray

LOOK_S = 1.0
"""Time between two looks, s."""

ANSWER_S = 5.0
"""Time in which the head must take a connection, s."""

MOST_MISSED = 5
"""Looks in a row without a head after which it is gone."""


@contextmanager
def watching_head(address: str | None, on_gone: Callable[[], object]) -> Iterator[None]:
    """Look after the head of the cluster that this process has joined or started.

    Args:
        address: that was joined, see `start_ray`. Heads behind Ray's client (`ray://`) are not
            watched: its connection tells by itself.
        on_gone: called on a thread of its own, once; the main thread may be in a call that never
            returns.
    """
    if (address or "").startswith("ray://"):
        yield
        return
    host, _, port = ray.get_runtime_context().gcs_address.rpartition(":")
    ended = threading.Event()
    thread = threading.Thread(
        target=_watch, args=(host.strip("[]"), int(port), ended, on_gone), daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _watch(host: str, port: int, ended: threading.Event, on_gone: Callable[[], object]) -> None:
    n_missed = 0
    while not ended.wait(LOOK_S):
        try:
            socket.create_connection((host, port), ANSWER_S).close()
            n_missed = 0
        except OSError:
            n_missed += 1
        if n_missed >= MOST_MISSED:
            on_gone()
            return
