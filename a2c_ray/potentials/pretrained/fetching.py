"""Get a pretrained potential into the cache.

SevenNet's weights travel inside its wheel on the Python package index, those of Nequix in its
public repository. `fetch` downloads what holds a checkpoint, checks the SHA-256 of the checkpoint
and converts it; neither sevenn, nequix nor PyTorch is installed or run.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
import tempfile
from pathlib import Path
from typing import Any

from a2c_ray.potentials.catalogue import PRETRAINED, Pretrained, is_cached, pretrained_folder
from a2c_ray.potentials.nequip.network import NequIPConfig
from a2c_ray.potentials.nequip.storage import save_nequip
from a2c_ray.potentials.pretrained.downloads import FetchError
from a2c_ray.potentials.pretrained.nequix import load_nequix
from a2c_ray.potentials.pretrained.sevennet import (
    sevennet_config,
    sevennet_modality,
    sevennet_parameters,
)
from a2c_ray.potentials.pretrained.torch_archive import load_torch_archive

CHECKPOINT_SUFFIX = ".nqx"
"""Of files that are loaded as they are."""

Converted = tuple[NequIPConfig, dict[str, Any]]


def load_sevennet(file: Path, modality: str | None = None) -> Converted:
    """Configuration and parameters of `NequIP` from a SevenNet checkpoint.

    Args:
        file: the checkpoint.
        modality: which of its levels of theory, if it knows several.

    Raises:
        FetchError: the file cannot be read.
        ValueError: it has no such modality, or an option that is not supported.
    """
    try:
        content = load_torch_archive(file)
    except pickle.UnpicklingError as error:
        raise FetchError(f"cannot read {file}: {error}") from error
    settings, state = content["config"], content["model_state_dict"]
    chosen = sevennet_modality(settings, modality)
    config = sevennet_config(settings, state, chosen)
    return config, sevennet_parameters(config, state, chosen)


def fetch(name: str, file: Path | None = None) -> Path:
    """Obtain a pretrained potential and store it in the cache.

    Args:
        name: key of `PRETRAINED`.
        file: downloaded before, for machines without a network.

    Returns:
        The folder that holds it.

    Raises:
        FetchError: it cannot be downloaded, or is not the file it should be.
        NequixFileError: the file is no checkpoint that can be used.
    """
    entry = PRETRAINED[name]
    with tempfile.TemporaryDirectory() as folder:
        file = file or entry.source.download(name, Path(folder))
        content = entry.source.read(file)
        digest = hashlib.sha256(content).hexdigest()
        _check_digest(name, file, digest)
        checkpoint = Path(folder) / file.name
        checkpoint.write_bytes(content)
        config, parameters = _convert(checkpoint, entry)
    if entry.sha256 is None:
        _check_network(name, file, config)
        print(
            f"The published SHA-256 of {name} is not known here, so that {file.name} could not be "
            f"checked against it; it has {digest}",
            file=sys.stderr,
        )
    provenance = {
        "name": name,
        "source": str(entry.source),
        "sha256": digest,
        "licence": entry.description.licence,
        "training_data": entry.description.training_data,
    }
    if entry.modality is not None:
        provenance["modality"] = entry.modality
    save_nequip(pretrained_folder(name), config, parameters, provenance)
    return pretrained_folder(name)


def _check_digest(name: str, file: Path, digest: str) -> None:
    """Whether a checkpoint is the one it should be; if its hash is not known, at least no other."""
    expected = PRETRAINED[name].sha256
    if expected is None:
        others = [other for other, entry in PRETRAINED.items() if entry.sha256 == digest]
        if others:
            raise FetchError(f"{file} is {others[0]}, not {name}; nothing was stored")
    elif digest != expected:
        raise FetchError(
            f"the checkpoint of {name} in {file} has SHA-256 {digest}, expected {expected}; "
            "nothing was stored"
        )


def _check_network(name: str, file: Path, config: NequIPConfig) -> None:
    """Whether a network is what its catalogue entry says of it."""
    known = PRETRAINED[name].description
    if (len(config.species), config.cutoff) != (known.n_elements, known.cutoff):
        raise FetchError(
            f"{file} knows {len(config.species)} elements within {config.cutoff:g} Å, but {name} "
            f"{known.n_elements} within {known.cutoff:g} Å; nothing was stored"
        )


def _convert(checkpoint: Path, entry: Pretrained) -> Converted:
    if entry.kind == "sevennet":
        return load_sevennet(checkpoint, entry.modality)
    return load_nequix(checkpoint)


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
