"""What is kept for a user between commands.

The folder is `~/.cache/a2c-ray` (or `$XDG_CACHE_HOME/a2c-ray`), unless the environment variable
A2C_CACHE names another.
"""

from __future__ import annotations

import ctypes
import fcntl
import gc
import hashlib
import os
import time
from collections.abc import Hashable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any


def cache_folder() -> Path:
    """Where weights, compiled programs and the history of `a2c sql` are kept."""
    if "A2C_CACHE" in os.environ:
        return Path(os.environ["A2C_CACHE"]).expanduser()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "a2c-ray"


def use_compilation_cache() -> None:
    """Keep compiled programs between processes, unless the user has chosen where."""
    import jax

    config: Any = jax.config  # whose attributes are made as JAX is imported
    if config.jax_compilation_cache_dir is None:
        jax.config.update("jax_compilation_cache_dir", str(cache_folder() / "xla"))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)


PATIENCE_S, LOOK_S = 180.0, 0.05
"""Longest wait for another process to compile a program, and time between two looks, s."""

_HAD: set[Hashable] = set()
"""Programs that this process has had."""


@contextmanager
def one_compiles(program: Hashable) -> Iterator[None]:
    """Let one process compile a program; others that want it meanwhile wait, and then load it.

    Args:
        program: identifies it, and is written alike in all processes that share the cache.
    """
    if program in _HAD:
        yield
        return
    with _first_in(program):
        yield
    _HAD.add(program)


@contextmanager
def _first_in(program: Hashable) -> Iterator[None]:
    """Hold the lock of a program that is not in the cache yet; wait for whoever holds it."""
    import jax

    config: Any = jax.config
    folder = config.jax_compilation_cache_dir
    if folder is None:
        yield
        return
    name = f"{program} {jax.__version__} {jax.default_backend()}"
    known = Path(folder) / "known" / hashlib.sha256(name.encode()).hexdigest()[:32]
    with ExitStack() as stack:
        lock = None if known.exists() else _locked(known.with_suffix(".lock"), stack)
        if lock and known.exists():  # whoever held it has compiled the program
            fcntl.flock(lock, fcntl.LOCK_UN)
            lock = None
        yield
        if lock:
            with suppress(OSError):
                known.touch()


def _locked(path: Path, stack: ExitStack) -> IO[str] | None:
    """A locked file that a stack closes; None where there can be none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = stack.enter_context(path.open("w"))
    except OSError:  # a disk that is full or read-only only costs time
        return None
    return file if _is_ours(file) else None


def _is_ours(file: IO[str]) -> bool:
    """Whether a file could be locked before it took longer than any program to be compiled.

    Whoever holds the lock may be stopped, and locks are not let go by those that are.
    """
    patience = time.monotonic() + PATIENCE_S
    while time.monotonic() < patience:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            time.sleep(LOOK_S)
        except OSError:  # of a file system without locks
            return False
    return False


MOST_MAPS = 20_000
"""Memory maps of a process after which its compiled programs are dropped. Each program takes some,
and Linux allows 65,530: beyond, XLA crashes."""


def drop_programs_if_many() -> None:
    """Forget compiled programs once they take too much; those still needed are loaded again.

    Without it, a process that works on one composition after another keeps the programs of all.
    """
    maps = Path("/proc/self/maps")
    if maps.exists() and maps.read_bytes().count(b"\n") > MOST_MAPS:
        import jax

        jax.clear_caches()
        gc.collect()
        with suppress(OSError, AttributeError):  # only the GNU C library keeps what was freed
            ctypes.CDLL(None).malloc_trim(0)
