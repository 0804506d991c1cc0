"""One driver a run: a lock that the operating system drops when its holder dies.

Source: flock(2); Linux passes these locks on over NFS as well.
"""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from a2c_ray.errors import OperationError

FOLDER = ".locks"


class RunLockedError(OperationError):
    """Another driver works on the run."""


@contextmanager
def run_lock(root: Path, run_id: str) -> Iterator[None]:
    """Hold a run.

    Args:
        root: of the lake.
        run_id: of the run.

    Raises:
        RunLockedError: names the host and process that hold it.
    """
    path = root / FOLDER / f"{run_id}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise RunLockedError(
                f"{run_id} is being run by {holder}; wait for it or stop it"
            ) from None
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
        file.flush()
        yield
