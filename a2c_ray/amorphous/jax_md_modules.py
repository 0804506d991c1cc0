"""Single modules of jax_md, without what the package itself imports.

`import jax_md` takes 6 to 9 s on one core (0.2.29), nearly all of it for rigid bodies and networks
that melt-quenches do not use; its integrators alone take 0.1 s.
"""

from __future__ import annotations

import importlib
import sys
from importlib.util import find_spec, module_from_spec
from types import ModuleType


def jax_md_module(name: str) -> ModuleType:
    """A module of jax_md; a later `import jax_md` gets the whole package as ever.

    Args:
        name: within the package, e.g. "simulate".
    """
    spec = find_spec("jax_md")
    if spec is None or "jax_md" in sys.modules:
        return importlib.import_module(f"jax_md.{name}")
    sys.modules["jax_md"] = module_from_spec(spec)  # knows where its modules are, and runs nothing
    try:
        return importlib.import_module(f"jax_md.{name}")
    finally:
        del sys.modules["jax_md"]
