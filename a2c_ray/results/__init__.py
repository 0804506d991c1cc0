"""What runs have left in the lake, as structures and arrays: what figures and reports show.

`RunResults.open` opens a run; `trust` judges it, `comparison` holds it against another, `opinions`
and `agreement` hold its potential against others, `morphology`, `hull`, `energy_volume` and `frequencies` gather what figures need.
"""

from a2c_ray.results.run import (
    GlassResult,
    NothingThereError,
    ProductResult,
    RelaxedResult,
    RunResults,
    UnknownRunError,
    find_attempt,
    last_attempts,
)

__all__ = [
    "GlassResult",
    "NothingThereError",
    "ProductResult",
    "RelaxedResult",
    "RunResults",
    "UnknownRunError",
    "find_attempt",
    "last_attempts",
]
