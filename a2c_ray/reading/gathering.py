"""All cells that can be relaxed of some files, as one pile, with what is to be said of the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from a2c_ray.errors import OperationError
from a2c_ray.potentials.potential import Potential, UnknownElementError
from a2c_ray.reading.files import FoundFiles, InputFile, other_kinds, read_files
from a2c_ray.reading.frames import (
    Found,
    Frame,
    Problem,
    constraints_not_kept,
    holds_fixed,
    place,
)
from a2c_ray.reading.pile import Pile, PileBuilder, repeated_names
from a2c_ray.units import counted

SHOWN_NAMES = 5
"""Of those that several cells of a file have."""

SHOWN_REMARKS = 20
"""Of single cells."""


class ChangedFileError(OperationError):
    """A file that is read a second time is not what it was."""


@dataclass(frozen=True)
class Gathered:
    """What some files hold.

    pile: the cells that can be relaxed, in the order of the files.
    files: that were read.
    problems: why others cannot.
    remarks: what else a user should know, a line each.
    """

    pile: Pile
    files: tuple[InputFile, ...]
    problems: tuple[Problem, ...]
    remarks: tuple[str, ...]


def gather(
    found: FoundFiles, potential: Potential, on_progress: Callable[[int], None] = lambda _: None
) -> Gathered:
    """Read files, keeping only what a pile keeps.

    Args:
        found: the files, and arguments that led to none.
        potential: that has to know all elements.
        on_progress: called with the number of structures so far.
    """
    builder, problems = PileBuilder(), list(found.problems)
    n_read = n_fixed = 0
    of_cells: list[str] = []
    for each in usable(read_files(found.files), potential):
        n_read += 1
        on_progress(n_read)
        if isinstance(each, Problem):
            problems.append(each)
            continue
        builder.add(each)
        n_fixed += holds_fixed(each.atoms)
        of_cells += (f"{place(each.file, each.index)}: {remark}" for remark in each.remarks)
    pile = builder.pile()
    remarks = [*_remarks(found, pile, n_fixed), *_shortened(of_cells)]
    return Gathered(pile, found.files, tuple(problems), tuple(remarks))


def usable(structures: Iterable[Found], potential: Potential) -> Iterator[Found]:
    """Structures of elements that a potential knows, and why others are not."""
    for found in structures:
        if isinstance(found, Frame):
            try:
                potential.check_elements(np.asarray(found.atoms.numbers))
            except UnknownElementError as error:
                yield Problem(found.file, found.index, str(error).partition(";")[0])
                continue
        yield found


def frames_of(gathered: Gathered, potential: Potential) -> Iterator[Frame]:
    """The frames of a pile again, in its order, with all that the files say of them.

    What has been added to the end of a file since is left out.

    Raises:
        ChangedFileError: a file does not hold its cells any more.
    """
    pile, k = gathered.pile, 0
    for found in usable(read_files(gathered.files), potential):
        if k < len(pile) and isinstance(found, Frame) and pile.holds(k, found):
            yield found
            k += 1
    if k < len(pile):
        file = pile.files[pile.file[k]]
        raise ChangedFileError(
            f"{file} has changed since it was read, so that its labels may be of other cells: "
            "no output is written; what was relaxed is in the lake, for `a2c lake export`"
        )


def _remarks(found: FoundFiles, pile: Pile, n_fixed: int) -> Iterator[str]:
    if found.left_out:
        n = counted(len(found.left_out), "file")
        yield f"left out {n} of other kinds in folders ({other_kinds(found.left_out)})"
    if found.n_again:
        yield f"{counted(found.n_again, 'file')} given more than once, and read once"
    if n_fixed:
        yield constraints_not_kept(n_fixed)
    repeated = repeated_names(pile)
    for places in repeated[:SHOWN_NAMES]:
        first, second = (pile.where(k) for k in places[:2])
        more = f" and {len(places) - 2} more" if len(places) > 2 else ""
        yield f"one name twice: {first} and {second}{more} are told apart by their place"
    if len(repeated) > SHOWN_NAMES:
        yield f"and {len(repeated) - SHOWN_NAMES} further names of several cells"


def _shortened(remarks: Sequence[str]) -> Iterator[str]:
    yield from remarks[:SHOWN_REMARKS]
    if len(remarks) > SHOWN_REMARKS:
        yield f"and {len(remarks) - SHOWN_REMARKS} more of such remarks"
