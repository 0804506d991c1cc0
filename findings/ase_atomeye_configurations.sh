#!/usr/bin/env bash
# A configuration of AtomEye, .cfg, has a "basic length-scale" A, in Å, and a cell H0 "in A". Velocities are
# those of the reduced coordinates, in units of R, 1/ns if not given (http://li.mit.edu/Archive/Graphics/A/).
# Where LAMMPS is asked for unwrapped coordinates, dump ... cfg ... mass type xsu ysu zsu
# (https://docs.lammps.org/dump.html), it writes A = 10 with H0 of true lengths, a cell that is ten times as
# long, and the atoms as much closer to its middle (UNWRAPEXPAND in its dump_cfg.cpp).
#
# ASE 3.29.0, read_cfg, "read atomic configuration from a CFG-file (native AtomEye format)", does not look at
# A (in its source: `pass  # unit = float(value[0])`), nor at R. Of such a file of LAMMPS the cell seems
# right, but in it atoms are ten times too close. Of others all lengths are too small. Velocities are taken
# for Cartesian, in ASE's own unit of 98 Å/ps, and written so. No word is said. diffpy.structure 3.3.1 has the
# atoms where they are.
#
# Seen: distance (Å) of silicon atoms, 2.35, of oxygen and hydrogen in water, 0.96, in files of several A, and
# the speed, Å/ps, of an atom to which the file gives 100 edges of 20 Å per ns, that is 2. Exits non-zero if
# any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "diffpy.structure==3.3.1"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase.io import read
from ase.units import fs
from diffpy.structure import loadStructure


def head(count, scale, cell):
    lines = [f"Number of particles = {count}", f"A = {scale} Angstrom (basic length-scale)"]
    lines += [f"H0({i + 1},{j + 1}) = {cell[i][j]} A" for i in range(3) for j in range(3)]
    return "\n".join(lines) + "\n"


def extended(scale, cell, atoms):
    text = head(len(atoms), scale, cell) + ".NO_VELOCITY.\nentry_count = 3\n"
    masses = {"Si": 28.085, "O": 15.999, "H": 1.008}
    return text + "".join(f"{masses[s]}\n{s}\n{x} {y} {z}\n" for s, x, y, z in atoms)


FCC = np.array([[0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
SILICON = [("Si", 0, 0, 0), ("Si", 0.25, 0.25, 0.25)]
BOX = 20 * np.eye(3)
# as LAMMPS would have them for xs ys zs and for xsu ysu zsu
WATER = [("O", 0.9, 0.5, 0.5), ("H", 0.948, 0.5, 0.5), ("H", 0.888, 0.54648, 0.5)]
UNWRAPPED = [(s, *(round((x - 0.5) / 10 + 0.5, 8) for x in place)) for s, *place in WATER]
FILES = {
    "silicon": extended(1.0, 5.43 * FCC, SILICON),
    "silicon, lattice constant": extended(5.43, FCC, SILICON),
    "water, wrapped": extended(1, BOX, WATER),
    "water, unwrapped": extended(10, BOX, UNWRAPPED),
}
for name, text in FILES.items():
    with open("a.cfg", "w") as file:
        file.write(text)
    scale = text.split("A = ")[1].split()[0]
    distance = read("a.cfg").get_distance(0, 1, mic=True)
    other = loadStructure("a.cfg", fmt="xcfg").distance(0, 1)
    print(f"{name}: A = {scale}: ASE {distance:.2f}, diffpy {other:.2f}")
with open("a.cfg", "w") as file:
    file.write(head(1, 1.0, BOX) + "R = 1.0 [ns^-1]\n28.085 Si 0.5 0.5 0.5 100.0 0.0 0.0\n")
print(f"speed: ASE {np.linalg.norm(read('a.cfg').get_velocities()[0]) * 1000 * fs:.0f}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
silicon: A = 1.0: ASE 2.35, diffpy 2.35
silicon, lattice constant: A = 5.43: ASE 0.43, diffpy 2.35
water, wrapped: A = 1: ASE 0.96, diffpy 0.96
water, unwrapped: A = 10: ASE 0.10, diffpy 0.96
speed: ASE 9823
EXPECTED
