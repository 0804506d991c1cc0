#!/usr/bin/env bash
# jarvis-tools 2026.6.12, jarvis.core.atoms.Atoms. A strain carries the atoms along, a rotation changes no
# distance, and a method that returns new atoms leaves those it was called of alone. Here
#
# - `strain_atoms` strains the vectors of the cell and keeps `coords`. Where these are fractions, all is
#   well; where they are Cartesian, the cell grows and the atoms stay at their old places in it. Cartesian
#   are those from ASE (`ase_to_atoms`) and of every supercell (`make_supercell`, here of 1 x 1 x 1). The
#   energies of one and the same crystal under strain depend on where its atoms come from;
# - `rotate_cell` multiplies the matrix of the vectors from the wrong side, which mixes the vectors rather
#   than their components. A cubic cell survives it, silicon in its primitive cell has bonds of 1.36 Å;
# - `center` returns atoms in a cell with vacuum, and lengthens the cell of those it was called of, too.
#
# None says a word. ASE 3.29.0 does what is meant, with set_cell(..., scale_atoms=True) and
# rotate(..., rotate_cell=True). Seen: the volume, Å³, the shortest distance, Å, and the space group that
# spglib 2.8.0 finds. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "jarvis-tools==2026.6.12" "ase==3.29.0" "spglib==2.8.0"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from itertools import product

import numpy as np
import spglib
from ase.build import bulk
from ase.spacegroup import crystal
from jarvis.core.atoms import Atoms, ase_to_atoms

CRYSTALS = {
    "rock salt, cubic": bulk("NaCl", "rocksalt", 5.64, cubic=True),
    "silicon, primitive": bulk("Si"),
    "magnesium": bulk("Mg"),
    "rutile": crystal(
        ("Ti", "O"),
        [(0, 0, 0), (0.305, 0.305, 0)],
        spacegroup=136,
        cellpar=[4.594, 4.594, 2.959, 90, 90, 90],
    ),
}
SHIFTS = np.array(list(product(range(-3, 4), repeat=3)))


def told(cell, fractions, numbers):
    apart = (fractions[:, None, None] - fractions[:, None] - SHIFTS) @ cell
    lengths = np.linalg.norm(apart, axis=-1)
    group = spglib.get_spacegroup((cell, fractions, numbers), 1e-3).split()[0]
    return f"{abs(np.linalg.det(cell)):.1f} {lengths[lengths > 1e-2].min():.2f} {group}"


def of_jarvis(atoms):
    return told(np.array(atoms.lattice_mat), np.array(atoms.frac_coords), atoms.atomic_numbers)


def of_ase(atoms):
    return told(atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers)


def in_fractions(atoms):
    return Atoms(
        lattice_mat=atoms.cell.array,
        coords=atoms.get_scaled_positions(),
        elements=atoms.get_chemical_symbols(),
    )


for name, atoms in CRYSTALS.items():
    strained, turned = atoms.copy(), atoms.copy()
    strained.set_cell(1.1 * atoms.cell, scale_atoms=True)
    turned.rotate(90, "x", rotate_cell=True)
    given, centred = in_fractions(atoms), in_fractions(atoms)
    centred.center(axis=2, vacuum=10)
    rows = {
        "": {"given": of_jarvis(given), "after center": of_jarvis(centred)},
        ", strained by 10 %": {
            "by ASE": of_ase(strained),
            "fractions": of_jarvis(given.strain_atoms(0.1)),
            "from ASE": of_jarvis(ase_to_atoms(atoms).strain_atoms(0.1)),
            "a supercell": of_jarvis(given.make_supercell([1, 1, 1]).strain_atoms(0.1)),
        },
        ", turned": {
            "by ASE": of_ase(turned),
            "by rotate_cell": of_jarvis(given.rotate_cell(phi=0, theta=90, psi=0)),
        },
    }
    for what, seen in rows.items():
        print(f"{name}{what}:", "; ".join(f"{way} {text}" for way, text in seen.items()))
PYTHON
diff "$folder/seen" - <<'EXPECTED'
rock salt, cubic: given 179.4 2.82 Fm-3m; after center 725.9 2.82 I4/mmm
rock salt, cubic, strained by 10 %: by ASE 238.8 3.10 Fm-3m; fractions 238.8 3.10 Fm-3m; from ASE 238.8 2.82 P-43m; a supercell 238.8 2.82 P-43m
rock salt, cubic, turned: by ASE 179.4 2.82 Fm-3m; by rotate_cell 179.4 2.82 Fm-3m
silicon, primitive: given 40.0 2.35 Fd-3m; after center 265.4 3.84 C2/m
silicon, primitive, strained by 10 %: by ASE 53.3 2.59 Fd-3m; fractions 53.3 2.59 Fd-3m; from ASE 53.3 2.35 R-3m; a supercell 53.3 2.35 R-3m
silicon, primitive, turned: by ASE 40.0 2.35 Fd-3m; by rotate_cell 40.0 1.36 I4/mmm
magnesium: given 46.5 3.20 P6_3/mmc; after center 201.7 3.21 P6_3/mmc
magnesium, strained by 10 %: by ASE 61.9 3.52 P6_3/mmc; fractions 61.9 3.52 P6_3/mmc; from ASE 61.9 3.20 C2/m; a supercell 61.9 3.20 C2/m
magnesium, turned: by ASE 46.5 3.20 P6_3/mmc; by rotate_cell 46.5 2.24 P-1
rutile: given 62.4 1.95 P4_2/mnm; after center 453.3 1.98 P4_2/mnm
rutile, strained by 10 %: by ASE 83.1 2.14 P4_2/mnm; fractions 83.1 2.14 P4_2/mnm; from ASE 83.1 1.95 Cm; a supercell 83.1 1.95 Cm
rutile, turned: by ASE 62.4 1.95 P4_2/mnm; by rotate_cell 62.4 1.67 Pnnm
EXPECTED
