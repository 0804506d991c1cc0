"""`load_potential`: from a name or a folder to something that evaluates."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from a2c_ray.cache import use_compilation_cache
from a2c_ray.errors import InputError
from a2c_ray.potentials.catalogue import (
    PRETRAINED,
    functional_of,
    is_cached,
    pretrained_folder,
)
from a2c_ray.potentials.classical import stillinger_weber
from a2c_ray.potentials.d3 import BECKE_JOHNSON, with_d3
from a2c_ray.potentials.d3_data import NAME as D3_DATA
from a2c_ray.potentials.d3_data import fetch_d3_data
from a2c_ray.potentials.nequip.energy import nequip_potential
from a2c_ray.potentials.nequip.kernels import check_kernels
from a2c_ray.potentials.nequip.storage import load_nequip
from a2c_ray.potentials.potential import Potential
from a2c_ray.potentials.pretrained.fetching import CHECKPOINT_SUFFIX, converted_folder, fetch
from a2c_ray.potentials.zbl import with_zbl

ASE = "ase"
"""Name of the potential that an ASE calculator computes."""

CLASSICAL = {"stillinger-weber": stillinger_weber}

DTYPES = ("float32", "float64")


class UnknownPotentialError(InputError):
    """No potential of that name; the message lists those there are."""


def potential_names() -> list[str]:
    """Names that `load_potential` knows."""
    return [*PRETRAINED, *CLASSICAL, ASE]


def load_potential(
    name: str | Path,
    dtype: str = "float32",
    kernels: str = "auto",
    factory: str | None = None,
    arguments: Sequence[tuple[str, Any]] = (),
    zbl: bool = False,
    d3: bool | str = False,
) -> Potential:
    """Load a potential, fetching its weights on first use.

    Args:
        name: one of `potential_names`, a folder that holds a network, or a `.nqx` file.
        dtype: "float32", with tabulated radial functions (fast); or "float64", with the radial
            networks themselves (reference).
        kernels: that compute a network's convolutions: "xla"; "numba", loops for CPUs, several
            times faster in cells of more than some ten atoms; "e3j", fused CUDA kernels; or
            "auto", numba if it is installed and serves, else xla.
        factory, arguments: of the calculator if the name is "ase", see `ase_potential`.
        zbl: whether atoms that come closer than in any bond repel, see `with_zbl`.
        d3: whether dispersion is added, see `with_d3`: True for the damping of Becke and Johnson,
            "zero" for zero damping.

    Raises:
        InputError: the kernels are unknown or not installed, the calculator cannot be made, the
            repulsion or dispersion cannot be added to it, or the file is no checkpoint that can
            be used.
        UnknownPotentialError: no such name, folder or file.
        FetchError: the weights are not cached and cannot be downloaded.
        BrokenPotentialError: the stored weights are damaged.
    """
    if dtype not in DTYPES:
        raise ValueError(f"dtype must be one of {', '.join(DTYPES)}, not {dtype!r}")
    check_kernels(kernels)
    use_compilation_cache()
    key = _normalized(name)
    if key == ASE:
        potential = _load_ase(factory, arguments, dtype)
    else:
        potential = _load_compiled(name, key, dtype, kernels)
    if zbl:
        potential = with_zbl(potential)
    return _with_dispersion(potential, d3) if d3 else potential


def _with_dispersion(potential: Potential, d3: bool | str) -> Potential:
    functional = functional_of(potential.name)
    if not functional:
        raise InputError(
            f"potential.d3={str(d3).lower()} needs the functional that a potential was fitted to, "
            f"which is not known of {potential.name}; dispersion can be added to "
            f"{', '.join(PRETRAINED)}"
        )
    return with_d3(potential, functional, BECKE_JOHNSON if d3 is True else str(d3))


def _load_compiled(name: str | Path, key: str, dtype: str, kernels: str) -> Potential:
    if key in CLASSICAL:
        return CLASSICAL[key](dtype=dtype)
    folder = network_folder(name)
    label = key if key in PRETRAINED else str(name)
    return nequip_potential(label, *load_nequip(folder), dtype, kernels)


def _load_ase(factory: str | None, arguments: Sequence[tuple[str, Any]], dtype: str) -> Potential:
    from a2c_ray.potentials.ase_potential import ase_potential

    if factory is None:
        raise InputError(
            "potential ase needs potential.factory=module:function, which returns a calculator"
        )
    return ase_potential(factory, dict(arguments), dtype=dtype)


def network_folder(name: str | Path) -> Path:
    """Folder that holds a network, fetched into the cache on first use.

    Args:
        name: of a pretrained potential, the folder itself, or a `.nqx` file.

    Raises:
        UnknownPotentialError: no such name, folder or file.
        NequixFileError: the file is no checkpoint that can be used.
        FetchError: the weights are not cached and cannot be downloaded.
    """
    key = _normalized(name)
    if key in PRETRAINED:
        return pretrained_folder(key) if is_cached(key) else fetch(key)
    if Path(name).is_dir():
        return Path(name)
    if Path(name).suffix == CHECKPOINT_SUFFIX and Path(name).is_file():
        return converted_folder(Path(name))
    raise UnknownPotentialError(
        f"unknown potential {str(name)!r}: neither a folder, a {CHECKPOINT_SUFFIX} file nor one of "
        f"{', '.join(potential_names())}"
    )


def fetch_potential(name: str, file: Path | None = None) -> Path:
    """Put a pretrained potential into the cache, whether or not it is there already.

    Args:
        name: as for `load_potential`, or "d3" for the reference data of dispersion.
        file: downloaded before, for machines without a network.

    Returns:
        Its folder in the cache.

    Raises:
        UnknownPotentialError: no pretrained potential of that name.
        FetchError: it cannot be downloaded, or is not the file it should be.
    """
    key = _normalized(name)
    if key == D3_DATA:
        return fetch_d3_data(file)
    if key not in PRETRAINED:
        raise UnknownPotentialError(
            f"no pretrained potential {name!r}; choose from {', '.join((*PRETRAINED, D3_DATA))}"
        )
    return fetch(key, file)


def _normalized(name: str | Path) -> str:
    return str(name).lower().replace("_", "-")
