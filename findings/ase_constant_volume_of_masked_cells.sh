#!/usr/bin/env bash
# The filters of ASE 3.29.0 for relaxing a cell, FrechetCellFilter and UnitCellFilter, take a mask of strains
# to relax, False meaning "fixed, ignore this component". constant_volume=True is there "to allow relaxations
# at constant volume", hydrostatic_strain=True for "only allowing hydrostatic deformation"
# (https://ase-lib.org/ase/filters.html). Each may be given with a mask, and nothing says not to.
#
# - With constant volume, the mean of the diagonal is taken off three components of which the mask then holds
#   some. What is left lets the volume change. A cell free along x and y relaxes to the same cell as if
#   constant_volume had not been given, by 4 %. One free along z has no freedom left, and changes its volume.
# - With hydrostatic strain, x and y change alike, but the stress along the fixed z counts for them: at the
#   end the mean of the stresses along x and y is not zero, but that of all three. Of the one strain that was
#   free the energy is not lowest.
#
# All relaxations say that they have converged. With three free axes each option does what it says.
#
# Seen: copper, EMT, cell strained by 1, 3 and -2 % along x, y and z; what FIRE says, the change of the
# volume, %, and the mean stress along the free axes, GPa. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0"
OMP_NUM_THREADS=1 "$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.filters import FrechetCellFilter, UnitCellFilter
from ase.optimize import FIRE
from ase.units import GPa

MASKS = {"x, y, z": (1, 1, 1, 0, 0, 0), "x, y": (1, 1, 0, 0, 0, 0), "z": (0, 0, 1, 0, 0, 0)}
OPTIONS = ({}, {"constant_volume": True}, {"hydrostatic_strain": True})

for cell_filter in (FrechetCellFilter, UnitCellFilter):
    for axes, mask in MASKS.items():
        for options in OPTIONS[: 2 if axes == "z" else 3]:
            atoms = bulk("Cu", cubic=True)
            atoms.set_cell(atoms.cell * (1.01, 1.03, 0.98), scale_atoms=True)
            atoms.calc = EMT()
            before, free = atoms.get_volume(), np.array(mask[:3])
            relaxation = FIRE(cell_filter(atoms, mask=mask, **options), logfile=None)
            told = "converged" if relaxation.run(fmax=0.001, steps=500) else "not converged"
            change = round(100 * (atoms.get_volume() / before - 1))
            stress = round(atoms.get_stress()[:3] @ free / free.sum() / GPa, 1) + 0.0
            words = ", ".join(options) or "neither"
            print(f"{cell_filter.__name__}, {axes}, {words}: {told}, {change} %, {stress:.1f} GPa")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
FrechetCellFilter, x, y, z, neither: converged, -4 %, 0.0 GPa
FrechetCellFilter, x, y, z, constant_volume: converged, 0 %, 4.5 GPa
FrechetCellFilter, x, y, z, hydrostatic_strain: converged, -3 %, 0.0 GPa
FrechetCellFilter, x, y, neither: converged, -4 %, 0.0 GPa
FrechetCellFilter, x, y, constant_volume: converged, -4 %, 0.0 GPa
FrechetCellFilter, x, y, hydrostatic_strain: converged, -4 %, 0.4 GPa
FrechetCellFilter, z, neither: converged, -2 %, 0.0 GPa
FrechetCellFilter, z, constant_volume: converged, -2 %, 0.0 GPa
UnitCellFilter, x, y, z, neither: converged, -4 %, 0.0 GPa
UnitCellFilter, x, y, z, constant_volume: converged, 0 %, 4.4 GPa
UnitCellFilter, x, y, z, hydrostatic_strain: converged, -3 %, 0.0 GPa
UnitCellFilter, x, y, neither: converged, -4 %, 0.0 GPa
UnitCellFilter, x, y, constant_volume: converged, -4 %, 0.0 GPa
UnitCellFilter, x, y, hydrostatic_strain: converged, -4 %, 0.4 GPa
UnitCellFilter, z, neither: converged, -2 %, 0.0 GPa
UnitCellFilter, z, constant_volume: converged, -2 %, 0.0 GPa
EXPECTED
