"""Labels of cells and atoms in extended XYZ, such that ASE reads them back as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from ase.io.extxyz import key_val_dict_to_str, key_val_str_to_dict

OF_ASE = ("Lattice", "Properties", "pbc")
"""Entries that say what the cell and the columns are."""

TAKEN = ("species", "symbols", "Z", "numbers", "pos", "positions", "move_mask")
"""Columns that say what the atoms are, where, and which are fixed."""

LARGEST = np.iinfo(np.int32).max
"""Of the whole numbers in columns."""


def as_entries(values: Mapping[Any, Any]) -> dict[str, Any]:
    """Entries of the comment line of extended XYZ that ASE reads back as they are.

    Those that ASE has a use of its own for are left out, and keys that it could not read changed.
    """
    named = {_as_key(str(key)): value for key, value in values.items() if key not in OF_ASE}
    return {key: _as_value(value) for key, value in named.items()}


def _as_key(key: str) -> str:
    return key if _is_read_back(key, "it") else _clean(key)


def _as_value(value: Any) -> Any:
    """Texts that ASE would read otherwise, and lists with texts, marked as JSON.

    ASE turns "F", "T", "12" or "inf" into False, True, 12 and infinity, quoted or not, unless the
    text begins with the mark that it uses for JSON itself. It drops a backslash before any sign.
    """
    if isinstance(value, np.ndarray) and value.dtype.kind in "UO":
        value = value.tolist()
    if isinstance(value, str) and _is_read_back("key", value):
        return value
    if not isinstance(value, str | list | tuple | dict):
        return value
    text = json.dumps(value, default=_as_json, skipkeys=True)
    return f"_JSON {text}".replace("\\", "\\\\")


def _as_json(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else str(value)


def _is_read_back(key: str, text: str) -> bool:
    """Whether ASE reads an entry as it is, within one line."""
    line = key_val_dict_to_str({key: text})
    try:
        return line.isprintable() and key_val_str_to_dict(line) == {key: text}
    except (ValueError, IndexError):  # it takes it for JSON or a matrix, or finds no key
        return False


def as_columns(labels: Mapping[str, np.ndarray]) -> tuple[dict[str, np.ndarray], set[str]]:
    """Columns of atoms that ASE reads back, and the labels that cannot be one.

    Args:
        labels: arrays whose first axis is that of the atoms.
    """
    columns = {
        _clean(key): array.astype(np.int64) if array.dtype.kind == "u" else array
        for key, array in labels.items()
        if _clean(key) not in TAKEN and _is_column(array)
    }
    return columns, {key for key in labels if _clean(key) not in columns}


def _is_column(array: np.ndarray) -> bool:
    if array.ndim not in (1, 2) or not array.size:
        return False
    if array.dtype.kind in "OU":  # words, as columns are told apart by blanks
        return all(isinstance(text, str) and text.split() == [text] for text in array.flat)
    if array.dtype.kind in "iu":
        return bool(array.min() >= -LARGEST and array.max() <= LARGEST)
    return array.dtype.kind in "bf"


def _clean(key: str) -> str:
    return re.sub(r"[^\w.+-]+", "_", key) or "_"
