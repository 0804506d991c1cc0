"""Potentials on disk: one folder of `config.json` and `parameters.safetensors`."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from flax.traverse_util import flatten_dict, unflatten_dict
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from a2c_ray.errors import OperationError
from a2c_ray.potentials.nequip.network import NequIPConfig
from a2c_ray.potentials.nequip.parameter_shapes import wrong_parameter
from a2c_ray.potentials.nequip.stored_format import CONFIG_FILE, FORMAT

PARAMETERS_FILE = "parameters.safetensors"


class BrokenPotentialError(OperationError):
    """A folder that should hold a potential does not."""


def save_nequip(
    folder: Path, config: NequIPConfig, parameters: dict[str, Any], provenance: dict[str, str]
) -> None:
    """Write a network atomically: the folder appears complete or not at all.

    Args:
        folder: replaced if it exists.
        config, parameters: of the network.
        provenance: where the weights come from; kept in `config.json`.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        arrays = {k: np.ascontiguousarray(v) for k, v in flatten_dict(parameters, sep="/").items()}
        save_file(arrays, temporary / PARAMETERS_FILE)
        digest = hashlib.sha256((temporary / PARAMETERS_FILE).read_bytes()).hexdigest()
        description = {
            "architecture": "nequip",
            "format": FORMAT,
            "network": describe(config),
            "parameters_sha256": digest,
            "provenance": provenance,
        }
        (temporary / CONFIG_FILE).write_text(json.dumps(description, indent=1))
        temporary.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def describe(config: NequIPConfig) -> dict[str, Any]:
    """A configuration as it is stored and hashed.

    Fields at their default are left out, so that a new field changes no fingerprint of old.
    """
    fields = dataclasses.fields(config)
    default = {field.name: field.default for field in fields}
    values = dataclasses.asdict(config)
    return {name: value for name, value in values.items() if value != default[name]}


def load_nequip(folder: Path) -> tuple[NequIPConfig, dict[str, Any], str]:
    """Configuration, parameters and fingerprint of a stored network.

    Raises:
        BrokenPotentialError: a file is missing, unreadable or not what was written.
    """
    try:
        description = json.loads((folder / CONFIG_FILE).read_text())
        if description.get("format") != FORMAT:
            raise ValueError(f"format {description.get('format', 1)}, expected {FORMAT}")
        raw = (folder / PARAMETERS_FILE).read_bytes()
        if hashlib.sha256(raw).hexdigest() != description["parameters_sha256"]:
            raise ValueError(f"{PARAMETERS_FILE} has changed since it was written")
        config = NequIPConfig(**description["network"])
        parameters = unflatten_dict(load_file(folder / PARAMETERS_FILE), sep="/")
        fault = wrong_parameter(config, parameters)
        if fault:
            raise ValueError(fault)
    except (OSError, KeyError, TypeError, ValueError, SafetensorError) as error:
        raise BrokenPotentialError(
            f"no usable potential in {folder}: {error}; delete the folder and fetch it again"
        ) from error
    architecture = json.dumps(description["network"], sort_keys=True)
    fingerprint = hashlib.sha256((architecture + description["parameters_sha256"]).encode())
    return config, parameters, fingerprint.hexdigest()[:16]
