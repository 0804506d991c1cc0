#!/usr/bin/env bash
# The coordinates in a file of TURBOMOLE are in bohr, or in Å after `$coord angs`, or fractions of the cell
# after `$coord frac`. A crystal has `$periodic 3` and its cell in `$lattice` or `$cell`, in bohr or, with
# `angs`, in Å. The groups may be in any order
# (https://grimme-lab.github.io/mctc-lib/page/format-tmol.html, by the developers of xtb, after the manual of
# TURBOMOLE 7.4.1). Of the same silicon in these ways
#
# - ASE 3.29.0, read("coord"), takes all coordinates for bohr, and drops the cell: silicon is a molecule of
#   two atoms;
# - phonopy 4.10.0, read_turbomole("control"), takes all for bohr, the `$lattice` and what is in the file that
#   `$coord file=coord` names. "$lattice angs not supported" is a comment in its source. (Where the atoms are
#   in the control file itself, it refuses angs and frac.)
# - openbabel-wheel 3.1.1.23 takes all coordinates for bohr, and drops the cell, too.
#
# None says a word. turbomoleio 1.6.0 refuses angs and frac.
#
# Seen: the volume, Å³, and the distance of the atoms, Å; 40.0 and 2.35 are right. Exits non-zero if any
# line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "phonopy==4.10.0" "openbabel-wheel==3.1.1.23"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from pathlib import Path

import numpy as np
from ase.io import read
from ase.units import Bohr
from openbabel import pybel
from phonopy.interface.turbomole import read_turbomole

COORDINATES = {
    "$coord": "$coord\n 0.0 0.0 0.0 si\n 2.565 2.565 2.565 si\n",
    "$coord angs": "$coord angs\n 0.0 0.0 0.0 si\n 1.35734 1.35734 1.35734 si\n",
    "$coord frac": "$coord frac\n 0.0 0.0 0.0 si\n 0.25 0.25 0.25 si\n",
}
CELLS = {
    "$lattice": "$lattice\n 0.0 5.13 5.13\n 5.13 0.0 5.13\n 5.13 5.13 0.0\n",
    "$lattice angs": "$lattice angs\n 0.0 2.71468 2.71468\n 2.71468 0.0 2.71468\n 2.71468 2.71468 0.0\n",
}


def told(volume, positions):
    apart = np.linalg.norm(np.subtract(*positions))
    return f"{volume:.1f} {apart:.2f}"


def with_ase():
    atoms = read("coord")
    return told(atoms.cell.volume, atoms.positions)


def with_phonopy():
    cell = read_turbomole("control")
    return told(Bohr**3 * cell.volume, Bohr * cell.positions)


def with_openbabel():
    molecule = next(pybel.readfile("tmol", "coord"))
    volume = molecule.unitcell.GetCellVolume() if hasattr(molecule, "unitcell") else 0.0
    return told(volume, [atom.coords for atom in molecule.atoms])


READERS = {"ASE": with_ase, "phonopy": with_phonopy, "openbabel": with_openbabel}
for coordinates, positions in COORDINATES.items():
    for cell, vectors in CELLS.items():
        Path("coord").write_text(f"{positions}$periodic 3\n{vectors}$end\n")
        Path("control").write_text(f"$coord file=coord\n$periodic 3\n{vectors}$end\n")
        print(f"{coordinates}, {cell}:", ", ".join(f"{name} {found()}" for name, found in READERS.items()))
PYTHON
diff "$folder/seen" - <<'EXPECTED'
$coord, $lattice: ASE 0.0 2.35, phonopy 40.0 2.35, openbabel 0.0 2.35
$coord, $lattice angs: ASE 0.0 2.35, phonopy 5.9 2.35, openbabel 0.0 2.35
$coord angs, $lattice: ASE 0.0 1.24, phonopy 40.0 1.24, openbabel 0.0 1.24
$coord angs, $lattice angs: ASE 0.0 1.24, phonopy 5.9 1.24, openbabel 0.0 1.24
$coord frac, $lattice: ASE 0.0 0.23, phonopy 40.0 0.23, openbabel 0.0 0.23
$coord frac, $lattice angs: ASE 0.0 0.23, phonopy 5.9 0.23, openbabel 0.0 0.23
EXPECTED
