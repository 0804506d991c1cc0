#!/usr/bin/env bash
# The input generator of FLEUR takes whole thirds for hexagonal crystals: "&factor 3.0 3.0 1.0 /" stands
# behind the atoms and gives "additional scaling factors" by which "your atomic positions will be divided"
# (http://www.flapw.de/site/inpgen/). So 1 1 0.25 is the site 1/3, 1/3, 1/4.
#
# phonopy 4.10.0, phonopy-init --fleur, reads the positions as they stand, whole numbers, which are all one
# site of the base, and finds displacements for a crystal with other distances and another space group. It
# copies the line of the factor into the supercells that it writes, where FLEUR divides once more, now by
# thirds of the supercell: what is calculated is neither the crystal nor what phonopy took it for. No word is
# said of it. The same crystals with 0.3333333333 for a third are read rightly.
#
# Seen: magnesium and wurtzite ZnO, the smallest distance, Å, and the space group, and of the supercell of
# 2 x 2 x 2 the same as FLEUR is told. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "phonopy==4.10.0" "ase==3.29.0" "spglib==2.8.0"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import os
import subprocess
import sys

import numpy as np
from ase import Atoms
from ase.geometry import get_distances
from ase.units import Bohr
from phonopy.interface.calculator import read_crystal_structure
from spglib import get_spacegroup

LATTICE = np.array([[0.5 * 3**0.5, -0.5, 0], [0.5 * 3**0.5, 0.5, 0], [0, 0, 1]])
CRYSTALS = {
    "Mg": (6.065, 9.85, [(12, 1, 1, 0.25), (12, 2, 2, 0.75)]),
    "ZnO": (6.14, 9.84, [(30, 1, 1, 0), (30, 2, 2, 0.5), (8, 1, 1, 0.382), (8, 2, 2, 0.882)]),
}


def written(a, c, atoms, factor):
    """The input, with positions that are to be divided by the factor along two of the axes."""
    lines = ["a hexagonal crystal"]
    lines += [f"{x:.10f} {y:.10f} {z:.10f}" for x, y, z in LATTICE * (1, 1, c / a)]
    lines += [f"{a}", "1.0 1.0 1.0", f"{len(atoms)}"]
    lines += [f"{z} {u * factor / 3:.10f} {v * factor / 3:.10f} {w}" for z, u, v, w in atoms]
    if factor != 1:
        lines.append(f"&factor {factor}.0 {factor}.0 1.0 /")
    return "\n".join([*lines, ""])


def as_documented(text):
    """The cell and the atoms of an input, by the documentation of FLEUR."""
    lines = [line.split() for line in text.splitlines()[1:] if line.strip()]
    cell = np.array(lines[:3], float) * float(lines[3][0]) * np.array(lines[4], float)
    atoms = np.array(lines[6 : 6 + int(lines[5][0])], float)
    for line in lines[6 + len(atoms) :]:
        if line[0] == "&factor":
            atoms[:, 1:] /= np.array(line[1:4], float)
    return cell, atoms[:, 0].astype(int), atoms[:, 1:]


def told(name, cell, numbers, positions):
    atoms = Atoms(numbers, cell=cell * Bohr, scaled_positions=positions, pbc=True)
    double = atoms.repeat(2)
    distances = get_distances(double.positions, cell=double.cell, pbc=True)[1]
    distances[np.diag_indices(len(double))] = np.inf
    group = get_spacegroup((cell, positions, numbers), symprec=1e-4)
    print(f"  {name}: {len(atoms)} atoms, {distances.min():.2f}, {group}")


for name, (a, c, sites) in CRYSTALS.items():
    for how, factor in (("0.3333333333", 1), ("&factor", 3)):
        text = written(a, c, sites, factor)
        with open("inp", "w") as file:
            file.write(text)
        print(f"{name}, {how}")
        told("by the documentation", *as_documented(text))
        cell, _ = read_crystal_structure("inp", interface_mode="fleur")
        told("phonopy", cell.cell, cell.numbers, cell.scaled_positions)
        program = os.path.join(os.path.dirname(sys.executable), "phonopy-init")
        command = [program, "--fleur", "-c", "inp", "-d", "--dim", "2", "2", "2", "--pa", "P"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with open("supercell.in") as file:
            told("supercell, by the documentation", *as_documented(file.read()))
PYTHON
diff "$folder/seen" - <<'EXPECTED'
Mg, 0.3333333333
  by the documentation: 2 atoms, 3.20, P6_3/mmc (194)
  phonopy: 2 atoms, 3.20, P6_3/mmc (194)
  supercell, by the documentation: 16 atoms, 3.20, P6_3/mmc (194)
Mg, &factor
  by the documentation: 2 atoms, 3.20, P6_3/mmc (194)
  phonopy: 2 atoms, 2.61, P6/mmm (191)
  supercell, by the documentation: 16 atoms, 1.07, Cmmm (65)
ZnO, 0.3333333333
  by the documentation: 4 atoms, 1.97, P6_3mc (186)
  phonopy: 4 atoms, 1.97, P6_3mc (186)
  supercell, by the documentation: 32 atoms, 1.97, P6_3mc (186)
ZnO, &factor
  by the documentation: 4 atoms, 1.97, P6_3mc (186)
  phonopy: 4 atoms, 0.61, P6mm (183)
  supercell, by the documentation: 32 atoms, 0.61, Cmm2 (35)
EXPECTED
