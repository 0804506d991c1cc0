#!/usr/bin/env bash
# An input of Quantum ESPRESSO may state the cell in Å, bohr or multiples of alat, coordinates in crystal
# axes, Å, bohr or alat, the unit bare, in braces or in brackets, and a number as 0, 0.1, 1.0e-1 or 1.0d-1
# (https://www.quantum-espresso.org/Doc/INPUT_PW.html). ASE 3.29.0 reads the same silicon from all of the
# inputs below; pymatgen-core 2026.10.16, PWInput.from_str, from only two of them:
#
# - an atom whose first coordinate has no point, or an exponent, is left out; of the last coordinate the
#   exponent is left out, 2.5e-1 is 2.5;
# - the unit of the cell is not looked at: bohr are taken for Å, a volume 6.7 times too large;
# - coordinates are Cartesian only where the unit is `angstrom`, in small letters and bare. Of any other,
#   bohr and `{angstrom}` among them, they are taken for crystal axes: the right cell, wrong places.
#
# All without a word. Seen: the number of atoms, the volume, Å³, and the shortest distance, Å. Exits
# non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "pymatgen-core==2026.10.16"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import io
from itertools import product

import numpy as np
from ase.io.espresso import read_espresso_in
from pymatgen.io.pwscf import PWInput

EDGE, BOHR = 5.43, 0.529177210903
INPUT = """&CONTROL
  calculation = 'scf'
/
&SYSTEM
  ibrav = 0
  nat = 2
  ntyp = 1
  ecutwfc = 40.0
/
&ELECTRONS
  conv_thr = 1.0e-8
/
ATOMIC_SPECIES
Si 28.086 Si.upf
CELL_PARAMETERS {unit}
{half} {half} 0.0
{half} 0.0 {half}
0.0 {half} {half}
ATOMIC_POSITIONS {mode}
{sites}
K_POINTS automatic
4 4 4 0 0 0
"""
IN_CRYSTAL = "Si 0.0 0.0 0.0\nSi 0.25 0.25 0.25"


def cartesian(unit):
    return "Si 0.0 0.0 0.0\nSi" + f" {EDGE / 4 / unit:.6f}" * 3


CASES = {
    "as pymatgen writes it": ("angstrom", "crystal", IN_CRYSTAL),
    "whole numbers": ("angstrom", "crystal", "Si 0 0 0\nSi 0.25 0.25 0.25"),
    "exponents": ("angstrom", "crystal", "Si 1.0e-1 1.0e-1 1.0e-1\nSi 3.5e-1 3.5e-1 3.5e-1"),
    "one exponent": ("angstrom", "crystal", "Si 0.0 0.0 0.0\nSi 0.25 0.25 2.5e-1"),
    "cell in bohr": ("bohr", "crystal", IN_CRYSTAL),
    "sites in angstrom": ("angstrom", "angstrom", cartesian(1)),
    "sites in {angstrom}": ("{angstrom}", "{angstrom}", cartesian(1)),
    "sites in (angstrom)": ("(angstrom)", "(angstrom)", cartesian(1)),
    "sites in bohr": ("angstrom", "bohr", cartesian(BOHR)),
}


def with_ase(text):
    atoms = read_espresso_in(io.StringIO(text))
    return atoms.cell.array, atoms.positions


def with_pymatgen(text):
    structure = PWInput.from_str(text).structure
    return structure.lattice.matrix, structure.cart_coords


def told(reader, text):
    cell, positions = reader(text)
    shifts = np.array(list(product(range(-2, 3), repeat=3))) @ cell
    apart = np.linalg.norm(positions[:, None, None] - positions[:, None] - shifts, axis=-1)
    shortest = f"{apart[apart > 1e-3].min():.2f}" if len(positions) else "-"
    return f"{len(positions)} {abs(np.linalg.det(cell)):.1f} {shortest}"


for name, (unit, mode, sites) in CASES.items():
    half = EDGE / 2 / (BOHR if unit == "bohr" else 1)
    text = INPUT.format(unit=unit, half=f"{half:.6f}", mode=mode, sites=sites)
    print(f"{name}: ASE {told(with_ase, text)}; pymatgen {told(with_pymatgen, text)}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
as pymatgen writes it: ASE 2 40.0 2.35; pymatgen 2 40.0 2.35
whole numbers: ASE 2 40.0 2.35; pymatgen 1 40.0 3.84
exponents: ASE 2 40.0 2.35; pymatgen 0 40.0 -
one exponent: ASE 2 40.0 2.35; pymatgen 2 40.0 2.54
cell in bohr: ASE 2 40.0 2.35; pymatgen 2 270.1 4.44
sites in angstrom: ASE 2 40.0 2.35; pymatgen 2 40.0 2.35
sites in {angstrom}: ASE 2 40.0 2.35; pymatgen 2 40.0 2.23
sites in (angstrom): ASE 2 40.0 2.35; pymatgen 2 40.0 2.23
sites in bohr: ASE 2 40.0 2.35; pymatgen 2 40.0 3.84
EXPECTED
