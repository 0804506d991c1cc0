#!/usr/bin/env bash
# In an input of ABINIT, what follows ! or # "is simply ignored" (https://docs.abinit.org/guide/abinit/, 3.1).
# Lengths are in bohr, "although Angstrom can be specified", acell and xcart alike, and scalecart gives "the
# scaling factors of cartesian coordinates by which ... primitive translations ... are to be multiplied"
# (ABINIT's own description of its variables, abivar_database/variables_abinit.py in abipy 1.0.0). Of the same
# silicon in all these ways
#
# - ASE 3.29.0 converts an acell in Å, but takes an xcart in Å for bohr. It ignores scalecart, and reads what
#   a ! has commented out: an acell in a comment above the one in force replaces it;
# - phonopy 4.10.0 takes an xcart in Å for bohr, too, and is right about the others;
# - abipy 1.0.0, with pymatgen 2026.10.24, ignores scalecart, and is right about the others.
#
# None says a word. Wrong are the distances of atoms in the right cell, or the cell.
#
# Seen: the volume, Å³, and the shortest distance, Å; 40.0 and 2.35 are right. Exits non-zero if any line
# differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "phonopy==4.10.0" "abipy==1.0.0" "pymatgen==2026.10.24" \
  "pymatgen-core==2026.10.16"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from itertools import product
from pathlib import Path

import numpy as np
from abipy.abio.abivars import AbinitInputFile
from ase.io import read
from ase.units import Bohr
from phonopy.interface.abinit import read_abinit

ATOMS = "natom 2\nntypat 1\ntypat 1 1\nznucl 14\n"
EDGES = "rprim 0 0.5 0.5 0.5 0 0.5 0.5 0.5 0\n"
FRACTIONS = "xred 0 0 0 0.25 0.25 0.25\n"
ACELL = "acell 10.26 10.26 10.26\n"
TEXTS = {
    "acell": ACELL + EDGES + FRACTIONS,
    "acell, Angstrom": "acell 5.4294 5.4294 5.4294 Angstrom\n" + EDGES + FRACTIONS,
    "xcart": ACELL + EDGES + "xcart 0 0 0 2.565 2.565 2.565\n",
    "xcart, Angstrom": ACELL + EDGES + "xcart 0 0 0 1.35734 1.35734 1.35734 Angstrom\n",
    "scalecart": "acell 1 1 1\nscalecart 10.26 10.26 10.26\n" + EDGES + FRACTIONS,
    "# acell 11 11 11": "# acell 11 11 11\n" + ACELL + EDGES + FRACTIONS,
    "! acell 11 11 11": "! acell 11 11 11\n" + ACELL + EDGES + FRACTIONS,
}


def told(cell, positions):
    shifts = np.array(list(product(range(-2, 3), repeat=3))) @ cell
    apart = np.linalg.norm(positions[:, None, None] - positions[:, None] - shifts, axis=-1)
    return f"{abs(np.linalg.det(cell)):.1f} {apart[apart > 1e-4].min():.2f}"


def with_ase(name):
    atoms = read(name, format="abinit-in")
    return told(atoms.cell.array, atoms.positions)


def with_phonopy(name):
    cell = read_abinit(name)
    return told(Bohr * cell.cell, Bohr * cell.positions)


def with_abipy(name):
    structure = AbinitInputFile.from_file(name).structure
    return told(structure.lattice.matrix, structure.cart_coords)


READERS = {"ASE": with_ase, "phonopy": with_phonopy, "abipy": with_abipy}
for name, text in TEXTS.items():
    Path("one.abi").write_text(ATOMS + text)
    print(f"{name}:", ", ".join(f"{reader} {found('one.abi')}" for reader, found in READERS.items()))
PYTHON
diff "$folder/seen" - <<'EXPECTED'
acell: ASE 40.0 2.35, phonopy 40.0 2.35, abipy 40.0 2.35
acell, Angstrom: ASE 40.0 2.35, phonopy 40.0 2.35, abipy 40.0 2.35
xcart: ASE 40.0 2.35, phonopy 40.0 2.35, abipy 40.0 2.35
xcart, Angstrom: ASE 40.0 1.24, phonopy 40.0 1.24, abipy 40.0 2.35
scalecart: ASE 0.0 0.23, phonopy 40.0 2.35, abipy 0.0 0.23
# acell 11 11 11: ASE 40.0 2.35, phonopy 40.0 2.35, abipy 40.0 2.35
! acell 11 11 11: ASE 49.3 2.52, phonopy 40.0 2.35, abipy 40.0 2.35
EXPECTED
