#!/usr/bin/env bash
# A crystal is sheared along a plane either by a tilt of the cell, or by moving the atoms of its upper half.
# The latter makes two faults in a periodic crystal, one above the other, of opposite displacements.
#
# matscipy 1.3.1, GammaSurface and StackingFault, generate_images, "toggles using the cell move method (True)
# or atom move method (False)" with cell_move, and get_energy_densities returns "energy per unit surface area"
# of either. With moved atoms and the default vacuum of 0 both faults are in the cell, and their energies are
# divided by one area. Where the two are alike everything is twice too large; on (111) of f.c.c. metals the
# energy of the intrinsic fault comes with that of atoms on top of each other, and its minimum is gone. No
# word is said. Any vacuum mends it, though none is added: periodicity is switched off, and the cell is as
# high with 10 Å of "additional vacuum layer (in A)" as without.
#
# Seen: energies, mJ/m², of aluminium as it slides along [11-2] of (111) and along [100] of (001), EMT of ASE;
# by hand of a slab whose upper half slides. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "matscipy==1.3.1" "ase==3.29.0" "numpy==2.4.6"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase.calculators.emt import EMT
from ase.lattice.cubic import FaceCenteredCubic
from ase.units import J, m
from matscipy.gamma_surface import StackingFault

LATTICE, IMAGES = 4.05, 7
WAYS = {"(111)": ([1, -1, 0], [1, 1, -2], [1, 1, 1]), "(001)": ([0, -1, 0], [1, 0, 0], [0, 0, 1])}
METHODS = {
    "tilted cell": {},
    "moved atoms": {"cell_move": False},
    "moved atoms, vacuum of 10 Å": {"cell_move": False, "vacuum": 10.0},
}


def by_hand(axes):
    """Energies of a slab whose upper half slides along the second axis, relative to the first."""
    slab = FaceCenteredCubic("Al", directions=axes, size=(1, 1, 8), latticeconstant=LATTICE, pbc=(1, 1, 0))
    upper = slab.positions[:, 2] > slab.positions[:, 2].mean()
    energies = []
    for part in np.linspace(0, 1, IMAGES):
        image = slab.copy()
        image.positions[upper] += part * slab.cell[1]
        image.calc = EMT()
        energies.append(image.get_potential_energy())
    area = np.linalg.norm(np.cross(slab.cell[0], slab.cell[1]))
    return (np.array(energies) - energies[0]) / area


def told(name, densities):
    numbers = " ".join(f"{value + 0.0:.0f}" for value in np.round(densities / (J / m**2) * 1e3, 0))
    print(f"  {name}: {numbers}")


for plane, axes in WAYS.items():
    print(plane)
    told("by hand", by_hand(axes))
    for name, settings in METHODS.items():
        fault = StackingFault(LATTICE, np.array(axes[2]), np.array(axes[1]), "fcc", "Al")
        images = fault.generate_images(IMAGES, z_reps=4, **settings)
        told(f"{name}, {images[0].cell[2, 2]:.1f} Å high", fault.get_energy_densities(EMT())[0])
PYTHON
diff "$folder/seen" - <<'EXPECTED'
(111)
  by hand: 0 89 44 319 740 305 0
  tilted cell, 28.1 Å high: 0 89 44 319 740 305 0
  moved atoms, 56.1 Å high: 0 394 784 637 784 394 0
  moved atoms, vacuum of 10 Å, 56.1 Å high: 0 89 44 319 740 305 0
(001)
  by hand: 0 379 1550 2367 1550 379 0
  tilted cell, 16.2 Å high: 0 379 1550 2367 1550 379 0
  moved atoms, 32.4 Å high: 0 758 3100 4735 3100 758 0
  moved atoms, vacuum of 10 Å, 32.4 Å high: 0 379 1550 2367 1550 379 0
EXPECTED
