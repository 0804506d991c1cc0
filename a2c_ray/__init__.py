"""a2c-ray: predict which crystal first emerges from an amorphous solid.

The names below are the library; `a2c --help` is the program.
"""

from __future__ import annotations

import importlib
import os
from typing import Any

# XLA reports a harmless mismatch of CPU features, at length, whenever it loads a cached program.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

_MODULE_OF = {
    "ASECalculator": "a2c_ray.potentials.calculator",
    "Potential": "a2c_ray.potentials.potential",
    "load_potential": "a2c_ray.potentials.loading",
}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    # Imported on first use: a command that needs no potential should not wait for JAX.
    if name in _MODULE_OF:
        return getattr(importlib.import_module(_MODULE_OF[name]), name)
    raise AttributeError(f"module 'a2c_ray' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
