#!/usr/bin/env bash
# ase.optimize.cellawarebfgs.CellAwareBFGS (ASE 3.29.0) relaxes atoms and cell by way of a filter, which may
# hold an "applied pressure to use for enthalpy pV term", scalar_pressure
# (https://ase-lib.org/ase/filters.html, https://ase-lib.org/_modules/ase/optimize/cellawarebfgs.html). Its
# steps are those of the enthalpy. Whether it has converged it asks the bare stress of the crystal, whatever
# pressure has been asked for.
#
# - A crystal that has been relaxed without pressure, the usual start, is said to have converged at any
#   pressure after no step at all: the cell stays what it was.
# - From another start the cell comes to the pressure asked for, and the run goes on until its steps are used
#   up, or for ever if there is no limit to these: at the minimum of the enthalpy the bare stress is large.
# - With constant_volume=True there is likewise no end, though nothing is left to relax.
#
# BFGS with the same filter is right in all cases.
#
# Seen: copper, EMT, by BFGS and CellAwareBFGS, with its pressure at the end, GPa. Exits non-zero if any line
# differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0"
OMP_NUM_THREADS=1 "$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.filters import FrechetCellFilter
from ase.optimize import BFGS
from ase.optimize.cellawarebfgs import CellAwareBFGS
from ase.units import GPa

STEPS = 200
LIMITS = {BFGS: {"fmax": 0.005}, CellAwareBFGS: {"fmax": 0.005, "smax": 0.0005}}
CASES = {
    "relaxed, 0 GPa": (3.59, {}),
    "relaxed, 10 GPa": (3.59, {"scalar_pressure": 10 * GPa}),
    "relaxed, 50 GPa": (3.59, {"scalar_pressure": 50 * GPa}),
    "stretched, 0 GPa": (3.7, {}),
    "stretched, 10 GPa": (3.7, {"scalar_pressure": 10 * GPa}),
    "compressed, constant volume": (3.5, {"constant_volume": True}),
}
for name, (edge, options) in CASES.items():
    for optimizer, limits in LIMITS.items():
        atoms = bulk("Cu", a=edge)
        atoms.calc = EMT()
        relaxation = optimizer(FrechetCellFilter(atoms, exp_cell_factor=1.0, **options), logfile=None)
        converged = relaxation.run(steps=STEPS, **limits)
        steps = "without a step" if relaxation.nsteps == 0 else "after some steps"
        told = f"converged {steps}" if converged else f"not converged in {relaxation.nsteps} steps"
        pressure = -atoms.get_stress()[:3].mean() / GPa
        print(f"{name}: {optimizer.__name__} {told}, {round(pressure) + 0} GPa")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
relaxed, 0 GPa: BFGS converged without a step, 0 GPa
relaxed, 0 GPa: CellAwareBFGS converged without a step, 0 GPa
relaxed, 10 GPa: BFGS converged after some steps, 10 GPa
relaxed, 10 GPa: CellAwareBFGS converged without a step, 0 GPa
relaxed, 50 GPa: BFGS converged after some steps, 50 GPa
relaxed, 50 GPa: CellAwareBFGS converged without a step, 0 GPa
stretched, 0 GPa: BFGS converged after some steps, 0 GPa
stretched, 0 GPa: CellAwareBFGS converged after some steps, 0 GPa
stretched, 10 GPa: BFGS converged after some steps, 10 GPa
stretched, 10 GPa: CellAwareBFGS not converged in 200 steps, 10 GPa
compressed, constant volume: BFGS converged without a step, 12 GPa
compressed, constant volume: CellAwareBFGS not converged in 200 steps, 12 GPa
EXPECTED
