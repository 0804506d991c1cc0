"""CIF files, block by block, so that a broken one spoils no other."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import IO, Any

import numpy as np
from pymatgen.io.cif import CifBlock, CifFile, CifParser

from a2c_ray.reading.cif_positions import special_position
from a2c_ray.reading.cif_sites import (
    FRACTIONS,
    check_numbers,
    check_sites,
    check_written,
    complete_sites,
    unlike_formula,
)
from a2c_ray.reading.cif_symmetry import (
    added_operations,
    check_cell,
    stated_group,
    unlisted_group,
)
from a2c_ray.reading.frames import Found, Frame, Problem, atoms_of, attempt, isotopes

_BLOCK = re.compile(r"data_(\S*)", re.IGNORECASE)

_SITES = "_atom_site_"

_DOTTED = re.compile(
    r"^(\s*_(?:atom_site|cell|chemical_formula|space_group|space_group_symop|symmetry))\.",
    re.IGNORECASE | re.MULTILINE,
)
"""Tags of the core dictionary since 2014, which pymatgen knows with an underscore instead."""


class _Parser(CifParser):
    """What it reads can be put right before it makes a structure of it."""

    _cif: CifFile
    feature_flags: dict[str, bool]


def read_cif(file: IO[str], source: str) -> Iterator[Found]:
    """The structures of all blocks that have any; those of a title or a reference have none."""
    blocks = [(name, text) for name, text in _blocks(file) if _SITES in text.lower()]
    if not blocks:
        yield Problem(source, None, "no block with atoms")
    for index, (name, text) in enumerate(blocks):
        yield attempt(_frame, source, index, name, text)


def _frame(source: str, index: int, name: str, text: str) -> Frame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about what it has put right
        group = stated_group(_items(_block(_parsed(text))))
        whole = text + (added_operations(group) if group else "")
        # Its check holds the composition that is stated against sites, and warns only.
        parser = _Parser.from_str(whole, frac_tolerance=0.0, check_cif=False)
        block = _block(parser._cif)
        check_numbers(block)
        remarks = list(complete_sites(block))
        data = _items(block)
        check_written(data)
        _place_sites(parser, block)
        (structure,) = parser.parse_structures(primitive=False, on_error="raise")
        if group and len(parser.symmetry_operations) == 1:
            raise ValueError(f"space group '{group}' is not known: list its operations")
        check_cell(structure.lattice.matrix, parser.symmetry_operations)
        check_sites(data, (element.symbol for element in structure.composition.elements))
        atoms = atoms_of(structure)
        remarks += unlike_formula(data, atoms.symbols)
        if unlisted := unlisted_group(data):
            remarks.append(
                f"lists one operation of space group '{unlisted}': atoms taken for all there are"
            )
        return Frame(source, index, name or None, atoms, (*remarks, *isotopes(structure)))


def _parsed(text: str) -> CifFile:
    try:
        return CifFile.from_str(text)
    except (ValueError, ZeroDivisionError) as error:
        # How pymatgen meets a loop whose values do not fill its last row.
        if isinstance(error, ValueError) and "zip()" not in str(error):
            raise
        raise ValueError("a loop lacks values: its last row is not full") from None


def _place_sites(parser: _Parser, block: CifBlock) -> None:
    """Put sites on the special positions that they stand for."""
    lattice = parser.get_lattice(block)
    if lattice is None:
        raise ValueError("lengths and angles of the cell are missing")
    if missing := [tag for tag in FRACTIONS if tag not in block.data]:
        raise ValueError(f"{', '.join(missing)} is missing")
    is_magnetic = parser.feature_flags["magcif"]
    operations = (parser.get_magsymops if is_magnetic else parser.get_symops)(block)
    places = [
        special_position(texts, lattice.matrix, operations)
        for texts in zip(*(block.data[tag] for tag in FRACTIONS), strict=True)
    ]
    for tag, values in zip(FRACTIONS, np.transpose(places), strict=True):
        block.data[tag] = [repr(float(value)) for value in values]


def _block(file: CifFile) -> CifBlock:
    return next(iter(file.data.values()))


def _items(block: CifBlock) -> dict[str, Any]:
    """Of a block, by lower-case tags."""
    return {tag.lower().rstrip("_"): value for tag, value in block.data.items()}


def _blocks(file: IO[str]) -> Iterator[tuple[str, str]]:
    """Names and texts of all blocks; two may have one name, which parsers of whole files lose."""
    name, lines, in_text = "", list[str](), False
    for written in file:
        line = written if in_text else _DOTTED.sub(r"\1_", written)
        if line.startswith(";"):
            in_text = not in_text
        begins = None if in_text else _BLOCK.match(line.lstrip())
        if begins:
            yield name, "".join(lines)
            name, lines = begins[1], []
        lines.append(line)
    yield name, "".join(lines)
