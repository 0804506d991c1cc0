"""What is kept for a user between commands.

The folder is `~/.cache/a2c-ray` (or `$XDG_CACHE_HOME/a2c-ray`), unless the environment variable
A2C_CACHE names another.
"""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Any


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
