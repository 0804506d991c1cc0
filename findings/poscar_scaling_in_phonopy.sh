#!/usr/bin/env bash
# The second line of a POSCAR may hold a factor, or the cell's volume with a minus sign, that scales the
# lattice vectors and, "if the 'Cartesian' mode is selected", the positions (https://vasp.at/wiki/POSCAR).
# What ASE, pymatgen and jarvis-tools make of that is in poscar_scaling_factors.sh. The same zinc blende,
# written in all these ways, is read by dpdata 1.1.0 as it is meant. Of the others
#
# - phonopy 4.10.0 multiplies the vectors and leaves Cartesian coordinates as they are, whatever the
#   factor: atoms at wrong places in the right cell. `phonopy -d` makes displacements of this crystal, of
#   lower symmetry and so more of them, and writes the supercells for VASP with Direct coordinates;
# - atomman 1.5.4 does the same;
# - crystals 1.7.0 and sisl 0.20.0 scale both, as they should;
# - all four take a volume for a factor: a cell 34 times as large, and turned inside out.
#
# None says a word. Whoever has a POSCAR with a lattice constant in its second line, as old ones and those
# made by hand do, and Cartesian coordinates, is hurt.
#
# Seen: the volume, Å³ (11.7 is right), and the shortest distance, Å (1.56 is right); of phonopy the number
# of the space group (216 is right) and of displacements. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "phonopy==4.10.0" "sisl==0.20.0" "dpdata==1.1.0" "ase==3.29.0" \
  "atomman==1.5.4" "crystals==1.7.0"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from itertools import product
from pathlib import Path

import atomman
import crystals
import dpdata
import numpy as np
import sisl
from ase.io.vasp import read_vasp as read_with_ase
from phonopy import Phonopy
from phonopy.interface.vasp import read_vasp

TEXT = "BN\n{}\n0 0.5 0.5\n0.5 0 0.5\n0.5 0.5 0\nB N\n1 1\n{}\n0 0 0\n0.25 0.25 0.25\n"
SCALES = {"factor": 3.6, "volume": -(3.6**3) / 4}


def with_ase(name):
    atoms = read_with_ase(name)
    return atoms.cell.array, atoms.positions


def with_dpdata(name):
    system = dpdata.System(name, fmt="vasp/poscar")
    return system["cells"][0], system["coords"][0]


def with_phonopy(name):
    cell = read_vasp(name)
    return cell.cell, cell.positions


def with_atomman(name):
    system = atomman.load("poscar", name)
    return system.box.vects, system.atoms.pos


def with_crystals(name):
    crystal = crystals.Crystal.from_poscar(name)
    return np.array(crystal.lattice_vectors), np.array([atom.coords_cartesian for atom in crystal])


def with_sisl(name):
    geometry = sisl.get_sile(name).read_geometry()
    return geometry.lattice.cell, geometry.xyz


def told(cell, positions):
    shifts = np.array(list(product(range(-2, 3), repeat=3))) @ cell
    apart = np.linalg.norm(positions[:, None, None] - positions[:, None] - shifts, axis=-1)
    return f"{abs(np.linalg.det(cell)):.1f} {apart[apart > 1e-6].min():.2f}"


READERS = {
    "ASE": with_ase,
    "dpdata": with_dpdata,
    "phonopy": with_phonopy,
    "atomman": with_atomman,
    "crystals": with_crystals,
    "sisl": with_sisl,
}
for (scale, number), mode in product(SCALES.items(), ("Direct", "Cartesian")):
    Path("POSCAR").write_text(TEXT.format(number, mode))
    seen = ", ".join(f"{name} {told(*read('POSCAR'))}" for name, read in READERS.items())
    phonons = Phonopy(read_vasp("POSCAR"), np.diag([2, 2, 2]), primitive_matrix=np.eye(3), log_level=0)
    phonons.generate_displacements()
    group = phonons.symmetry.dataset.number
    print(f"{scale}, {mode}:\n {seen}")
    print(f" phonopy: space group {group}, displacements {len(phonons.displacements)}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
factor, Direct:
 ASE 11.7 1.56, dpdata 11.7 1.56, phonopy 11.7 1.56, atomman 11.7 1.56, crystals 11.7 1.56, sisl 11.7 1.56
 phonopy: space group 216, displacements 2
factor, Cartesian:
 ASE 11.7 1.56, dpdata 11.7 1.56, phonopy 11.7 0.43, atomman 11.7 0.43, crystals 11.7 1.56, sisl 11.7 1.56
 phonopy: space group 160, displacements 4
volume, Direct:
 ASE 11.7 1.56, dpdata 11.7 1.56, phonopy 396.7 5.05, atomman 396.7 5.05, crystals 396.7 5.05, sisl 396.7 5.05
 phonopy: space group 216, displacements 2
volume, Cartesian:
 ASE 11.7 1.56, dpdata 11.7 1.56, phonopy 396.7 0.43, atomman 396.7 0.43, crystals 396.7 5.05, sisl 396.7 5.05
 phonopy: space group 160, displacements 4
EXPECTED
