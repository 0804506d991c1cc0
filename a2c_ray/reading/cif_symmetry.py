"""The symmetry of CIF blocks that name a space group but do not list its operations.

Of 31 groups the name leaves open where the origin is, or which axes are meant; pymatgen takes the
first choice. Where a name says it, as in `F d -3 m :2`, or pymatgen does not know it, it takes the
atoms that are listed for all there are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import spglib
from pymatgen.core import Lattice, SymmOp

OPERATIONS = ("_symmetry_equiv_pos_as_xyz", "_space_group_symop_operation_xyz")
NAMES = (
    "_space_group_name_h-m_alt",
    "_symmetry_space_group_name_h-m",
    "_symmetry_space_group_name_h_m",
    "_space_group_name_h-m_full",
    "_space_group_name_h-m_ref",
)
HALL_SYMBOLS = ("_space_group_name_hall", "_symmetry_space_group_name_hall")
NUMBERS = ("_space_group_it_number", "_symmetry_int_tables_number")
CODES = ("_space_group_it_coordinate_system_code",)

CHOICES = {"1": "1", "2": "2", "S": "1", "Z": "2", "H": "H", "R": "R"}
"""Of origin or axes, as they are written and as spglib calls them; S and Z are ICSD's."""

ENDINGS = (
    re.compile(r"(.+?)\s*:\s*([12SZHR])", re.I),
    re.compile(r"(.+?)\s+([SZHR])", re.I),
    re.compile(r"(R.+)([HR])"),
)
"""Of names that say the choice."""

CUBIC = {*range(200, 207), *range(221, 231)}
"""Groups whose names were without a minus once: F d 3 m."""

MONOCLINIC = range(3, 16)
"""Groups of which P 21/n is short for P 1 21/n 1."""

SAME_ANGLE, SAME_METRIC = 0.05, 0.02
"""Degrees, and over lengths: how far rounded cells may be from the symmetry of their group."""

FORMER = {"abm2": "aem2", "aba2": "aea2", "cmca": "cmce", "cmma": "cmme", "ccca": "ccce"}
"""Names before 1992."""

TRIVIAL = {"p1", "1"}
"""Name and number of the group without symmetry."""


class StatedGroup(NamedTuple):
    """What a block says of its space group; "" where it says nothing.

    hall: symbol.
    name: of Hermann and Mauguin; and without the choice.
    number: of the International Tables.
    choice: of origin or axes.
    is_rhombohedral: whether the angles of its cell are alike.
    """

    hall: str
    name: str
    group: str
    number: str
    choice: str
    is_rhombohedral: bool

    def __str__(self) -> str:
        return self.name or self.hall or self.number

    @property
    def is_trivial(self) -> bool:
        """Whether it is the group without symmetry, or none."""
        return _compact(str(self)) in {"", *TRIVIAL}


class Setting(NamedTuple):
    """A space group laid into a cell: spglib's numbers and names."""

    hall_number: int
    number: int
    choice: str
    names: tuple[str, ...]
    hall: str


def stated_group(data: Mapping[str, Any]) -> StatedGroup | None:
    """The group that a block names; None if it lists operations, or names none but P 1.

    Args:
        data: of the block, by lower-case tags.
    """
    if any(tag in data for tag in OPERATIONS):
        return None
    stated = _named_group(data)
    if _compact(stated.name) in TRIVIAL and stated.number not in ("", "1"):
        raise ValueError(f"space group '{stated.name}', but number {stated.number}")
    return None if stated.is_trivial else stated


def unlisted_group(data: Mapping[str, Any]) -> StatedGroup | None:
    """The group that a block names although it lists no operation but one.

    Args:
        data: of the block, by lower-case tags.
    """
    listed: Any = next((data[tag] for tag in OPERATIONS if tag in data), [])
    named = _named_group(data)
    is_one = isinstance(listed, str) or len(listed) == 1
    return named if is_one and not named.is_trivial else None


def _named_group(data: Mapping[str, Any]) -> StatedGroup:
    hall, name, number, code = (
        _value(data, tags) for tags in (HALL_SYMBOLS, NAMES, NUMBERS, CODES)
    )
    group = name
    for ending in ENDINGS:
        if found := ending.fullmatch(name):
            group, code = found.groups()
            break
    angles = [_number(_value(data, (f"_cell_angle_{x}",))) for x in ("alpha", "beta", "gamma")]
    choice = CHOICES.get(code.upper(), "")
    return StatedGroup(hall, name, group, number, choice, np.ptp(angles) < SAME_ANGLE)


