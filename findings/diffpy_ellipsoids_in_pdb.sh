#!/usr/bin/env bash
# How far an atom vibrates is told by a tensor U, Å². In a CIF its components belong to the axes of the
# crystal: of an atom that vibrates alike in all directions U12 is half of U11 in a hexagonal cell
# (https://doi.org/10.1107/S0021889802008580). In a record ANISOU of a PDB file they are "in the same
# coordinate frame as the atomic coordinate records", which is Cartesian
# (https://www.wwpdb.org/documentation/file-format-content/format33/sect9.html#ANISOU).
#
# diffpy.structure 3.3.1 holds U along the axes of the crystal, also of isotropic atoms, and keeps to that in
# CIFs. Into and out of ANISOU it copies the six numbers as they are. In cells of right angles this is the
# same. In others what it writes are ellipsoids of other shapes and directions, for isotropic atoms too,
# which need no ANISOU; and those of a file that others wrote, it takes for others. Its own files come back
# to it as they were, which hides this. B is the right one, beside them. No word is said.
#
# Seen: the mean square displacements, 1e-4 Å², along the principal axes: by hand, by diffpy's msdCart, and
# of the PDB file as gemmi 0.7.5 reads it; and those of a PDB file with the right tensor, from gemmi and
# diffpy. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "diffpy.structure==3.3.1" "gemmi==0.7.5" "numpy==2.4.6"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import gemmi
import numpy as np
from diffpy.structure import Atom, Lattice, Structure

CRYSTALS = {
    "cubic Cu, isotropic": ((3.61, 3.61, 3.61, 90, 90, 90), 0.01),
    "primitive Cu, isotropic": ((2.553, 2.553, 2.553, 60, 60, 60), 0.01),
    "hexagonal Zn, isotropic": ((2.66, 2.66, 4.95, 90, 90, 120), 0.01),
    "hexagonal Zn, anisotropic": ((2.66, 2.66, 4.95, 90, 90, 120), (0.01, 0.01, 0.025, 0.005, 0, 0)),
    "monoclinic Zr, anisotropic": ((5.15, 5.21, 5.32, 90, 99.2, 90), (0.02, 0.03, 0.01, 0, 0.004, 0)),
}


def tensor(values):
    a, b, c, ab, ac, bc = values
    return np.array([[a, ab, ac], [ab, b, bc], [ac, bc, c]])


def principal(cartesian):
    return "{:.0f} {:.0f} {:.0f}".format(*1e4 * np.linalg.eigvalsh(cartesian))


def by_diffpy(atom):
    """The tensor that msdCart asks for, from six directions."""
    ways = np.vstack([np.eye(3), [[1, 1, 0], [1, 0, 1], [0, 1, 1]]])
    sides = [atom.msdCart(way) * (way @ way) for way in ways]
    mixed = [(sides[k] - sides[i] - sides[j]) / 2 for k, (i, j) in zip((3, 4, 5), ((0, 1), (0, 2), (1, 2)))]
    return tensor([*sides[:3], *mixed])


def by_gemmi(text):
    return np.array(gemmi.read_pdb_string(text)[0][0][0][0].aniso.as_mat33().tolist())


def record(text, cartesian):
    """The PDB file with other numbers after ANISOU."""
    numbers = [cartesian[i, j] for i, j in ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))]
    words = "".join(f"{round(1e4 * number):7d}" for number in numbers)
    lines = [line[:28] + words + line[70:] if line[:6] == "ANISOU" else line for line in text.splitlines()]
    return "\n".join(lines) + "\n"


for name, (cell, value) in CRYSTALS.items():
    lattice, element = Lattice(*cell), name.split()[1].rstrip(",")
    if isinstance(value, float):
        atom = Atom(element, (0, 0, 0), lattice=lattice, Uisoequiv=value)
        right = value * np.eye(3)
    else:
        atom = Atom(element, (0, 0, 0), lattice=lattice, U=tensor(value), anisotropy=True)
        lengths = np.linalg.norm(np.linalg.inv(lattice.base), axis=0)
        right = lattice.base.T @ (tensor(value) * np.outer(lengths, lengths)) @ lattice.base
    text = Structure([atom], lattice=lattice).writeStr("pdb")
    print(f"{name}: by hand {principal(right)}; diffpy {principal(by_diffpy(atom))}")
    if "ANISOU" in text:
        proper = record(text, right)
        again = Structure()
        again.readStr(proper, "pdb")
        print(f"  PDB of diffpy: gemmi {principal(by_gemmi(text))}")
        print(f"  right PDB: gemmi {principal(by_gemmi(proper))}; diffpy {principal(by_diffpy(again[0]))}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
cubic Cu, isotropic: by hand 100 100 100; diffpy 100 100 100
primitive Cu, isotropic: by hand 100 100 100; diffpy 100 100 100
  PDB of diffpy: gemmi 34 133 133
  right PDB: gemmi 100 100 100; diffpy 75 75 300
hexagonal Zn, isotropic: by hand 100 100 100; diffpy 100 100 100
  PDB of diffpy: gemmi 50 100 150
  right PDB: gemmi 100 100 100; diffpy 67 100 200
hexagonal Zn, anisotropic: by hand 100 100 250; diffpy 100 100 250
  PDB of diffpy: gemmi 50 150 250
  right PDB: gemmi 100 100 250; diffpy 67 200 250
monoclinic Zr, anisotropic: by hand 94 201 300; diffpy 94 201 300
  PDB of diffpy: gemmi 86 214 300
  right PDB: gemmi 94 201 300; diffpy 95 206 300
EXPECTED
