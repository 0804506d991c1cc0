#!/usr/bin/env bash
# The second line of a POSCAR may hold one factor, the cell's volume with a minus sign, or a factor for
# each of x, y and z, which scale the lattice vectors and Cartesian coordinates alike
# (https://vasp.at/wiki/POSCAR). The same zinc blende, written in all these ways, is read
#
# - by ASE 3.29.0 as it is meant;
# - by pymatgen 2026.10.24 with the right cell, but with Cartesian coordinates multiplied by the volume
#   itself and its sign where that is given: other bonds, and no complaint. Three factors are refused.
# - by jarvis-tools 2026.6.12 with vectors multiplied by the volume and Cartesian coordinates not scaled
#   at all, whatever the factor, without complaint. Three factors are refused.
#
# Seen: the shortest distance between two atoms, Å (1.56 is right), and the volume, Å³ (46.7 is right).
# Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "pymatgen==2026.10.24" "jarvis-tools==2026.6.12"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import io

import numpy as np
from ase.geometry import get_distances
from ase.io.vasp import read_vasp
from jarvis.core.atoms import Atoms
from pymatgen.io.vasp.inputs import Poscar

EDGE, FACTOR = 3.0, 1.2
DIRECT = [(x, y, z) for x, y, z in ((0, 0, 0), (0, 0.5, 0.5), (0.5, 0, 0.5), (0.5, 0.5, 0))]
DIRECT += [(x + 0.25, y + 0.25, z + 0.25) for x, y, z in DIRECT]
SCALES = {
    "factor": f"{FACTOR}",
    "volume": f"-{(EDGE * FACTOR) ** 3}",
    "three": f"{FACTOR} {FACTOR} {FACTOR}",
}
MODES = {"Direct": np.array(DIRECT), "Cartesian": EDGE * np.array(DIRECT)}


def with_ase(text):
    atoms = read_vasp(io.StringIO(text))
    return atoms.cell.array, atoms.positions


def with_pymatgen(text):
    structure = Poscar.from_str(text).structure
    return structure.lattice.matrix, structure.cart_coords


def with_jarvis(text):
    with open("POSCAR", "w") as file:
        file.write(text)
    atoms = Atoms.from_poscar("POSCAR")
    return np.array(atoms.lattice_mat), np.array(atoms.cart_coords)


def told(read, text):
    try:
        cell, positions = read(text)
    except ValueError:
        return "refused"
    _, distances = get_distances(positions, cell=cell, pbc=True)
    volume = abs(np.linalg.det(cell))
    return f"{distances[distances > 1e-6].min():.2f} {volume:.1f}"


READERS = {"ASE": with_ase, "pymatgen": with_pymatgen, "jarvis": with_jarvis}
for scale, line in SCALES.items():
    for mode, coordinates in MODES.items():
        rows = [f"{x:.6f} {y:.6f} {z:.6f}" for x, y, z in coordinates]
        head = ["BN", line, f"{EDGE} 0 0", f"0 {EDGE} 0", f"0 0 {EDGE}", "B N", "4 4", mode]
        text = "\n".join([*head, *rows, ""])
        print(f"{scale}, {mode}:", "; ".join(f"{n} {told(r, text)}" for n, r in READERS.items()))
PYTHON
diff "$folder/seen" - <<'EXPECTED'
factor, Direct: ASE 1.56 46.7; pymatgen 1.56 46.7; jarvis 1.56 46.7
factor, Cartesian: ASE 1.56 46.7; pymatgen 1.56 46.7; jarvis 1.30 46.7
volume, Direct: ASE 1.56 46.7; pymatgen 1.56 46.7; jarvis 60.61 2742118.8
volume, Cartesian: ASE 1.56 46.7; pymatgen 1.30 46.7; jarvis 1.30 2742118.8
three, Direct: ASE 1.56 46.7; pymatgen refused; jarvis refused
three, Cartesian: ASE 1.56 46.7; pymatgen refused; jarvis refused
EXPECTED
