"""Given cells after their relaxation as files: in the order of the input, with its labels."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from ase import Atoms
from ase.calculators.calculator import all_properties
from ase.calculators.singlepoint import SinglePointCalculator
from ase.cell import Cell
from ase.io.extxyz import write_extxyz
from ase.stress import full_3x3_to_voigt_6_stress, voigt_6_to_full_3x3_stress
from pymatgen.io.ase import AseAtomsAdaptor
from pymatgen.io.cif import CifBlock, CifWriter

from a2c_ray.errors import InputError
from a2c_ray.lake import Lake
from a2c_ray.lake.schemas import columns_of
from a2c_ray.lake.store import TEMPORARY
from a2c_ray.lake.structure_files import DIGITS
from a2c_ray.lake.xyz_labels import as_columns, as_entries
from a2c_ray.reading.frames import MOVABLE, Frame

Row: TypeAlias = dict[str, Any]

AT_ONCE = 2000
"""Rows that are looked up at a time."""

ROWS = """
SELECT *, try_cast(regexp_extract(subcell_id, '-c([0-9]+)$', 1) AS INTEGER) AS source_order
FROM relaxed
WHERE source_file IS NOT NULL AND source_order BETWEEN $first AND $last
"""

KEPT = {"magmoms": "initial_magmoms", "charges": "initial_charges"}
"""Labels that ASE takes for results, and what they begin a calculation as."""

OF_ATOMS = ("numbers", "positions")
"""Arrays that are no labels."""

OF_INPUT = re.compile(
    rf"(?:(?:ref|dft)_)?(?:{'|'.join(all_properties)})"
    r"|(?:\w+_)?(?:energy|forces?|stress|virials?)|\w+_per_atom",
    re.IGNORECASE,
)
"""Labels that are of the cell as it was given: what ASE, or data to train on, call its results."""

LASTING = {"system", "formula", "n_atoms", "run_id"}
"""Columns of our tables that do not change as a cell is relaxed."""

OURS = {column.name for table in ("relaxed", "products") for column in columns_of(table)} - LASTING
"""Labels of cells that were exported from a lake, likewise."""

VOIGT = ("xx", "yy", "zz", "yz", "xz", "xy")

OF_FOLDER = re.compile(r"\d{6,}-.+\.cif")
"""Names of files in a folder that is written."""

OF_XYZ = (".extxyz", ".xyz")


class OutputError(InputError):
    """A path that relaxed cells cannot be written to."""


def check_output(path: Path, inputs: Iterable[Path], folders: Iterable[Path] = ()) -> None:
    """Refuse a path before any work is done for it.

    Args:
        path: of a file or folder to be written.
        inputs: files that are read.
        folders: whose files are read.

    Raises:
        OutputError: it would be read, is there already and not of such a run, or of no known kind.
    """
    place = path.resolve()
    if place in {file.resolve() for file in inputs}:
        raise OutputError(f"--output {path} is one of the files to read: give another")
    for folder in folders:
        if folder.resolve() in place.parents:
            raise OutputError(
                f"--output {path} would be read with {folder} next time: give another"
            )
    if path.exists() and not _is_former_output(path):
        raise OutputError(f"{path} is there already: delete it, or give another --output")
    if path.suffix and path.suffix not in OF_XYZ:
        raise OutputError(
            f"--output {path}: give a file {' or '.join(OF_XYZ)}, or a folder for CIF files"
        )


def _is_former_output(path: Path) -> bool:
    """Whether all of it has been written by `write_relaxed`, so that it may be written anew."""
    if path.is_dir():
        files = list(path.iterdir())
        return all(OF_FOLDER.fullmatch(file.name) for file in files) and all(
            "_a2c_source_index" in file.read_text(encoding="utf-8") for file in files
        )
    with path.open(encoding="utf-8", errors="replace") as file:
        return "source_index=" in "".join(islice(file, 2))


class Written(NamedTuple):
    """What is in files now.

    n_cells: how many cells.
    left_out: labels of atoms that such files cannot hold.
    """

    n_cells: int
    left_out: frozenset[str]


def write_relaxed(lake: Lake, frames: Iterable[Frame], path: Path) -> Written:
    """Write the cells of a run that are in the lake.

    Those that did not end soundly are written as they were given, without an energy.

    Args:
        lake: of the run alone.
        frames: its pile, in order.
        path: `.extxyz` or `.xyz` for one file, otherwise of a folder of CIF files; it appears whole
            or not at all.
    """
    pairs = _with_rows(lake, frames)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + TEMPORARY)
    try:
        written = (_write_xyz if path.suffix in OF_XYZ else _write_cifs)(pairs, temporary)
        if path.is_dir():
            shutil.rmtree(path)
        temporary.replace(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.unlink(missing_ok=True)
    return written


def relaxed_atoms(frame: Frame, row: Row) -> Atoms:
    """A frame after its relaxation, with results that ASE's getters and writers know.

    Args:
        frame: as it was given.
        row: of `relaxed`.
    """
    atoms = frame.atoms.copy()
    atoms.set_constraint()  # which was not kept, and would hide forces
    atoms.arrays.pop(MOVABLE, None)
    given = frame.atoms.arrays | (frame.atoms.calc.results if frame.atoms.calc else {})
    for label, begin in KEPT.items():
        value = given.get(label)
        if value is not None and begin not in atoms.arrays:
            atoms.set_array(begin, np.asarray(value, np.float64))
    results = {}
    if row["energy_per_atom"] is not None:
        cell = np.reshape(row["lattice"], (3, 3))
        atoms.set_cell(cell)
        atoms.positions = np.reshape(row["frac_coords"], (-1, 3)) @ cell
        stress = np.reshape(row["stress"], (3, 3))
        results = {
            "energy": row["energy_per_atom"] * len(atoms),
            "forces": np.reshape(row["forces"], (-1, 3)),
            "stress": full_3x3_to_voigt_6_stress(stress),
        }
    for labels in (atoms.info, atoms.arrays):
        for key in [key for key in labels if key in OURS or OF_INPUT.fullmatch(str(key))]:
            del labels[key]
    atoms.info.setdefault("name", frame.name)
    atoms.info |= {key: row[key] for key in ("outcome", "steps", "enthalpy_per_atom")}
    atoms.info |= {"source_file": frame.file, "source_index": frame.index}
    atoms.info = {key: value for key, value in atoms.info.items() if value is not None}
    atoms.pbc = True
    atoms.calc = SinglePointCalculator(atoms, **results) if results else None
    return atoms


def _with_rows(lake: Lake, frames: Iterable[Frame]) -> Iterator[tuple[int, Frame, Row]]:
    """Frames that are in the lake, with their place in the pile and their row."""
    numbered = enumerate(frames)
    while some := list(islice(numbered, AT_ONCE)):
        found = lake.sql(ROWS, {"first": some[0][0], "last": some[-1][0]})
        rows = {row["source_order"]: row for row in found.to_arrow_table().to_pylist()}
        yield from ((order, frame, rows[order]) for order, frame in some if order in rows)


def _write_xyz(pairs: Iterable[tuple[int, Frame, Row]], path: Path) -> Written:
    n_written, left_out = 0, set()
    with path.open("w", encoding="utf-8") as file:
        for _, frame, row in pairs:
            atoms = relaxed_atoms(frame, row)
            columns, others = as_columns(_labels(atoms))
            atoms.arrays = {key: atoms.arrays[key] for key in OF_ATOMS} | columns
            atoms.info = as_entries(atoms.info)
            left_out |= others
            write_extxyz(file, [atoms])
            n_written += 1
    return Written(n_written, frozenset(left_out))


def _write_cifs(pairs: Iterable[tuple[int, Frame, Row]], folder: Path) -> Written:
    folder.mkdir()
    n_written, left_out = 0, set()
    for order, frame, row in pairs:
        name = re.sub(r"[^\w.+-]+", "_", frame.name or Path(frame.file).stem).strip("._")[:80]
        path = folder / f"{order:06d}-{name or 'cell'}.cif"
        atoms = relaxed_atoms(frame, row)
        path.write_text(_cif(atoms, name or "cell"), encoding="utf-8")
        n_written += 1
        left_out |= {key for key, array in _labels(atoms).items() if not _is_loop(array)}
    return Written(n_written, frozenset(left_out))


def _cif(atoms: Atoms, name: str) -> str:
    """A block in P1, with what CIF has no items for under `_a2c_`: eV, eV/Å, eV/Å³.

    A CIF file knows no Cartesian axes. Those of forces and stress are the ones that ASE gives to
    what it reads: a along x, b in the plane of x and y. Such a cell is right-handed; all edges of
    others are turned round.
    """
    cell = atoms.cell.handedness * atoms.cell
    plain = Atoms(atoms.numbers, atoms.positions, cell=cell, pbc=True)
    structure = AseAtomsAdaptor.get_structure(plain)
    [written] = CifWriter(structure, significant_figures=DIGITS).cif_file.data.values()
    items = {f"_a2c_{_item(k)}": str(v) for k, v in atoms.info.items() if _is_short(v)}
    columns = {
        f"_a2c_atom_{_item(key)}": array for key, array in _labels(atoms).items() if _is_loop(array)
    }
    if atoms.calc is not None:
        rotation = np.linalg.solve(cell, Cell.fromcellpar(plain.cell.cellpar())).T
        items["_a2c_energy"] = str(float(atoms.calc.results["energy"]))
        stress = rotation @ voigt_6_to_full_3x3_stress(atoms.calc.results["stress"]) @ rotation.T
        for component, value in zip(VOIGT, full_3x3_to_voigt_6_stress(stress), strict=True):
            items[f"_a2c_stress_{component}"] = f"{value:.10f}"
        forces = np.char.mod("%.8f", atoms.calc.results["forces"] @ rotation.T)
        columns |= {f"_a2c_atom_force_{axis}": forces[:, k] for k, axis in enumerate("xyz")}
    data, loops = dict(written.data) | items, list(written.loops)
    if columns:
        columns = {"_a2c_atom_label": np.array(written.data["_atom_site_label"])} | columns
        data |= {key: [str(value) for value in column] for key, column in columns.items()}
        loops.append(list(columns))
    return f"{CifBlock(data, loops, name)}\n"


def _labels(atoms: Atoms) -> dict[str, np.ndarray]:
    return {key: array for key, array in atoms.arrays.items() if key not in OF_ATOMS}


def _is_loop(array: np.ndarray) -> bool:
    return array.ndim == 1 and all(str(value).isprintable() for value in array)


def _item(key: str) -> str:
    return re.sub(r"\W+", "_", key)


def _is_short(value: object) -> bool:
    return isinstance(value, str | int | float | bool | np.number) and str(value).isprintable()
