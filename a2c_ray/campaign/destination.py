"""Where the rows of a run go, and what is there already."""

from __future__ import annotations

import hashlib
import logging
import platform
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from a2c_ray.errors import FatalError
from a2c_ray.lake import (
    Lake,
    Store,
    begin_attempt,
    check_attempt,
    read_checkpoint,
    remove_checkpoint,
    rows_below,
    write_checkpoint,
    write_part,
)
from a2c_ray.lake.store import KEYS

LOG = logging.getLogger(__name__)


DENIED = ("ACCESS_DENIED", "SIGNATURE", "INVALID_ACCESS_KEY", "HTTP status 403")
"""In what pyarrow says of an object store that lets nobody in without keys."""


class LakeFullError(FatalError):
    """Results cannot be written."""


class LakeDeniedError(FatalError):
    """An object store does not know who is asking."""


@dataclass(frozen=True)
class Destination:
    """Where a unit's rows go.

    store: of the lake.
    system, run_id: whose rows they are.
    attempt: token of the attempt at the run, see `lake.attempt`.
    write_s: time after which what a unit has finished is written, s.
    """

    store: Store
    system: str
    run_id: str
    attempt: str
    write_s: float = 10.0

    @classmethod
    def begin(cls, store: Store, system: str, run_id: str, write_s: float) -> Destination:
        """Of a new attempt at a run, which the caller must have locked."""
        return cls(store, system, run_id, begin_attempt(store, run_id), write_s)

    def open_lake(self) -> Lake:
        """The lake as SQL tables, of this run alone: damage to others does not matter."""
        return Lake(self.store, self.run_id)

    def check(self) -> None:
        """Refuse to go on for an attempt that is not the latest.

        Raises:
            OutdatedAttemptError: a later attempt at the run has begun.
            LakeDeniedError: the object store of the lake refuses.
        """
        with self._let_in():
            check_attempt(self.store, self.run_id, self.attempt)

    def write(self, table: str, part_id: str, rows: Sequence[dict[str, Any]]) -> None:
        """Write one part.

        Raises:
            OutdatedAttemptError: a later attempt at the run has begun.
            LakeFullError: the disk is full or not writable.
        """
        with self.writing():
            write_part(self.store, table, self.system, self.run_id, part_id, rows)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Around whatever writes results.

        Raises:
            OutdatedAttemptError: a later attempt at the run has begun.
            LakeFullError: the disk is full or not writable.
        """
        self.check()
        try:
            yield
        except OSError as error:
            reason = error.strerror or str(error).splitlines()[0]
            raise LakeFullError(
                f"{platform.node()} cannot write to {self.store.address}: {reason}"
            ) from None

    def rows(self, table: str, part_id: str) -> list[dict[str, Any]]:
        """What a part holds, or the parts below it.

        Raises:
            UnreadablePartError: one is damaged, or cannot be had.
        """
        return rows_below(self.store, table, self.system, self.run_id, part_id)

    def write_checkpoint(self, name: str, content: bytes) -> None:
        """Keep what unfinished work goes on from; a disk that is full costs no more than that.

        Raises:
            OutdatedAttemptError: a later attempt at the run has begun.
        """
        self.check()
        try:
            write_checkpoint(self.store, self.run_id, name, content)
        except OSError as error:
            LOG.warning("no checkpoint of %s: %s", name, error)

    def read_checkpoint(self, name: str) -> bytes | None:
        """What unfinished work goes on from; None if it has left nothing.

        Raises:
            LakeDeniedError: the object store of the lake refuses.
        """
        with self._let_in():
            return read_checkpoint(self.store, self.run_id, name)

    def remove_checkpoint(self, name: str) -> None:
        """Delete a checkpoint of work that is finished."""
        remove_checkpoint(self.store, self.run_id, name)

    @contextmanager
    def _let_in(self) -> Iterator[None]:
        """Say which node an object store does not know."""
        try:
            yield
        except OSError as error:
            if any(word in str(error) for word in DENIED):
                raise LakeDeniedError(
                    f"{platform.node()} has no access to {self.store.address}. {KEYS}"
                ) from None
            raise


def digest(ids: Sequence[str]) -> str:
    """Names a part after the work that it holds."""
    return hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()[:16]
