#!/usr/bin/env bash
# ase.optimize.basin.BasinHopping (ASE 3.29.0) moves atoms at random, relaxes them, and keeps the lowest
# energy it has seen; get_minimum returns "minimal energy and configuration"
# (https://ase-lib.org/_modules/ase/optimize/basin.html). The lower layers of a slab are held by FixAtoms.
#
# - With adjust_cm=True, which is what it is if not given, all atoms are moved by Atoms.translate after each
#   random step, so that their centre of mass stays. That does not ask constraints: fixed atoms move with the
#   others. They stay where the last trial has left them, while the others go on from the last accepted one,
#   so that the two parts of the slab are shifted against each other.
# - get_minimum puts free atoms of the lowest structure beside the fixed atoms of the last one. Unless that
#   was the lowest, the energy it returns is not that of the structure it returns, which is not relaxed.
#
# With adjust_cm=False all is as it should be. Nothing is warned of in either case.
#
# Seen: gold on Cu(111), two of three layers fixed, EMT, five runs of 12 steps: how often fixed atoms moved,
# whether a structure had another energy than that returned with it (by more than 1 meV), and whether forces
# exceeded twice fmax. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0"
cd "$folder"
OMP_NUM_THREADS=1 "$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase.build import add_adsorbate, fcc111
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms
from ase.optimize import BFGS
from ase.optimize.basin import BasinHopping

RUNS = 5


def hopped(seed, **options):
    np.random.seed(seed)
    atoms = fcc111("Cu", (2, 2, 3), vacuum=8)
    add_adsorbate(atoms, "Au", 2.2, "ontop")
    fixed = atoms.get_tags() >= 2
    atoms.set_constraint(FixAtoms(mask=fixed))
    atoms.calc = EMT()
    before = atoms.positions[fixed]
    hopping = BasinHopping(
        atoms,
        temperature=0.05,
        dr=0.5,
        fmax=0.02,
        optimizer=BFGS,
        logfile=None,
        optimizer_logfile=None,
        **options,
    )
    hopping.run(12)
    energy, lowest = hopping.get_minimum()
    lowest.calc = EMT()
    moved = np.abs(lowest.positions[fixed] - before).max() > 0.01
    other = abs(lowest.get_potential_energy() - energy) > 0.001
    unrelaxed = np.linalg.norm(lowest.get_forces(), axis=1).max() > 0.04
    return moved, other, unrelaxed


for name, options in {"as given": {}, "adjust_cm=False": {"adjust_cm": False}}.items():
    moved, other, unrelaxed = np.sum([hopped(seed, **options) for seed in range(RUNS)], axis=0)
    told = f"another energy {'yes' if other else 'no'}, not relaxed {'yes' if unrelaxed else 'no'}"
    print(f"{name}: fixed atoms moved in {moved} of {RUNS}, {told}", flush=True)
PYTHON
diff "$folder/seen" - <<'EXPECTED'
as given: fixed atoms moved in 5 of 5, another energy yes, not relaxed yes
adjust_cm=False: fixed atoms moved in 0 of 5, another energy no, not relaxed no
EXPECTED
