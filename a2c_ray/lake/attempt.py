"""Which attempt at a run may write: the latest.

An actor that outlives its driver, cut off from the cluster, must not add rows that a later attempt
at the same run is making again.
"""

from __future__ import annotations

import secrets

from a2c_ray.errors import FatalError
from a2c_ray.lake.lock import FOLDER
from a2c_ray.lake.store import Store


class OutdatedAttemptError(FatalError):
    """A later attempt at the run has begun."""


class LakeGoneError(FatalError):
    """The lake is not there any more."""


def begin_attempt(store: Store, run_id: str) -> str:
    """Take over the writing of a run, which the caller must have locked; returns a token."""
    token = secrets.token_hex(8)
    store.write(_name(run_id), lambda file: file.write(token.encode()))
    return token


def check_attempt(store: Store, run_id: str, token: str) -> None:
    """Refuse to go on for an attempt that is not the latest.

    Raises:
        OutdatedAttemptError: it is not.
        LakeGoneError: the file that tells is not there: the lake's disk has been unmounted, or the
            lake removed. Writing would begin another lake in its place.
    """
    try:
        latest = store.read(_name(run_id)).decode()
    except FileNotFoundError:
        raise LakeGoneError(f"the lake at {store.address} is gone; is its disk mounted?") from None
    if latest != token:
        raise OutdatedAttemptError(f"a later attempt at {run_id} has begun; this one may not write")


def _name(run_id: str) -> str:
    return f"{FOLDER}/{run_id}.attempt"
