"""Read the arrays of a PyTorch checkpoint without PyTorch and without running its pickle.

A `.pth` file is a zip of one pickle, which describes tensors, and their raw little-endian
storages. The unpickler here knows a short list of names: tensors become numpy arrays, ordered
dictionaries become plain ones, a few inert objects of training configurations become `Opaque`,
and any other name is refused, so that a hostile file can build nothing else.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

STORAGE_DTYPES = {
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "BoolStorage": "?",
}


class Opaque:
    """Stands for an object that checkpoints mention and nobody needs."""

    def __init__(self, *args: Any) -> None: ...

    def __setstate__(self, state: Any) -> None: ...


class PlainDict(dict):
    """An ordered dictionary whose attributes (torch's `_metadata`) are dropped."""

    def __setstate__(self, state: Any) -> None: ...


OPAQUE_NAMES = {
    ("torch", "device"),
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("_codecs", "encode"),
}


def _tensor(
    storage: np.ndarray, offset: int, shape: tuple[int, ...], stride: tuple[int, ...], *_: Any
) -> np.ndarray:
    """A contiguous copy of the strided view that a tensor is of its storage."""
    last = offset + sum((n - 1) * step for n, step in zip(shape, stride, strict=True))
    if offset < 0 or min(stride, default=0) < 0 or (0 not in shape and last >= storage.size):
        raise pickle.UnpicklingError(f"tensor of shape {shape} lies outside its storage")
    bytes_stride = tuple(step * storage.itemsize for step in stride)
    view = np.lib.stride_tricks.as_strided(storage[offset:], shape, bytes_stride)
    return np.array(view)


class _ArchiveUnpickler(pickle.Unpickler):
    def __init__(self, archive: zipfile.ZipFile, folder: str) -> None:
        super().__init__(io.BytesIO(archive.read(f"{folder}/data.pkl")))
        self._archive = archive
        self._folder = folder

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if (module, name) == ("collections", "OrderedDict"):
            return PlainDict
        if (module, name) in OPAQUE_NAMES:
            return Opaque
        if module == "torch" and name in STORAGE_DTYPES:
            return STORAGE_DTYPES[name]
        raise pickle.UnpicklingError(f"refusing to load {module}.{name}")

    def persistent_load(self, pid: tuple) -> np.ndarray:
        kind, dtype, key, *_ = pid
        if kind != "storage" or dtype not in STORAGE_DTYPES.values():
            raise pickle.UnpicklingError(f"refusing to load persistent object {pid!r}")
        raw = self._archive.read(f"{self._folder}/data/{key}")
        return np.frombuffer(raw, dtype=dtype)


def load_torch_archive(path: str | Path) -> Any:
    """The object saved in a zip-format PyTorch file, tensors as numpy arrays.

    Raises:
        pickle.UnpicklingError: the file is no such archive or mentions anything unexpected.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            pickles = [name for name in archive.namelist() if name.endswith("/data.pkl")]
            if len(pickles) != 1:
                raise pickle.UnpicklingError(f"{path} is no PyTorch archive")
            return _ArchiveUnpickler(archive, pickles[0].removesuffix("/data.pkl")).load()
    except zipfile.BadZipFile as error:
        raise pickle.UnpicklingError(f"{path} is no PyTorch archive: {error}") from error
