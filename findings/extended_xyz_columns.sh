#!/usr/bin/env bash
# In an extended XYZ file, Properties names the columns, in whichever order they are; species and pos are the
# usual first two (https://github.com/libAtoms/extxyz, 'Special key "Properties"'). ASE 3.29.0 and extxyz
# 0.3.0 read all of the files below as they are meant.
#
# - sisl 0.20.0, xyzSile, writes "in `extxyz` format", and reads Lattice and pbc of such files, but not
#   Properties. It takes the first column for the element and the next three for coordinates, be they masses,
#   charges or forces: atoms at wrong places in the right cell.
# - chemfiles 0.10.4 reads the same coordinates, and leaves out the cell that it reads of other such files.
#
# Neither says a word as long as the species comes first; otherwise both refuse the file.
#
# Seen: the volume, Å³, and the shortest distance, Å, of silicon; 160.1 and 2.35 are right. Exits non-zero if
# any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "chemfiles==0.10.4" "extxyz==0.3.0" "sisl==0.20.0"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from itertools import product
from pathlib import Path

import chemfiles
import extxyz
import numpy as np
import sisl
from ase.build import bulk
from ase.io import read

KINDS = {"species": "S:1", "pos": "R:3", "mass": "R:1", "charge": "R:1", "forces": "R:3", "id": "I:1"}
FIRST = ("species pos", "species pos forces")
OTHERS = ("species forces pos", "species mass pos", "species id pos charge", "pos species")
ATOMS = bulk("Si", cubic=True)


def text(order):
    """All atoms of a crystal, the forces on which are small, and the charges none."""
    names = order.split()
    properties = ":".join(f"{name}:{KINDS[name]}" for name in names)
    lattice = " ".join(str(x) for x in ATOMS.cell.array.ravel())
    lines = [str(len(ATOMS)), f'Lattice="{lattice}" Properties={properties} pbc="T T T"']
    for number, place in enumerate(ATOMS.positions, start=1):
        row = {
            "species": "Si",
            "pos": " ".join(f"{x:.6f}" for x in place),
            "mass": "28.085",
            "charge": "0.0",
            "forces": f"{0.1 * number:.1f} 0.0 {-0.1 * number:.1f}",
            "id": str(number),
        }
        lines.append(" ".join(row[name] for name in names))
    return "\n".join(lines) + "\n"


def told(cell, positions):
    cell = np.array(cell)
    shifts = np.array(list(product(range(-1, 2), repeat=3))) @ cell
    apart = np.linalg.norm(positions[:, None, None] - positions[:, None] - shifts, axis=-1)
    return f"{abs(np.linalg.det(cell)):.1f} {apart[apart > 1e-3].min():.2f}"


def with_ase(name):
    atoms = read(name)
    return told(atoms.cell, atoms.positions)


def with_extxyz(name):
    frame = extxyz.read_dicts(name)
    frame = frame[0] if isinstance(frame, list) else frame
    return told(frame.cell, frame.arrays["pos"])


def with_sisl(name):
    geometry = sisl.get_sile(name).read_geometry()
    return told(geometry.lattice.cell, geometry.xyz)


def with_chemfiles(name):
    with chemfiles.Trajectory(name) as trajectory:
        frame = trajectory.read()
        return told(frame.cell.matrix, frame.positions.copy())


def seen(reader):
    try:
        return reader("one.xyz")
    except (ValueError, chemfiles.ChemfilesError):
        return "refused"


READERS = {"ASE": with_ase, "extxyz": with_extxyz, "sisl": with_sisl, "chemfiles": with_chemfiles}
for order in FIRST + OTHERS:
    Path("one.xyz").write_text(text(order))
    print(f"{order}:", ", ".join(f"{name} {seen(reader)}" for name, reader in READERS.items()))
PYTHON
diff "$folder/seen" - <<'EXPECTED'
species pos: ASE 160.1 2.35, extxyz 160.1 2.35, sisl 160.1 2.35, chemfiles 160.1 2.35
species pos forces: ASE 160.1 2.35, extxyz 160.1 2.35, sisl 160.1 2.35, chemfiles 160.1 2.35
species forces pos: ASE 160.1 2.35, extxyz 160.1 2.35, sisl 160.1 0.14, chemfiles 0.0 0.14
species mass pos: ASE 160.1 2.35, extxyz 160.1 2.35, sisl 160.1 1.92, chemfiles 0.0 1.92
species id pos charge: ASE 160.1 2.35, extxyz 160.1 2.35, sisl 160.1 1.97, chemfiles 0.0 2.16
pos species: ASE 160.1 2.35, extxyz 160.1 2.35, sisl refused, chemfiles refused
EXPECTED
