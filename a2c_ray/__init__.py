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
    "Freedom": "a2c_ray.relaxation.cell_filter",
    "Potential": "a2c_ray.potentials.potential",
    "Protocol": "a2c_ray.amorphous.protocol",
    "RunResults": "a2c_ray.results",
    "distinct": "a2c_ray.analysis.distinct",
    "find_subcells": "a2c_ray.crystallize.subcells",
    "load_potential": "a2c_ray.potentials.loading",
    "melt_quench": "a2c_ray.amorphous.melt_quench",
    "rank": "a2c_ray.analysis.ranking",
    "relax": "a2c_ray.crystallize.relax",
}

__all__ = [*sorted(_MODULE_OF), "lake"]


def __getattr__(name: str) -> Any:
    # Imported on first use: a command that needs no potential should not wait for JAX.
    if name in _MODULE_OF:
        return getattr(importlib.import_module(_MODULE_OF[name]), name)
    if name == "lake":
        return importlib.import_module("a2c_ray.lake")
    raise AttributeError(f"module 'a2c_ray' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
