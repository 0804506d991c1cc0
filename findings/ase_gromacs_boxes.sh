#!/usr/bin/env bash
# A .gro file holds three box vectors, of which the first has to lie along x and the second in the xy plane
# (https://manual.gromacs.org/current/reference-manual/file-formats.html#gro). ASE 3.29.0 writes the cell
# and the positions as they are. An fcc primitive cell as ase.build.bulk makes it, or any cell out of a
# POSCAR or a relaxation, is then a file that MDAnalysis 2.11.0 and mdtraj 1.11.1.post2 read without a
# word, with other distances, and that to chemfiles 0.10.4 has a volume of zero. Turned to the standard
# form beforehand (`cell.standard_form`), the same crystal is read right by all.
#
# Seen: the volume, Å³, and the shortest distance, Å. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "MDAnalysis==2.11.0" "mdtraj==1.11.1.post2" \
    "chemfiles==0.10.4"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from itertools import product

import chemfiles
import MDAnalysis
import mdtraj
import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.io import read, write
from MDAnalysis.lib.mdamath import triclinic_vectors

CRYSTALS = {
    "zinc blende, primitive": bulk("ZnS", "zincblende", 5.41) * 2,
    "rock salt, primitive": bulk("NaCl", "rocksalt", 5.64) * 2,
    "rock salt, cubic": bulk("NaCl", "rocksalt", 5.64, cubic=True),
}


def with_ase():
    atoms = read("one.gro")
    return atoms.cell.array, atoms.positions


def with_mdanalysis():
    universe = MDAnalysis.Universe("one.gro")
    return triclinic_vectors(universe.dimensions), universe.atoms.positions


def with_mdtraj():
    frame = mdtraj.load("one.gro")
    return 10 * frame.unitcell_vectors[0], 10 * frame.xyz[0]  # it counts in nm


def with_chemfiles():
    frame = chemfiles.Trajectory("one.gro").read()
    return np.array(frame.cell.matrix).T, np.array(frame.positions)


def told(cell, positions):
    cell, positions = np.asarray(cell, float), np.asarray(positions, float)
    shifts = np.array(list(product(range(-2, 3), repeat=3))) @ cell
    apart = np.linalg.norm(positions[:, None, None] - positions[:, None] - shifts, axis=-1)
    return f"{abs(np.linalg.det(cell)):.0f} {apart[apart > 1e-2].min():.2f}"


READERS = {"ASE": with_ase, "MDAnalysis": with_mdanalysis, "mdtraj": with_mdtraj, "chemfiles": with_chemfiles}
for name, atoms in CRYSTALS.items():
    cell, _ = atoms.cell.standard_form()
    turned = Atoms(atoms.numbers, cell=cell, scaled_positions=atoms.get_scaled_positions(), pbc=True)
    for how, written in (("as it is", atoms), ("turned", turned)):
        write("one.gro", written)
        seen = "; ".join(f"{library} {told(*reader())}" for library, reader in READERS.items())
        print(f"{name}, {how}: {seen}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
zinc blende, primitive, as it is: ASE 317 2.34; MDAnalysis 317 1.48; mdtraj 317 1.48; chemfiles 0 2.34
zinc blende, primitive, turned: ASE 317 2.34; MDAnalysis 317 2.34; mdtraj 317 2.34; chemfiles 317 2.34
rock salt, primitive, as it is: ASE 359 2.82; MDAnalysis 359 0.48; mdtraj 359 0.48; chemfiles 0 2.82
rock salt, primitive, turned: ASE 359 2.81; MDAnalysis 359 2.81; mdtraj 359 2.81; chemfiles 359 2.81
rock salt, cubic, as it is: ASE 179 2.82; MDAnalysis 179 2.82; mdtraj 179 2.82; chemfiles 179 2.82
rock salt, cubic, turned: ASE 179 2.82; MDAnalysis 179 2.82; mdtraj 179 2.82; chemfiles 179 2.82
EXPECTED
