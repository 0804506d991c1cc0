"""Checkpoints: what long work of a run leaves behind on its way, and needs to go on.

They lie beside the tables, in `.checkpoints/<run id>/`, and are of no use once a run is finished.
"""

from __future__ import annotations

from a2c_ray.lake.store import Store

FOLDER = ".checkpoints"


def write_checkpoint(store: Store, run_id: str, name: str, content: bytes) -> None:
    """Make or replace one.

    Raises:
        OSError: the disk is full or not writable; an older one stays as it is.
    """
    store.write(_path(run_id, name), lambda file: file.write(content))


def read_checkpoint(store: Store, run_id: str, name: str) -> bytes | None:
    """What has been written last; None if there is nothing."""
    try:
        return store.read(_path(run_id, name))
    except FileNotFoundError:
        return None


def remove_checkpoint(store: Store, run_id: str, name: str) -> None:
    """Delete one, if it is there."""
    store.delete(_path(run_id, name))


def remove_checkpoints(store: Store, run_id: str) -> None:
    """Delete all of a run, with what killed writers have left of some."""
    for file in store.files(f"{FOLDER}/{run_id}"):
        store.delete(file.path)


def _path(run_id: str, name: str) -> str:
    return f"{FOLDER}/{run_id}/{name}"
