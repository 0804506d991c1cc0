#!/usr/bin/env bash
# In a geometry.in of FHI-aims, constrain_relaxation holds the atom or the lattice vector above it, or its x,
# y or z, and initial_moment is that of the atom above it. Where some atoms have one, that of the others is
# zero. So pyfhiaims 1.2 reads it, of FHI-aims' developers (https://gitlab.com/FHI-aims-club/pyfhiaims). Of
# the files below, of which its own tests have the like,
#
# - ASE 3.29.0, read_aims, which "reads unitcell, atom positions and constraints", takes what holds a lattice
#   vector for the atom above. Before the first atom that is number -1, the last in the list: with one vector
#   held, or the plane of a layer (z of two vectors), the last atom does not relax, or not along z. Three
#   vectors held are an error, as https://gitlab.com/ase/ase/-/issues/923 says of two;
# - phonopy 4.10.0, read_aims, leaves out all moments if one atom has none, as oxygen in an oxide. Two iron
#   atoms with moments of 4 and 2 are equivalent to it, and there are twice as many symmetry operations.
#
# Where it is no error, neither says a word of it. ASE announces that reading such files will move to the
# plugin ase-io-aims, of which version 0.1.2 holds no atom where lattice vectors are held.
#
# Seen: of constraints, which components of lattice vectors (a, b, c) and atoms (1 to 3) are held; of moments,
# these and the number of symmetry operations. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "phonopy==4.10.0" "pyfhiaims==1.2"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from pathlib import Path

import numpy as np
from ase.io import read
from phonopy.interface.aims import read_aims
from phonopy.structure.symmetry import Symmetry
from pyfhiaims.geometry.geometry import AimsGeometry

NAMES = "abc"


def text(vectors, atoms, held=(), moments=()):
    """held: (name or number, word); moments: of the atoms, None where there is no line."""
    lines = []
    for name, vector in zip(NAMES, vectors):
        lines.append("lattice_vector " + " ".join(f"{x:.6f}" for x in vector))
        lines += [f"    constrain_relaxation {word}" for whose, word in held if whose == name]
    for number, (symbol, place) in enumerate(atoms):
        lines.append("atom_frac " + " ".join(f"{x:.6f}" for x in place) + f" {symbol}")
        lines += [f"    constrain_relaxation {word}" for whose, word in held if whose == number]
        if number < len(moments) and moments[number] is not None:
            lines.append(f"    initial_moment {moments[number]}")
    return "\n".join(lines) + "\n"


def told(rows):
    """rows: name to three truth values."""
    words = [f"{name}: " + "".join(x for x, it in zip("xyz", row) if it) for name, row in rows if any(row)]
    return ", ".join(words) or "nothing"


def meant(name):
    geometry = AimsGeometry.from_file(name)
    rows = []
    for names, found in ((NAMES, geometry.lattice_constraints), ((1, 2, 3), geometry.nuclear_constraints)):
        rows += zip(names, [] if found is None else [np.zeros(3) if row is None else row for row in found])
    return told(rows)


def with_ase(name):
    try:
        atoms = read(name, format="aims")
    except ValueError as error:
        return type(error).__name__
    forces = np.ones((len(atoms), 3))
    for constraint in atoms.constraints:
        constraint.adjust_forces(atoms, forces)
    return told(zip((1, 2, 3), forces == 0))


LAYER = np.diag((3.2, 3.2, 20.0))
PLACES = [("Mo", (0, 0, 0.5)), ("S", (0.3, 0.3, 0.57)), ("S", (0.3, 0.3, 0.43))]
EACH = [(name, ".true.") for name in NAMES]
PLANE = [("a", "z"), ("b", "z")]
for held in ([], [(0, ".true.")], [("c", ".true.")], PLANE, [("c", "x"), ("c", "y")], EACH):
    Path("geometry.in").write_text(text(LAYER, PLACES, held))
    words = ", ".join(f"{'atom' if whose == 0 else whose} {word}" for whose, word in held) or "none"
    print(f"{words}: {meant('geometry.in')}; ASE {with_ase('geometry.in')}")

EDGES = 4.33 * np.array([(1, 0.5, 0.5), (0.5, 1, 0.5), (0.5, 0.5, 1)])
OXIDE = [("Fe", (0, 0, 0)), ("Fe", (0.5, 0.5, 0.5)), ("O", (0.25, 0.25, 0.25)), ("O", (0.75, 0.75, 0.75))]
for moments in ((4, 2, 0, 0), (4, 2)):
    Path("geometry.in").write_text(text(EDGES, OXIDE, moments=moments))
    cell = read_aims("geometry.in")
    operations = len(Symmetry(cell).symmetry_operations["rotations"])
    found = AimsGeometry.from_file("geometry.in").initial_moments
    read_in = "none" if cell.magnetic_moments is None else [float(number) for number in cell.magnetic_moments]
    print(f"moments: {[float(number) for number in found]}; phonopy {read_in},", end=" ")
    print(operations, "operations")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
none: nothing; ASE nothing
atom .true.: 1: xyz; ASE 1: xyz
c .true.: c: xyz; ASE 3: xyz
a z, b z: a: z, b: z; ASE 3: z
c x, c y: c: xy; ASE 3: xy
a .true., b .true., c .true.: a: xyz, b: xyz, c: xyz; ASE ValueError
moments: [4.0, 2.0, 0.0, 0.0]; phonopy [4.0, 2.0, 0.0, 0.0], 12 operations
moments: [4.0, 2.0, 0.0, 0.0]; phonopy none, 24 operations
EXPECTED
