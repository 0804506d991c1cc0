"""Pretrained potentials: what there is, and how to get it.

SevenNet's weights travel inside its wheel on the Python package index. `fetch` downloads the wheel
with pip, however pip is configured on this machine, takes the checkpoint out, checks its SHA-256
and converts it; neither sevenn nor PyTorch is installed or run.
"""

from __future__ import annotations

import hashlib
import pickle
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from a2c_ray.cache import cache_folder
from a2c_ray.errors import OperationError
from a2c_ray.potentials.sevennet import sevennet_config, sevennet_parameters
from a2c_ray.potentials.storage import CONFIG_FILE, is_outdated, save_nequip
from a2c_ray.potentials.torch_archive import load_torch_archive


class FetchError(OperationError):
    """Weights could not be obtained; the message says what to do."""


@dataclass(frozen=True)
class Pretrained:
    """A checkpoint inside a wheel.

    requirement: what pip downloads.
    member: path of the checkpoint inside the wheel.
    sha256: of the checkpoint.
    licence, training_data: of the weights.
    """

    requirement: str
    member: str
    sha256: str
    licence: str
    training_data: str


PRETRAINED = {
    "sevennet-0": Pretrained(
        requirement="sevenn==0.13.0",
        member="sevenn/pretrained_potentials/SevenNet_0__11Jul2024/checkpoint_sevennet_0.pth",
        sha256="7052cb42b7b3be42b40b97fa0d21077a48c54b5548948fc4dcf346629f813c36",
        licence="MIT",
        training_data="MPtrj",
    ),
    "sevennet-l3i5": Pretrained(
        requirement="sevenn==0.13.0",
        member="sevenn/pretrained_potentials/SevenNet_l3i5/checkpoint_l3i5.pth",
        sha256="a7ff190d41efe5b8317a03d20a468e4036a1a3e64e0b14fdbab64ac3f4bfc09d",
        licence="MIT",
        training_data="MPtrj",
    ),
}


def pretrained_folder(name: str) -> Path:
    """Where a fetched potential is kept."""
    return cache_folder() / "potentials" / name


def is_cached(name: str) -> bool:
    """Whether a potential has been fetched, in the format of today."""
    folder = pretrained_folder(name)
    return (folder / CONFIG_FILE).exists() and not is_outdated(folder)


def fetch(name: str, wheel: Path | None = None) -> Path:
    """Obtain a pretrained potential and store it in the cache.

    Args:
        name: key of `PRETRAINED`.
        wheel: downloaded before, for machines without a network.

    Returns:
        The folder that holds it.

    Raises:
        FetchError: it cannot be downloaded, or is not the file it should be.
    """
    entry = PRETRAINED[name]
    with tempfile.TemporaryDirectory() as folder:
        wheel = wheel or download_wheel(name, entry.requirement, Path(folder))
        checkpoint = Path(folder) / "checkpoint.pth"
        try:
            with zipfile.ZipFile(wheel) as archive:
                checkpoint.write_bytes(archive.read(entry.member))
        except (OSError, KeyError, zipfile.BadZipFile) as error:
            raise FetchError(f"{wheel} is not the wheel of {entry.requirement}: {error}") from error
        digest = hashlib.sha256(checkpoint.read_bytes()).hexdigest()
        if digest != entry.sha256:
            raise FetchError(
                f"the checkpoint of {name} in {wheel} has SHA-256 {digest}, expected "
                f"{entry.sha256}; nothing was stored"
            )
        try:
            content = load_torch_archive(checkpoint)
        except pickle.UnpicklingError as error:
            raise FetchError(f"cannot read the checkpoint of {name}: {error}") from error
    config = sevennet_config(content["config"], content["model_state_dict"])
    parameters = sevennet_parameters(config, content["model_state_dict"])
    provenance = {
        "name": name,
        "source": f"{entry.requirement} {entry.member}",
        "sha256": entry.sha256,
        "licence": entry.licence,
        "training_data": entry.training_data,
    }
    save_nequip(pretrained_folder(name), config, parameters, provenance)
    return pretrained_folder(name)


def download_wheel(name: str, requirement: str, folder: Path) -> Path:
    """Download one wheel with pip, showing pip's progress bar on a terminal.

    Raises:
        FetchError: pip is missing or cannot reach the package.
    """
    print(f"Fetching {name} out of the {requirement} wheel (once) ...", file=sys.stderr)
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(folder)]
    if not sys.stderr.isatty():
        command.append("--quiet")
    run = subprocess.run(
        [*command, requirement],
        stdout=sys.stderr if sys.stderr.isatty() else subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    wheels = list(folder.glob("*.whl"))
    if run.returncode or not wheels:
        reasons = [line for line in run.stderr.splitlines() if line.startswith("ERROR")]
        reason = (reasons or run.stderr.splitlines() or ["no message"])[-1]
        raise FetchError(
            f"potential {name!r} is not in the cache ({cache_folder()}) and pip cannot download "
            f"{requirement} ({reason}). Connect this machine to a package index, or download that "
            f"wheel elsewhere and run: a2c potentials fetch {name} --wheel FILE"
        )
    return wheels[0]