def added_operations(stated: StatedGroup) -> str:
    """Operations to be written at the end of a block; "" where pymatgen must know the name.

    Raises:
        ValueError: the group has two origins, and none is named.
    """
    setting = _setting(stated)
    found = spglib.get_symmetry_from_database(setting.hall_number) if setting else None
    if found is None:
        return ""
    operations = [
        SymmOp.from_rotation_and_translation(rotation, translation).as_xyz_str()
        for rotation, translation in zip(found["rotations"], found["translations"], strict=True)
    ]
    return "\n".join(["\nloop_", OPERATIONS[0], *(f"'{one}'" for one in operations), ""])


def check_cell(lattice: np.ndarray, operations: Sequence[SymmOp]) -> None:
    """Check that operations map a lattice onto itself.

    Args:
        lattice: Å, rows, `[3, 3]`.
        operations: on fractional coordinates.

    Raises:
        ValueError: they do not.
    """
    metric = lattice @ lattice.T
    lengths = np.sqrt(np.diag(metric))
    rotations = np.array([operation.rotation_matrix for operation in operations])
    changes = rotations.transpose(0, 2, 1) @ metric @ rotations - metric
    if np.max(np.abs(changes) / np.outer(lengths, lengths)) > SAME_METRIC:
        a, b, c, *angles = Lattice(lattice).parameters
        raise ValueError(
            f"symmetry that the cell has not: lengths {a:g}, {b:g}, {c:g} Å, angles "
            f"{', '.join(f'{angle:g}' for angle in angles)}°"
        )


def _setting(stated: StatedGroup) -> Setting | None:
    of_hall = [s for s in _settings() if _compact(s.hall) == _compact(stated.hall)]
    if of_hall:
        return of_hall[0]
    named = _by_name().get(_compact(stated.group))
    number = named.number if named else int(stated.number) if stated.number.isdecimal() else 0
    if named and stated.number not in ("", str(number)):
        raise ValueError(f"space group '{stated}', but number {stated.number}")
    of_group = {s.choice: s for s in _settings() if s.number == number}
    choices = of_group.keys() & CHOICES.values()
    if not choices:
        return named
    if stated.choice in choices:
        return of_group[stated.choice]
    if "R" in choices:
        return of_group["R" if stated.is_rhombohedral else "H"]
    raise ValueError(
        f"space group '{stated}' has two origins: list its operations, or name one of them, as in "
        f"'{stated} :2'"
    )


@cache
def _settings() -> tuple[Setting, ...]:
    """All that spglib knows."""
    kinds = [(n, spglib.get_spacegroup_type(n)) for n in range(1, 531)]
    return tuple(
        Setting(
            n,
            kind.number,
            kind.choice,
            (
                kind.international_short,
                kind.international_full,
                *kind.international.split("="),
            ),
            kind.hall_symbol,
        )
        for n, kind in kinds
        if kind is not None
    )


@cache
def _by_name() -> dict[str, Setting]:
    """Settings by their full names and by shorter ones, of which the first has most."""
    full: dict[str, Setting] = {}
    short: dict[str, Setting] = {}
    for setting in _settings():
        for name in setting.names:
            full.setdefault(_compact(name), setting)
            if setting.number in MONOCLINIC:
                short.setdefault(_compact(name.replace(" 1", "")), setting)
            if setting.number in CUBIC:
                short.setdefault(_compact(name).replace("-3", "3"), setting)
    return short | full


def _number(text: str) -> float:
    """Without its uncertainty; a right angle where nothing is said."""
    return float(text.partition("(")[0] or 90.0)


def _value(data: Mapping[str, Any], tags: tuple[str, ...]) -> str:
    """The first that is there and says anything."""
    values = (str(data.get(tag, "")).strip() for tag in tags)
    return next((value for value in values if value not in ("", "?", ".")), "")


def _compact(symbol: str) -> str:
    """Without what is written in more than one way."""
    compact = re.sub(r"[\s_()]", "", symbol).lower()
    return FORMER.get(compact, compact)
