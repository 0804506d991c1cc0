#!/usr/bin/env bash
# A rotation changes no distance and no angle. ase.build.rotate (ASE 3.29.0) turns atoms such that a1 gets
# the direction of a2, and b1 that of b2. In case the angles differ, "a proper rotation matrix will anyway be
# constructed", as one of the vectors is turned in the plane of both until they agree
# (ase.build.tools.rotation_matrix, https://ase-lib.org/_modules/ase/build/tools.html).
#
# Where a2 and b2 are at right angles, or the angles are the same, it is so. Otherwise b2 is turned by a
# formula for right angles, and the matrix is none of a rotation: it shears and changes volumes. A molecule
# that is laid along two directions of a close-packed surface, at 60° or 120°, has other bonds and angles
# then. A crystal is a strained one, such as bcc iron with two <111> directions of its (110) plane, which are
# 70.5° apart, near two <110> directions of an fcc crystal, at 60°, as films grow. No word is said.
#
# Seen: of ethanol the bonds C-C, C-O, O-H and C-H, the angle of the first two, and the energy by EMT; of
# iron edges, angles and density; and the determinant of the matrix. Of scipy 1.17.1, Rotation.align_vectors,
# the same vectors are asked for, the first exactly. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "scipy==1.17.1"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase.build import bulk, molecule, rotate
from ase.build.tools import rotation_matrix
from ase.calculators.emt import EMT
from scipy.spatial.transform import Rotation

X = (1, 0, 0)
PLACES = {90: (0, 1, 0), 60: (0.5, 0.75**0.5, 0), 120: (-0.5, 0.75**0.5, 0)}


def by_ase(atoms, a1, a2, b1, b2):
    rotate(atoms, a1, a2, b1, b2)
    return np.linalg.det(rotation_matrix(a1, a2, b1, b2))


def by_scipy(atoms, a1, a2, b1, b2):
    turn = Rotation.align_vectors(unit([a2, b2]), unit([a1, b1]), weights=[np.inf, 1])[0]
    atoms.set_cell(turn.apply(atoms.cell[:]))
    atoms.positions = turn.apply(atoms.positions)
    return np.linalg.det(turn.as_matrix())


def unit(vectors):
    return np.array(vectors) / np.linalg.norm(vectors, axis=1)[:, np.newaxis]


def of_ethanol(atoms):
    atoms.calc = EMT()
    bonds = ", ".join(f"{atoms.get_distance(*pair):.2f}" for pair in ((1, 0), (1, 2), (2, 3), (1, 4)))
    return f"{bonds} Å, {atoms.get_angle(0, 1, 2):.1f}°, {atoms.get_potential_energy():.2f} eV"


def of_iron(atoms):
    lengths = ", ".join(f"{length:.2f}" for length in atoms.cell.lengths())
    angles = ", ".join(f"{angle:.1f}" for angle in atoms.cell.angles())
    return f"{lengths} Å, {angles}°, {atoms.get_masses().sum() / atoms.cell.volume * 1.66054:.2f} g/cm³"


ethanol, iron = molecule("CH3CH2OH"), bulk("Fe", "bcc", 2.87, cubic=True)
to_carbon, to_oxygen = ethanol.positions[[0, 2]] - ethanol.positions[1]
print(f"ethanol as given: {of_ethanol(ethanol)}\niron as given: {of_iron(iron)}")
CASES = [("ethanol", ethanol, to_carbon, to_oxygen, angle, of_ethanol) for angle in PLACES]
for b1, angle in (((-1, 1, -1), 60), ((1, -1, 1), 120)):
    CASES.append(("iron", iron, (-1, 1, 1), b1, angle, of_iron))
for name, given, a1, b1, angle, told in CASES:
    for by, way in {"ASE": by_ase, "scipy": by_scipy}.items():
        atoms = given.copy()
        volume = way(atoms, a1, X, b1, PLACES[angle])
        print(f"{name} along {angle}°, {by}: {told(atoms)}, determinant {volume:.3f}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
ethanol as given: 1.51, 1.43, 0.97, 1.10 Å, 107.1°, 4.02 eV
iron as given: 2.87, 2.87, 2.87 Å, 90.0, 90.0, 90.0°, 7.85 g/cm³
ethanol along 90°, ASE: 1.51, 1.43, 0.97, 1.10 Å, 107.1°, 4.02 eV, determinant 1.000
ethanol along 90°, scipy: 1.51, 1.43, 0.97, 1.10 Å, 107.1°, 4.02 eV, determinant 1.000
ethanol along 60°, ASE: 1.51, 1.43, 0.97, 1.03 Å, 123.7°, 5.17 eV, determinant 0.871
ethanol along 60°, scipy: 1.51, 1.43, 0.97, 1.10 Å, 107.1°, 4.02 eV, determinant 1.000
ethanol along 120°, ASE: 1.51, 1.43, 0.97, 1.10 Å, 107.4°, 4.04 eV, determinant 0.999
ethanol along 120°, scipy: 1.51, 1.43, 0.97, 1.10 Å, 107.1°, 4.02 eV, determinant 1.000
iron along 60°, ASE: 2.87, 2.87, 2.85 Å, 90.0, 90.0, 90.2°, 7.87 g/cm³, determinant 0.997
iron along 60°, scipy: 2.87, 2.87, 2.87 Å, 90.0, 90.0, 90.0°, 7.85 g/cm³, determinant 1.000
iron along 120°, ASE: 2.87, 2.87, 2.85 Å, 90.0, 90.0, 90.2°, 7.87 g/cm³, determinant 0.997
iron along 120°, scipy: 2.87, 2.87, 2.87 Å, 90.0, 90.0, 90.0°, 7.85 g/cm³, determinant 1.000
EXPECTED
