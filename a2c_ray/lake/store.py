"""Where a lake is: a folder, or a prefix in an object store, through pyarrow's filesystems.

Files appear whole or not at all: on disks they are written under another name and renamed, in
object stores they are put at once.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, NamedTuple
from urllib.parse import unquote

import pyarrow as pa
from pyarrow import fs

from a2c_ray.errors import InputError

TEMPORARY = ".tmp"
"""Ends the name of a file that is being written."""

_CREDENTIALS = re.compile(
    r"://[^?]*:[^?]*@|[?&][^=&]*(secret|key|token|password|credential|signature|sas)[^=&]*=", re.I
)
"""A user with a password, or a parameter that holds a secret by its name."""

IN_MEMORY = 64 * 1024**2
"""Bytes of a file for an object store that are kept in memory; longer ones pass over a disk."""


KEYS = (
    "An object store needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment of every "
    "node"
)


class LakeAddressError(InputError):
    """An address that no lake can have."""


class StoredFile(NamedTuple):
    """A file of a lake.

    path: within the lake.
    size: bytes.
    modified: by the clock of the disk or object store.
    """

    path: str
    size: int
    modified: datetime


def check_address(address: str) -> None:
    """Refuse an address with credentials, without repeating them.

    Raises:
        LakeAddressError: it has some.
    """
    if "://" in address and _CREDENTIALS.search(unquote(address)):
        raise LakeAddressError(
            "credentials do not belong into the address of a lake, which is recorded; "
            "for s3:// set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )


@dataclass(frozen=True)
class Store:
    """Files of one lake.

    address: as messages and commands show it.
    filesystem, root: where that is.
    """

    address: str
    filesystem: fs.FileSystem
    root: str

    @classmethod
    def at(cls, address: str | Path) -> Store:
        """The store of a lake, which need not exist yet.

        Args:
            address: a folder, or an URI such as `s3://bucket/lake?region=eu-central-1`.

        Raises:
            LakeAddressError: an URI that pyarrow cannot use, or one that holds a password.
        """
        text = str(address)
        if "://" not in text:
            return cls(text, fs.LocalFileSystem(), str(Path(text).resolve()))
        check_address(text)
        try:
            filesystem, root = fs.FileSystem.from_uri(text)
        except (pa.ArrowException, OSError) as error:
            reason = str(error).splitlines()[0]
            raise LakeAddressError(f"cannot use {text} as a lake: {reason}") from error
        if not root.strip("/"):
            raise LakeAddressError(f"{text} names no bucket or folder: give s3://bucket/lake")
        return cls(text, filesystem, root.rstrip("/"))

    @property
    def is_local(self) -> bool:
        """Whether its files have paths on this machine."""
        return isinstance(self.filesystem, fs.LocalFileSystem)

    @property
    def absolute(self) -> str:
        """Its address from any folder, on any machine that has the same disk."""
        return self.root if self.is_local else self.address

    @property
    def exists(self) -> bool:
        """Whether anything is there."""
        return self.filesystem.get_file_info(self.root).type == fs.FileType.Directory

    def path(self, name: str) -> str:
        """Path of a file in the filesystem."""
        return f"{self.root}/{name}"

    def files(self, folder: str = "") -> list[StoredFile]:
        """Files below a folder of the lake, by name; none if there is no such folder."""
        selector = fs.FileSelector(
            self.path(folder).rstrip("/"), allow_not_found=True, recursive=True
        )
        start = len(self.root) + 1
        return sorted(
            StoredFile(info.path[start:], info.size, info.mtime)
            for info in self.filesystem.get_file_info(selector)
            if info.type == fs.FileType.File
        )

    def open(self, name: str) -> pa.NativeFile:
        """A file to read from."""
        return self.filesystem.open_input_file(self.path(name))

    def read(self, name: str) -> bytes:
        """All of a file.

        Raises:
            FileNotFoundError: there is none.
        """
        with self.open(name) as file:
            return file.read()

    def write(self, name: str, fill: Callable[[IO[bytes]], object]) -> None:
        """Make or replace a file.

        Args:
            name: within the lake.
            fill: writes into the binary file it is given.

        Raises:
            OSError: the disk is full or not writable; no file appears. Or an object store has
                something else than was written.
        """
        if self.is_local:
            self._write_and_rename(Path(self.path(name)), fill)
            return
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as whole:
            fill(whole)
            size = whole.tell()
            whole.seek(0)
            with self.filesystem.open_output_stream(self.path(name)) as stream:
                shutil.copyfileobj(whole, stream, length=8 * 1024**2)
        # Without keys uploads are framed in a way that some stores keep as part of the file.
        stored = self.filesystem.get_file_info(self.path(name)).size
        if stored != size:
            raise OSError(errno.EIO, f"{name} has {stored} bytes there, not {size}. {KEYS}")

    def move(self, name: str, new_name: str) -> None:
        """Rename a file."""
        self.filesystem.move(self.path(name), self.path(new_name))

    def delete(self, name: str) -> None:
        """Delete a file, if it is there."""
        try:
            self.filesystem.delete_file(self.path(name))
        except FileNotFoundError:
            return

    @staticmethod
    def _write_and_rename(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}{TEMPORARY}")
        try:
            with temporary.open("wb") as file:
                fill(file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
