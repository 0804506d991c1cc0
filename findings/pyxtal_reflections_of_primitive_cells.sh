#!/usr/bin/env bash
# A crystal has one powder pattern, in whichever cell it is given, and the part of it up to some angle does
# not depend on how far the pattern goes.
#
# pyxtal 1.1.5, XRD, "compute the powder XRD" (docstring), looks for the range of h, k and l along the 26
# shortest combinations of the reciprocal vectors only. In oblique cells planes of a higher index lie between
# them, and reflections near the end of the pattern are left out: lines of many equivalent planes are too
# weak, up to a half, without a word. Of garnets it happens in the primitive cell of the body-centred lattice,
# which is what databases hold, and not in the cubic one. In a pattern that goes further the same lines are
# right, and others are too weak. pymatgen 2026.10.24, XRDCalculator, is right, of either cell.
#
# Seen: of a garnet, Y3Al5O12, copper Kα, the planes up to each angle, and all lines that differ by more than
# 1 % from pymatgen's, in percent of the strongest. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pyxtal==1.1.5" "ase==3.29.0" "pymatgen==2026.10.24"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase.spacegroup import crystal
from pymatgen.analysis.diffraction.xrd import XRDCalculator
from pymatgen.io.ase import AseAtomsAdaptor
from pyxtal.XRD import XRD

WAVELENGTH = 1.54184  # Å
SITES = [(0.125, 0, 0.25), (0, 0, 0), (0.375, 0, 0.25), (-0.0306, 0.0512, 0.15)]
CELL = [12, 12, 12, 90, 90, 90]


def planes(atoms, end):
    """How many h, k, l have a line up to the angle, of all that a generous box of them holds."""
    shortest = WAVELENGTH / 2 / np.sin(np.radians(end / 2))
    most = np.ceil(atoms.cell.lengths() / shortest).astype(int)
    indices = np.stack(np.meshgrid(*[np.arange(-m, m + 1) for m in most]), -1).reshape(-1, 3)
    lengths = np.linalg.norm(indices @ atoms.cell.reciprocal()[:], axis=1)
    return np.count_nonzero((lengths > 0) & (lengths <= 1 / shortest))


for name, primitive in (("cubic", False), ("primitive", True)):
    atoms = crystal(["Y", "Al", "Al", "O"], SITES, spacegroup=230, cellpar=CELL, primitive_cell=primitive)
    structure = AseAtomsAdaptor.get_structure(atoms)
    for end in (90, 120):
        pattern = XRD(atoms, thetas=[0, end], wavelength=WAVELENGTH)
        intensities = 100 * np.array(pattern.xrd_intensity) / max(pattern.xrd_intensity)
        right = XRDCalculator(wavelength=WAVELENGTH).get_pattern(structure, two_theta_range=(0, end))
        print(f"{name}, to {end}°: {len(pattern.hkl_list)} planes of {planes(atoms, end)}")
        for angle, expected in zip(right.x, right.y):
            seen = intensities[np.argmin(np.abs(np.array(pattern.theta2) - angle))]
            if abs(seen - expected) > 0.01 * expected:
                print(f"  {angle:.2f}°: {seen:.1f}; pymatgen {expected:.1f}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
cubic, to 90°: 5574 planes of 5574
cubic, to 120°: 10250 planes of 10250
primitive, to 90°: 2664 planes of 2778
  84.72°: 2.4; pymatgen 4.0
  87.56°: 10.6; pymatgen 19.4
primitive, to 120°: 4872 planes of 5088
  111.73°: 3.6; pymatgen 4.9
  113.78°: 0.0; pymatgen 0.1
  115.87°: 1.8; pymatgen 2.2
  119.06°: 8.1; pymatgen 18.0
EXPECTED
