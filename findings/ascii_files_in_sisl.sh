#!/usr/bin/env bash
# The .ascii files of BigDFT and V_Sim hold the cell in six numbers, dxx, dyx, dyy, dzx, dzy and dzz: the
# first vector lies along x, the second in the xy plane. With the keyword `reduced` coordinates are fractions
# (http://inac.cea.fr/L_Sim/V_Sim/sample.html). Of sisl 0.20.0, asciiSileBigDFT:
#
# - reading fractions, it multiplies them by the transposed cell, which is right for rectangular cells only.
#   Silicon in the primitive cell that ASE 3.29.0 has written, and magnesium, come out with other distances
#   in the right cell;
# - writing, it takes those six components from the cell that it has, wherever the vectors point, and leaves
#   out the others. Of the primitive fcc cell, 0 1/2 1/2 and so on, a flat one is left, of iron's a quarter.
#   Positions are written as they were.
#
# None says a word. ASE turns the cell to the form of the file and takes the atoms along. What sisl is given
# in this form it writes as it should.
#
# Seen: the volume, Å³, and the shortest distance, Å, of the crystal, of what ASE has written as ASE and sisl
# read it, and of what sisl has written. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "sisl==0.20.0"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from itertools import product

import numpy as np
import sisl
from ase.build import bulk
from ase.io import read, write


def told(cell, positions):
    cell = np.asarray(cell)
    shifts = np.array(list(product(range(-2, 3), repeat=3))) @ cell
    apart = np.linalg.norm(positions[:, None, None] - positions[:, None] - shifts, axis=-1)
    return f"{abs(np.linalg.det(cell)):.1f} {apart[apart > 1e-4].min():.2f}"


def with_ase(name):
    atoms = read(name, format="v-sim")
    return told(atoms.cell, atoms.positions)


def with_sisl(name):
    geometry = sisl.get_sile(name).read_geometry()
    return told(geometry.lattice.cell, geometry.xyz)


def turned(atoms):
    """With a along x and b in the xy plane."""
    atoms = atoms.copy()
    atoms.set_cell(atoms.cell.standard_form()[0], scale_atoms=True)
    return atoms


CRYSTALS = {
    "silicon, cubic": bulk("Si", cubic=True),
    "silicon, primitive": bulk("Si"),
    "silicon, primitive, turned": turned(bulk("Si")),
    "magnesium": bulk("Mg"),
    "iron, primitive": bulk("Fe"),
}
for name, atoms in CRYSTALS.items():
    write("ase.ascii", atoms, format="v-sim")
    sisl.Geometry(atoms.positions, atoms.get_chemical_symbols(), atoms.cell.array).write("sisl.ascii")
    print(f"{name}: {told(atoms.cell, atoms.positions)}")
    print(f"  of ASE: ASE {with_ase('ase.ascii')}, sisl {with_sisl('ase.ascii')}")
    print(f"  of sisl: ASE {with_ase('sisl.ascii')}, sisl {with_sisl('sisl.ascii')}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
silicon, cubic: 160.1 2.35
  of ASE: ASE 160.1 2.35, sisl 160.1 2.35
  of sisl: ASE 160.1 2.35, sisl 160.1 2.35
silicon, primitive: 40.0 2.35
  of ASE: ASE 40.0 2.35, sisl 40.0 1.87
  of sisl: ASE 0.0 2.35, sisl 0.0 2.35
silicon, primitive, turned: 40.0 2.35
  of ASE: ASE 40.0 2.35, sisl 40.0 1.87
  of sisl: ASE 40.0 2.35, sisl 40.0 2.35
magnesium: 46.5 3.20
  of ASE: ASE 46.5 3.20, sisl 46.5 3.04
  of sisl: ASE 46.5 3.20, sisl 46.5 3.20
iron, primitive: 11.8 2.49
  of ASE: ASE 11.8 2.49, sisl 11.8 2.49
  of sisl: ASE 3.0 1.44, sisl 3.0 1.44
EXPECTED
