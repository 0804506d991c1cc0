"""Part a data set into what is trained on and what is held out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from a2c_ray.training.labelled import DataError, Labelled


def split_by_composition(
    structures: Sequence[Labelled], share: float, seed: int
) -> tuple[list[int], list[int]]:
    """Hold out whole compositions, so that validation measures what is new to the network.

    A data set of a single composition, such as that of one glass, is split at random.

    Args:
        structures: all.
        share: of the structures to hold out, at least this.
        seed: of the draw.

    Returns:
        Indices to train on and to validate with, each ascending.

    Raises:
        DataError: nothing would be left on one side.
    """
    groups = defaultdict(list)
    for k, structure in enumerate(structures):
        groups[structure.composition].append(k)
    rng = np.random.default_rng(seed)
    if len(groups) == 1:
        pieces = [[k] for k in range(len(structures))]
    else:
        pieces = [groups[key] for key in sorted(groups)]
    wanted = share * len(structures)
    held_out: list[int] = []
    for piece in rng.permutation(len(pieces)):
        if len(held_out) >= wanted:
            break
        held_out += pieces[piece]
    trained = sorted(set(range(len(structures))) - set(held_out))
    if not trained or (share > 0 and not held_out):
        raise DataError(
            f"{len(structures)} structures of {len(groups)} compositions cannot be split with "
            f"{share:g} held out: give more structures, or a file for validation"
        )
    return trained, sorted(held_out)
