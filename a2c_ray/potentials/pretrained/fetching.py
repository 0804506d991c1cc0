"""Get a pretrained potential into the cache.

SevenNet's weights travel inside its wheel on the Python package index, those of Nequix in its
public repository. `fetch` downloads what holds a checkpoint, checks the SHA-256 of the checkpoint
and converts it; neither sevenn, nequix nor PyTorch is installed or run.
"""

from __future__ import annotations

import hashlib
import pickle
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from a2c_ray.potentials.catalogue import PRETRAINED, is_cached, pretrained_folder
from a2c_ray.potentials.nequip.network import NequIPConfig
from a2c_ray.potentials.nequip.storage import save_nequip
from a2c_ray.potentials.pretrained.downloads import FetchError
from a2c_ray.potentials.pretrained.nequix import load_nequix
from a2c_ray.potentials.pretrained.sevennet import sevennet_config, sevennet_parameters
from a2c_ray.potentials.pretrained.torch_archive import load_torch_archive

CHECKPOINT_SUFFIX = ".nqx"
"""Of files that are loaded as they are."""

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


LOADERS: dict[str, Callable[[Path], Converted]] = {
    "sevennet": load_sevennet,
    "nequix": load_nequix,
}
"""By the kind of checkpoint."""


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
        config, parameters = LOADERS[entry.kind](checkpoint)
    provenance = {
        "name": name,
        "source": str(entry.source),
        "sha256": entry.sha256,
        "licence": entry.description.licence,
        "training_data": entry.description.training_data,
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
