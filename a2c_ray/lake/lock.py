"""One driver a run.

On disks the operating system keeps the lock, and drops it when its holder dies (flock(2), which
Linux passes on over NFS). Object stores have no locks: there the holder keeps renewing a lease, and
one that is not renewed for a while is taken over. No clocks are compared.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO

from a2c_ray.errors import OperationError
from a2c_ray.lake.store import Store

FOLDER = ".locks"

RENEWAL_S = 5.0
"""Time between two renewals of a lease, s."""

PATIENCE = 4
"""Renewals that may be missing before a lease is taken over."""

SETTLING_S = 1.0
"""Time in which two that take a lease at once see each other, s."""


LEASE_LENGTH = 400
"""Characters of a lease."""


class RunLockedError(OperationError):
    """Another driver works on the run."""


def run_lock(store: Store, run_id: str) -> AbstractContextManager[None]:
    """Hold a run.

    Args:
        store: of the lake.
        run_id: of the run.

    Raises:
        RunLockedError: names the host and process that hold it.
    """
    name = f"{FOLDER}/{run_id}.lock"
    if store.is_local:
        return _flock(Path(store.path(name)), run_id)
    return _lease(store, name, run_id)


def is_held(store: Store, run_id: str) -> bool:
    """Whether a driver on this machine, or on one that shares its disk, works on a run."""
    path = Path(store.path(f"{FOLDER}/{run_id}.lock"))
    if not store.is_local or not path.exists():
        return False
    with path.open("r") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextmanager
def _flock(path: Path, run_id: str) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        if not _lock_file(file):
            file.seek(0)
            raise _locked(run_id, file.read().strip())
        file.truncate(0)
        file.write(f"{this_process()}\n")
        file.flush()
        yield


def _lock_file(file: IO[str]) -> bool:
    """Try to lock a file, and again: `is_held` holds it for a moment."""
    for _ in range(3):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            time.sleep(0.02)
    return False


@contextmanager
def _lease(store: Store, name: str, run_id: str) -> Iterator[None]:
    found = _content(store, name)
    if found:
        time.sleep(PATIENCE * RENEWAL_S)
        if _content(store, name) not in (found, ""):
            raise _locked(run_id, found.splitlines()[0])
    mine = _renew(store, name)
    time.sleep(SETTLING_S)
    last = _content(store, name)
    if last != mine:
        raise _locked(run_id, last.split("\n")[0])
    released = threading.Event()
    renewing = threading.Thread(target=_keep_renewing, args=(store, name, released), daemon=True)
    renewing.start()
    try:
        yield
    finally:
        released.set()
        renewing.join()
        store.delete(name)


def _keep_renewing(store: Store, name: str, released: threading.Event) -> None:
    while not released.wait(RENEWAL_S):
        try:
            _renew(store, name)
        except OSError:  # try again at the next renewal
            continue


def _renew(store: Store, name: str) -> str:
    """Write the lease anew; returns what is in it."""
    # Of one length, whoever writes it: two may do so at once, and look for what they have written.
    content = f"{this_process()}\n{secrets.token_hex(8)}".ljust(LEASE_LENGTH) + "\n"
    store.write(name, lambda file: file.write(content.encode()))
    return content


def _content(store: Store, name: str) -> str:
    try:
        return store.read(name).decode()
    except FileNotFoundError:
        return ""


def this_process() -> str:
    """For people who look for the driver of a run."""
    return f"process {os.getpid()} on {socket.gethostname()}"


def _locked(run_id: str, holder: str) -> RunLockedError:
    return RunLockedError(
        f"{run_id} is being run by {holder or 'another process'}; wait for it or stop it"
    )
