"""CIF files, block by block, so that a broken one spoils no other."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import IO, Any

from pymatgen.io.cif import CifBlock, CifFile, CifParser

from a2c_ray.reading.cif_sites import check_sites, check_written, complete_sites, unlike_formula
from a2c_ray.reading.cif_symmetry import added_operations, check_cell, stated_group
from a2c_ray.reading.frames import Found, Frame, Problem, atoms_of, attempt

_BLOCK = re.compile(r"data_(\S*)", re.IGNORECASE)

OF_THIRDS = 1.1e-3
"""How far coordinates that stand for 1/3 or 2/3 may be from it, over themselves: 0.333 is."""

_SITES = "_atom_site_"


class _Parser(CifParser):
    """What it reads can be put right before it makes a structure of it."""

    _cif: CifFile


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
        group = stated_group(_items(_block(CifFile.from_str(text))))
        whole = text + (added_operations(group) if group else "")
        # Its check holds the composition that is stated against sites, and warns only.
        parser = _Parser.from_str(whole, frac_tolerance=OF_THIRDS, check_cif=False)
        block = _block(parser._cif)
        remarks = list(complete_sites(block))
        data = _items(block)
        check_written(data)
        (structure,) = parser.parse_structures(primitive=False, on_error="raise")
        if group and len(parser.symmetry_operations) == 1:
            raise ValueError(f"space group '{group}' is not known: list its operations")
        check_cell(structure.lattice.matrix, parser.symmetry_operations)
        check_sites(data, (element.symbol for element in structure.composition.elements))
        atoms = atoms_of(structure)
        remarks += unlike_formula(data, atoms.symbols)
        return Frame(source, index, name or None, atoms, tuple(remarks))


def _block(file: CifFile) -> CifBlock:
    return next(iter(file.data.values()))


def _items(block: CifBlock) -> dict[str, Any]:
    """Of a block, by lower-case tags."""
    return {tag.lower().rstrip("_"): value for tag, value in block.data.items()}


def _blocks(file: IO[str]) -> Iterator[tuple[str, str]]:
    """Names and texts of all blocks; two may have one name, which parsers of whole files lose."""
    name, lines, in_text = "", list[str](), False
    for line in file:
        if line.startswith(";"):
            in_text = not in_text
        begins = None if in_text else _BLOCK.match(line.lstrip())
        if begins:
            yield name, "".join(lines)
            name, lines = begins[1], []
        lines.append(line)
    yield name, "".join(lines)
