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

    Compositions are drawn until the share is reached. One that would more than double it, or takes
    an element with it that no other has, stays; what is then missing is drawn at random, structure
    by structure, from compositions of which some remain. A data set of a single composition, such
    as that of one glass, is split in this way altogether.

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
    wanted = share * len(structures)
    kept = {key: groups[key] for key in sorted(groups)}
    held_out: list[int] = []
    for choice in rng.permutation(len(kept)):
        key = sorted(groups)[choice]
        if len(held_out) >= wanted:
            break
        others = {z for other in kept if other != key for z, _ in other}
        if len(held_out) + len(groups[key]) <= 2 * wanted and {z for z, _ in key} <= others:
            held_out += kept.pop(key)
    for k in rng.permutation([k for members in kept.values() for k in members]):
        members = kept[structures[k].composition]
        if len(held_out) < wanted and len(members) > 1:
            members.remove(k)
            held_out.append(int(k))
    trained = sorted(k for members in kept.values() for k in members)
    if not trained or (share > 0 and not held_out):
        raise DataError(
            f"{len(structures)} structures of {len(groups)} compositions cannot be split with "
            f"{share:g} held out: give more structures, or a file for validation"
        )
    return trained, sorted(held_out)
