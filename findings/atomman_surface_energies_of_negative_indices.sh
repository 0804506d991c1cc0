#!/usr/bin/env bash
# In a cubic metal the planes (1 1 0) and (1 -1 0) are the same but for a turn of the crystal, and so are all
# planes whose indices differ in order and sign. Their surfaces have the same energy. Slabs are as often cut
# along (1 -1 0), or (-1 -1 1), as along those with no minus in them.
#
# atomman 1.5.4, defect.surface_energy_estimate and SurfaceEnergyEstimator, gives "the surface energy of any
# miller index (hkl) for any FCC or BCC structure", by a formula of those of (1 0 0), (1 1 0) and (1 1 1)
# (https://github.com/usnistgov/atomman, atomman/defect/surface_energy_estimate.py; Seoane and Bai 2024). The
# formula holds for h >= k >= l >= 0. The indices are put in order, but keep their signs: even the energies
# of the three planes that were given come back as others, and some are below zero, as if the crystal
# would rather fall apart. No word is said. Without signs the estimates are as good as the formula.
#
# Seen: of copper in EMT, J/m², energies of slabs that were cut by ASE, not relaxed, and estimates from the
# first three. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "atomman==1.5.4" "ase==3.29.0" "numpy==2.4.6"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase.build import bulk, surface
from ase.calculators.emt import EMT
from ase.units import J, m
from atomman.defect import SurfaceEnergyEstimator, surface_energy_estimate

COPPER = bulk("Cu", "fcc", a=3.59, cubic=True)
COPPER.calc = EMT()
ENERGY = COPPER.get_potential_energy() / len(COPPER)


def of_slab(plane):
    slab = surface(COPPER, plane, layers=12, vacuum=8.0)
    slab.calc = EMT()
    area = np.linalg.norm(np.cross(slab.cell[0], slab.cell[1]))
    return (slab.get_potential_energy() - ENERGY * len(slab)) / (2 * area) / (J / m**2)


BASE = [of_slab(plane) for plane in ((1, 0, 0), (1, 1, 0), (1, 1, 1))]
ESTIMATOR = SurfaceEnergyEstimator(*BASE, "fcc")
FAMILIES = (
    ((1, 0, 0), (0, 0, -1)),
    ((1, 1, 0), (1, -1, 0), (-1, -1, 0)),
    ((1, 1, 1), (-1, 1, 1), (-1, -1, 1), (-1, -1, -1)),
    ((2, 1, 0), (2, -1, 0), (-2, -1, 0)),
    ((3, 1, 1), (3, -1, 1), (-3, -1, -1)),
)
for family in FAMILIES:
    for plane in family:
        estimates = surface_energy_estimate(plane, *BASE, "fcc"), ESTIMATOR.estimate(plane)
        told = " and ".join(f"{estimate:.2f}" for estimate in estimates)
        print(f"{plane}: slab {of_slab(plane):.2f}, atomman {told}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
(1, 0, 0): slab 1.13, atomman 1.13 and 1.13
(0, 0, -1): slab 1.13, atomman -0.07 and -0.07
(1, 1, 0): slab 1.23, atomman 1.23 and 1.23
(1, -1, 0): slab 1.23, atomman 0.75 and 0.75
(-1, -1, 0): slab 1.23, atomman -0.48 and -0.48
(1, 1, 1): slab 1.04, atomman 1.04 and 1.04
(-1, 1, 1): slab 1.04, atomman 0.96 and 0.96
(-1, -1, 1): slab 1.04, atomman 0.26 and 0.26
(-1, -1, -1): slab 1.04, atomman -1.05 and -1.05
(2, 1, 0): slab 1.29, atomman 1.29 and 1.29
(2, -1, 0): slab 1.29, atomman 0.98 and 0.98
(-2, -1, 0): slab 1.29, atomman -0.34 and -0.34
(3, 1, 1): slab 1.23, atomman 1.23 and 1.23
(3, -1, 1): slab 1.23, atomman 1.19 and 1.19
(-3, -1, -1): slab 1.23, atomman -0.59 and -0.59
EXPECTED
