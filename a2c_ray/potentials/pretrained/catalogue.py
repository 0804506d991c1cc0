"""Pretrained potentials: what there is, and how to get it.

SevenNet's weights travel inside its wheel on the Python package index, those of Nequix in its
public repository. `fetch` downloads what holds a checkpoint, checks the SHA-256 of the checkpoint
and converts it; neither sevenn, nequix nor PyTorch is installed or run.
"""

from __future__ import annotations

import hashlib
import pickle
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from a2c_ray.cache import cache_folder
from a2c_ray.potentials.nequip.network import NequIPConfig
from a2c_ray.potentials.nequip.storage import CONFIG_FILE, is_outdated, save_nequip
from a2c_ray.potentials.pretrained.downloads import FetchError, WebFile, Wheel
from a2c_ray.potentials.pretrained.nequix import load_nequix
from a2c_ray.potentials.pretrained.sevennet import sevennet_config, sevennet_parameters
from a2c_ray.potentials.pretrained.torch_archive import load_torch_archive

CHECKPOINT_SUFFIX = ".nqx"
"""Of files that are loaded as they are."""

SEVENN = "sevenn==0.13.0"

NEQUIX = "https://github.com/atomicarchitects/nequix/raw"

Converted = tuple[NequIPConfig, dict[str, Any]]


def load_sevennet(file: Path) -> Converted:
    """Configuration and parameters of `NequIP` from a SevenNet checkpoint.

    Raises:
        FetchError: the file cannot be read.
    """
    try:
        content = load_torch_archive(file)
    except pickle.UnpicklingError as error:
        raise FetchError(f"cannot read {file}: {error}") from error
    config = sevennet_config(content["config"], content["model_state_dict"])
    return config, sevennet_parameters(config, content["model_state_dict"])


@dataclass(frozen=True)
class Pretrained:
    """A published checkpoint.

    source: where it is.
    sha256: of the checkpoint.
    load: converts it.
    licence, training_data: of the weights.
    n_elements: that it knows.
    cutoff: Å.
    """

    source: Wheel | WebFile
    sha256: str
    load: Callable[[Path], Converted]
    licence: str
    training_data: str
    n_elements: int
    cutoff: float


PRETRAINED = {
    "sevennet-0": Pretrained(
        source=Wheel(
            SEVENN, "sevenn/pretrained_potentials/SevenNet_0__11Jul2024/checkpoint_sevennet_0.pth"
        ),
        sha256="7052cb42b7b3be42b40b97fa0d21077a48c54b5548948fc4dcf346629f813c36",
        load=load_sevennet,
        licence="MIT",
        training_data="MPtrj",
        n_elements=89,
        cutoff=5.0,
    ),
    "sevennet-l3i5": Pretrained(
        source=Wheel(SEVENN, "sevenn/pretrained_potentials/SevenNet_l3i5/checkpoint_l3i5.pth"),
        sha256="a7ff190d41efe5b8317a03d20a468e4036a1a3e64e0b14fdbab64ac3f4bfc09d",
        load=load_sevennet,
        licence="MIT",
        training_data="MPtrj",
        n_elements=89,
        cutoff=5.0,
    ),
    "nequix-mp-1": Pretrained(
        source=WebFile(f"{NEQUIX}/7c2854de8e754b1a60274c7d9d2e014989ed632e/models/nequix-mp-1.nqx"),
        sha256="1647af8e627e1afa11e2bfadeab0797326513a521afd7dd01606a96f56783eee",
        load=load_nequix,
        licence="MIT",
        training_data="MPtrj",
        n_elements=89,
        cutoff=6.0,
    ),
    "nequix-oam-1": Pretrained(
        source=WebFile(
            f"{NEQUIX}/9c852a9c4cce69ae5e75bc5a2cf670be21ff8c28/models/nequix-oam-1.nqx"
        ),
        sha256="6a43475eaeb32a7a049f36c1306d78aa1e7a17e8af37aeda7901c8fec0ca845c",
        load=load_nequix,
        licence="MIT",
        training_data="OMat24, sAlex, MPtrj",
        n_elements=89,
        cutoff=6.0,
    ),
}


def pretrained_folder(name: str) -> Path:
    """Where a fetched potential is kept."""
    return cache_folder() / "potentials" / name


def is_cached(name: str) -> bool:
    """Whether a potential has been fetched, in the format of today."""
    folder = pretrained_folder(name)
    return (folder / CONFIG_FILE).exists() and not is_outdated(folder)


def fetch(name: str, file: Path | None = None) -> Path:
    """Obtain a pretrained potential and store it in the cache.

    Args:
        name: key of `PRETRAINED`.
        file: downloaded before, for machines without a network.

    Returns:
        The folder that holds it.

    Raises:
        FetchError: it cannot be downloaded, or is not the file it should be.
    """
    entry = PRETRAINED[name]
    with tempfile.TemporaryDirectory() as folder:
        file = file or entry.source.download(name, Path(folder))
        content = entry.source.read(file)
        digest = hashlib.sha256(content).hexdigest()
        if digest != entry.sha256:
            raise FetchError(
                f"the checkpoint of {name} in {file} has SHA-256 {digest}, expected "
                f"{entry.sha256}; nothing was stored"
            )
        checkpoint = Path(folder) / "checkpoint"
        checkpoint.write_bytes(content)
        config, parameters = entry.load(checkpoint)
    provenance = {
        "name": name,
        "source": str(entry.source),
        "sha256": entry.sha256,
        "licence": entry.licence,
        "training_data": entry.training_data,
    }
    save_nequip(pretrained_folder(name), config, parameters, provenance)
    return pretrained_folder(name)


def converted_folder(file: Path) -> Path:
    """Folder in the cache of the network in a `.nqx` file, converted when it is first seen.

    Raises:
        NequixFileError: the file is no checkpoint that can be used.
    """
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    key = f"{file.stem}-{digest[:16]}"
    if not is_cached(key):
        provenance = {"name": file.stem, "source": file.name, "sha256": digest}
        save_nequip(pretrained_folder(key), *load_nequix(file), provenance)
    return pretrained_folder(key)
