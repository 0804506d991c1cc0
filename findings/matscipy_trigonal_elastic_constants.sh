#!/usr/bin/env bash
# Crystals of the Laue class -3m (corundum, calcite, quartz, bismuth telluride) have six elastic constants.
# With x along a twofold axis C14 is one of them, C24 is -C14, C56 is C14, and C15 and C25 are zero (Nye,
# Physical Properties of Crystals, 1957). matscipy 1.3.1, elasticity.fit_elastic_constants, has the symmetry
# "trigonal_high" for them, which is to "determine which strain patterns are necessary", and returns the "6x6
# matrix of the elastic constants in Voigt notation" (https://libatoms.github.io/matscipy/). With it
#
# - C24 is 0, C25 is -C14 and C56 is 0. The matrix is not even symmetric, since C42 and C41 are right;
# - one of the strains has e1 and e4 at once, and of its stresses the part of C14 is not told apart: half of
#   C14 is added to C11 and C44 and taken from C12, and C66, half of C11 - C12, follows.
#
# No word is said. Without a symmetry, or with "trigonal_low", the same function is right, here and for copper
# in the same axes, of which all is known from its cubic constants (rotate_elastic_constants).
#
# Seen: GPa, with EMT, of relaxed copper, and of relaxed CuPt with layers along [111] (L1_1, R-3m). Exits
# non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "matscipy==1.3.1" "ase==3.29.0" "spglib==2.8.0"
OMP_NUM_THREADS=1 "$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
import spglib
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.filters import FrechetCellFilter
from ase.lattice.cubic import FaceCenteredCubic
from ase.optimize import BFGS
from ase.units import GPa
from matscipy.elasticity import fit_elastic_constants, rotate_elastic_constants

AXES = [[1, -1, 0], [1, 1, -2], [1, 1, 1]]
SHOWN = [(1, 1), (1, 2), (1, 4), (2, 4), (4, 2), (2, 5), (5, 2), (4, 4), (5, 6), (6, 6)]


def relaxed(atoms):
    atoms.calc = EMT()
    assert BFGS(FrechetCellFilter(atoms), logfile=None).run(fmax=1e-5, steps=300)
    return atoms


def fitted(atoms, symmetry):
    return fit_elastic_constants(
        atoms, symmetry=symmetry, delta=1e-3, optimizer=BFGS, fmax=1e-5, verbose=False
    )[0]


def told(name, constants):
    values = (f"C{i}{j} {round(constants[i - 1, j - 1] / GPa) + 0}" for i, j in SHOWN)
    alike = np.allclose(constants, constants.T, atol=0.1 * GPa)
    print(f"  {name}: {', '.join(values)}; {'' if alike else 'not '}symmetric")


copper = FaceCenteredCubic(directions=AXES, symbol="Cu", latticeconstant=3.6)
ordered = FaceCenteredCubic(directions=AXES, symbol="Cu", latticeconstant=3.8) * (1, 1, 2)
ordered.symbols[np.round(ordered.get_scaled_positions()[:, 2] * 6).astype(int) % 2 == 1] = "Pt"
for name, atoms in (("Cu", relaxed(copper)), ("CuPt", relaxed(ordered))):
    print(name, spglib.get_spacegroup((atoms.cell[:], atoms.get_scaled_positions(), atoms.numbers)))
    if name == "Cu":
        cubic = fitted(relaxed(bulk("Cu", a=3.6, cubic=True)), "cubic")
        turn = np.array(AXES) / np.linalg.norm(AXES, axis=1)[:, np.newaxis]
        told("turned cubic", rotate_elastic_constants(cubic, turn))
    for symmetry in ("triclinic", "trigonal_low", "trigonal_high"):
        told(symmetry, fitted(atoms, symmetry))
PYTHON
diff "$folder/seen" - <<'EXPECTED'
Cu Fm-3m (225)
  turned cubic: C11 234, C12 95, C14 -29, C24 29, C42 29, C25 0, C52 0, C44 49, C56 -29, C66 69; symmetric
  triclinic: C11 234, C12 95, C14 -29, C24 29, C42 29, C25 0, C52 0, C44 49, C56 -29, C66 69; symmetric
  trigonal_low: C11 234, C12 95, C14 -29, C24 29, C42 29, C25 0, C52 0, C44 49, C56 -29, C66 69; symmetric
  trigonal_high: C11 219, C12 109, C14 -29, C24 0, C42 29, C25 29, C52 0, C44 35, C56 0, C66 55; not symmetric
CuPt R-3m (166)
  triclinic: C11 309, C12 183, C14 -30, C24 30, C42 30, C25 0, C52 0, C44 55, C56 -30, C66 63; symmetric
  trigonal_low: C11 309, C12 183, C14 -30, C24 30, C42 30, C25 0, C52 0, C44 55, C56 -30, C66 63; symmetric
  trigonal_high: C11 294, C12 198, C14 -30, C24 0, C42 30, C25 30, C52 0, C44 40, C56 0, C66 48; not symmetric
EXPECTED
