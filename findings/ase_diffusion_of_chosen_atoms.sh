#!/usr/bin/env bash
# ase.md.analysis.DiffusionCoefficient (ASE 3.29.0) fits the mean square displacement, 2nDt, of a trajectory.
# atom_indices are those "whose Diffusion Coefficient is to be calculated explicitly", and of a molecule it is
# to "use centre of mass" (https://ase-lib.org/_modules/ase/md/analysis.html).
#
# - Squares are added up over the chosen atoms and divided by the number of all atoms of their element. Of
#   half the lithium, say the mobile half, or that of a slab's surface, the coefficient is halved; of one atom
#   out of 8 it is an eighth. Only if an element is chosen as a whole is it right.
# - The centre of a molecule is the mean of its atoms, whatever their masses. A water molecule that turns
#   about its centre of mass, which stays where it is, diffuses.
#
# None says a word. Seen: coefficients, Å² a unit of time, of Li8Cl8 in which each lithium has 0.1 and each
# chlorine 0.2 by construction, beside a straight line through the mean square of the chosen atoms; and how far
# the centre of water that has turned by half a turn is from where it was, Å². Exits non-zero if any line
# differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase import Atoms
from ase.build import molecule
from ase.md.analysis import DiffusionCoefficient

STEPS = 40
rng = np.random.default_rng(0)
start = rng.uniform(0, 10, (16, 3))
each = np.repeat([0.1, 0.2], 8)[:, np.newaxis]  # coefficients of Li and Cl
signs = rng.choice([-1, 1], (16, 3))
moving = [  # x² is 2Dt, along each axis
    Atoms("Li8Cl8", start + signs * np.sqrt(2 * each * step), cell=[10] * 3, pbc=True) for step in range(STEPS)
]


def of_ase(trajectory, **options):
    return DiffusionCoefficient(trajectory, 1.0, **options).get_diffusion_coefficients()[0]


def by_hand(trajectory, chosen):
    places = np.array([atoms.positions[chosen] for atoms in trajectory])
    squares = np.mean(np.sum((places - places[0]) ** 2, axis=2), axis=1)
    return np.polyfit(np.arange(STEPS), squares, 1)[0] / 6


CHOICES = {
    "all": range(16),
    "Li": range(8),
    "half of Li": range(4),
    "one Li": [0],
    "one Cl": [8],
    "half of Li, all Cl": [*range(4), *range(8, 16)],
}
for name, chosen in CHOICES.items():
    found = of_ase(moving, atom_indices=list(chosen))
    elements = sorted({moving[0].symbols[atom] for atom in chosen})
    told = []
    for element, coefficient in zip(elements, found):
        same = [atom for atom in chosen if moving[0].symbols[atom] == element]
        told.append(f"{element} {coefficient:.4f}, by hand {by_hand(moving, same):.4f}")
    print(f"{name}:", "; ".join(told))

turning = []
for step in range(STEPS):
    water = molecule("H2O")
    water.rotate(180 * step / (STEPS - 1), (1, 0, 0), center="COM")
    turning.append(water)
inside = DiffusionCoefficient(turning, 1.0, molecule=True)
inside.calculate()
squares = 2 * inside.xyz_segment_ensemble_average[0, 0].sum(axis=0)
centres = np.array([water.get_center_of_mass() for water in turning])
print(f"water: {squares[-1]:.4f}, by hand {np.sum((centres[-1] - centres[0]) ** 2):.4f}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
all: Cl 0.2000, by hand 0.2000; Li 0.1000, by hand 0.1000
Li: Li 0.1000, by hand 0.1000
half of Li: Li 0.0500, by hand 0.1000
one Li: Li 0.0125, by hand 0.1000
one Cl: Cl 0.0250, by hand 0.2000
half of Li, all Cl: Cl 0.2000, by hand 0.2000; Li 0.0500, by hand 0.1000
water: 0.4377, by hand 0.0000
EXPECTED
