"""What the driver of a run in progress wrote last: a side file of the run, as its lock is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from a2c_ray.lake.store import Store

FOLDER = ".status"


def write_live_status(store: Store, run_id: str, status: Mapping[str, Any]) -> None:
    """Replace what is known of a run in progress.

    Raises:
        OSError: the lake cannot be written to.
    """
    text = json.dumps(status) + "\n"
    store.write(_name(run_id), lambda file: file.write(text.encode()))


def read_live_status(store: Store, run_id: str) -> dict[str, Any] | None:
    """What a driver wrote last; None if it wrote nothing."""
    try:
        return json.loads(store.read(_name(run_id)))
    except FileNotFoundError:
        return None


def _name(run_id: str) -> str:
    return f"{FOLDER}/{run_id}.json"
