#!/usr/bin/env bash
# A .cell file of CASTEP may hold atoms in the block IONIC_CONSTRAINTS: in words, as "fix: Si 1" or "fix: all
# unfix: H" (https://castep-docs.github.io/castep-docs/documentation/Geometry_Optimisation/constraints), or by
# linear constraints. Lines with the same number are one of these together: the sum of their coefficients
# times the coordinates stays constant ("Constraints" in
# https://castep-docs.github.io/castep-docs/documentation/Input_Files/cell_file). ASE 3.29.0 says of
# read_castep_cell: "Any value found that does not fit the atoms API will be stored in the atoms.calc
# attribute". Its warnings, the same for every file where CASTEP is not installed, do not tell that
#
# - what is in words is left out, and is not in atoms.calc either. All atoms move, and a file written of this
#   has no constraints;
# - the number is not looked at. A constraint on two atoms becomes one of each of them: a pair whose centre,
#   or whose distance, along z is to stay is held there altogether.
#
# A line for each coordinate, all with other numbers, is read as it is meant.
#
# Seen: forces on three atoms, as the constraints should leave them and as ASE does, and how many lines of
# constraints ASE has written. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from pathlib import Path

import numpy as np
from ase.io import read, write

START = """%BLOCK LATTICE_CART
10.0 0.0 0.0
0.0 10.0 0.0
0.0 0.0 10.0
%ENDBLOCK LATTICE_CART
%BLOCK POSITIONS_ABS
Si 1.0 1.0 1.0
Si 3.0 1.0 1.5
H 5.0 1.0 1.0
%ENDBLOCK POSITIONS_ABS
"""
FORCES = np.array([(1.0, 2.0, 3.0), (4.0, 5.0, -1.0), (7.0, 8.0, 9.0)])
ALL = np.eye(9)  # a row for each coordinate held


def row(**coefficients):
    """Coefficients of z of the atoms."""
    made = np.zeros((3, 3))
    for name, number in coefficients.items():
        made[{"first": 0, "second": 1}[name], 2] = number
    return made.reshape(1, 9)


CASES = {
    "none": ("", np.zeros((0, 9))),
    "three lines, three numbers": ("1 Si 1 1 0 0\n2 Si 1 0 1 0\n3 Si 1 0 0 1\n", ALL[:3]),
    "fix: Si 1": ("fix: Si 1\n", ALL[:3]),
    "fix: Si": ("fix: Si\n", ALL[:6]),
    "fix: all unfix: H": ("fix: all unfix: H\n", ALL[:6]),
    "z of both, two numbers": ("1 Si 1 0 0 1\n2 Si 2 0 0 1\n", np.vstack([row(first=1), row(second=1)])),
    "sum of z, one number": ("1 Si 1 0 0 1\n1 Si 2 0 0 1\n", row(first=1, second=1)),
    "difference of z, one number": ("1 Si 1 0 0 1\n1 Si 2 0 0 -1\n", row(first=1, second=-1)),
}


def left(rows):
    """What is left of the forces where the sums of these rows stay constant."""
    return FORCES - (rows.T @ np.linalg.pinv(rows.T) @ FORCES.ravel()).reshape(3, 3)


def with_ase(name):
    atoms = read(name)
    forces = FORCES.copy()
    for constraint in atoms.constraints:
        constraint.adjust_forces(atoms, forces)
    assert not atoms.calc.cell.ionic_constraints.value
    atoms.calc = None
    write("two.cell", atoms)
    written = Path("two.cell").read_text().upper().split("%BLOCK IONIC_CONSTRAINTS")
    lines = written[1].split("%ENDBLOCK")[0].strip().splitlines() if len(written) > 1 else []
    return f"{told(forces)}, {len(lines)} lines"


def told(forces):
    return " ".join("(" + " ".join(f"{number + 0.0:.0f}" for number in one) + ")" for one in forces.round(6))


for name, (text, rows) in CASES.items():
    block = f"%BLOCK IONIC_CONSTRAINTS\n{text}%ENDBLOCK IONIC_CONSTRAINTS\n" if text else ""
    Path("one.cell").write_text(START + block)
    print(f"{name}: {told(left(rows))}; ASE {with_ase('one.cell')}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
none: (1 2 3) (4 5 -1) (7 8 9); ASE (1 2 3) (4 5 -1) (7 8 9), 0 lines
three lines, three numbers: (0 0 0) (4 5 -1) (7 8 9); ASE (0 0 0) (4 5 -1) (7 8 9), 3 lines
fix: Si 1: (0 0 0) (4 5 -1) (7 8 9); ASE (1 2 3) (4 5 -1) (7 8 9), 0 lines
fix: Si: (0 0 0) (0 0 0) (7 8 9); ASE (1 2 3) (4 5 -1) (7 8 9), 0 lines
fix: all unfix: H: (0 0 0) (0 0 0) (7 8 9); ASE (1 2 3) (4 5 -1) (7 8 9), 0 lines
z of both, two numbers: (1 2 0) (4 5 0) (7 8 9); ASE (1 2 0) (4 5 0) (7 8 9), 2 lines
sum of z, one number: (1 2 2) (4 5 -2) (7 8 9); ASE (1 2 0) (4 5 0) (7 8 9), 2 lines
difference of z, one number: (1 2 1) (4 5 1) (7 8 9); ASE (1 2 0) (4 5 0) (7 8 9), 2 lines
EXPECTED
