"""Sites of CIF blocks on special positions, beside which rounded coordinates lie.

Symmetry makes two atoms of (0.155, 0.309) in a hexagonal cell, where one at (x, 2x) is meant. The
mean of its images there lies on the special position.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from pymatgen.core import SymmOp

NEAREST = 0.25
"""Å; images of a site that are closer cannot both be atoms."""

THIRDS = re.compile(r"(?P<whole>-?\d*)\.(?P<digits>3{2,}|6+[67])")
"""Coordinates with the digits of 1/3 or 2/3, rounded or cut off."""

MOST_OF_EXACT = 2
"""Decimals of coordinates that may be exact; zeros behind them may have been added."""

ROUNDS = 5
"""Means that are taken until all images that are near are one."""

EXACT = 1e-9
"""Error of fractional coordinates in double precision."""


def special_position(
    texts: Sequence[str], lattice: np.ndarray, operations: Sequence[SymmOp]
) -> np.ndarray:
    """Fractional coordinates of a site, on the special position that its digits leave possible.

    Args:
        texts: its three coordinates as they are written, an uncertainty behind them.
        lattice: rows are lattice vectors, Å, `[3, 3]`.
        operations: of the space group, on fractional coordinates.

    Raises:
        ValueError: a coordinate is no number.
    """
    plain = [text.partition("(")[0] for text in texts]
    place = np.array([_value(text) for text in plain])
    matrices = np.array([operation.affine_matrix for operation in operations])
    rotations, translations = matrices[:, :3, :3], matrices[:, :3, 3]
    allowed = np.abs(rotations - np.eye(3)) @ _errors(plain) + EXACT
    for _ in range(ROUNDS):
        apart = rotations @ place + translations - place
        apart -= np.round(apart)
        is_one = (np.abs(apart) <= allowed).all(axis=1)
        is_one &= np.linalg.norm(apart @ lattice, axis=1) < NEAREST
        if np.abs(apart[is_one]).max(initial=0.0) < EXACT:
            break
        place = place + apart[is_one].mean(axis=0)
    return place


def _value(text: str) -> float:
    third = THIRDS.fullmatch(text)
    if third is None:
        return float(text)
    value = abs(int(third["whole"].strip("-") or 0)) + (1 if third["digits"][0] == "3" else 2) / 3
    return -value if text.startswith("-") else value


def _errors(texts: Sequence[str]) -> np.ndarray:
    """What the last digits count; 0.25 may be exact, and is written as well as the others are."""
    decimals = [len(text.partition(".")[2].rstrip("0")) for text in texts]
    return np.array([10.0 ** -(n if n > MOST_OF_EXACT else max(decimals)) for n in decimals])
