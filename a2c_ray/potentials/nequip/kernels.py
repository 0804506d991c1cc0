"""What can compute a network's convolutions, and which of it is at hand."""

from __future__ import annotations

import importlib.util

import jax

from a2c_ray.errors import InputError
from a2c_ray.potentials.catalogue import KERNELS
from a2c_ray.potentials.nequip.compiled_convolution import MOST_DEGREE
from a2c_ray.potentials.nequip.network import NequIPConfig, most_degree

EXTRAS = {"numba": "cpu", "e3j": "e3j"}
"""Extra of the package that installs them."""


def check_kernels(kernels: str) -> None:
    """Refuse kernels that there are not.

    Raises:
        InputError: of no such name, or not installed.
    """
    if kernels not in KERNELS:
        raise InputError(f"kernels must be one of {', '.join(KERNELS)}, not {kernels!r}")
    if kernels in EXTRAS and not _installed(kernels):
        raise InputError(
            f"kernels {kernels!r} need {kernels}: pip install 'a2c-ray[{EXTRAS[kernels]}]'"
        )
    if kernels == "numba" and jax.default_backend() != "cpu":
        raise InputError(
            f"kernels 'numba' are for CPUs, and the device is a {jax.default_backend()}: leave "
            "them at auto"
        )


def choose_kernels(kernels: str, config: NequIPConfig, dtype: str) -> str:
    """Kernels to prepare a network for: those that are asked for, where they serve.

    Args:
        kernels: one of `catalogue.KERNELS`, checked.
        config: of the network.
        dtype: "float32" or "float64".
    """
    if kernels not in ("auto", "numba"):
        return kernels
    serve = dtype == "float32" and most_degree(config) <= MOST_DEGREE
    return "numba" if serve and _installed("numba") else "xla"


def kernels_here(kernels: str) -> str:
    """Of those that a network is prepared for, what this process compiles.

    A driver without a GPU prepares networks for actors that have one.
    """
    if kernels == "numba" and not (jax.default_backend() == "cpu" and _installed("numba")):
        return "xla"
    return kernels


def _installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None
