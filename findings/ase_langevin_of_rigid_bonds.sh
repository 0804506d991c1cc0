#!/usr/bin/env bash
# ase.md.langevinbaoab.LangevinBAOAB (ASE 3.29.0) is molecular dynamics with or without a thermostat and a
# barostat (https://ase-lib.org/_modules/ase/md/langevinbaoab.html). Bonds of rigid molecules are held by
# FixBondLengths (https://ase-lib.org/ase/constraints.html). The class gives atoms their velocities by
# set_velocities, which asks the constraint, but moves them by adding to atoms.positions, which does not. Each
# step goes straight on, across the bond, and makes it longer. No force brings it back, since the constraint
# takes from forces what is along the bond. Bonds that are said to be fixed grow steadily, faster the lighter
# the atoms and the longer the step: OH by a third within 2 ps. Only when one is longer by two fifths does the
# constraint give up, with "Did not converge". With a barostat the class says that it has not been tested with
# constraints, without one it says nothing. VelocityVerlet and Langevin of ASE keep the same bonds.
#
# Seen: the bond, Å, of molecules that turn freely about their centre at 300 K, without any forces, at the
# start and after 0.5, 1 and 2 ps in steps of 1 fs. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0"
OMP_NUM_THREADS=1 "$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase import Atoms
from ase.calculators.idealgas import IdealGas
from ase.constraints import FixBondLengths
from ase.md.langevin import Langevin
from ase.md.langevinbaoab import LangevinBAOAB
from ase.md.verlet import VelocityVerlet
from ase.units import fs, kB

T, RNG = 300, np.random.default_rng
WAYS = {
    "VelocityVerlet": lambda atoms: VelocityVerlet(atoms, fs),
    "LangevinBAOAB, no thermostat": lambda atoms: LangevinBAOAB(atoms, fs),
    "Langevin": lambda atoms: Langevin(
        atoms, fs, temperature_K=T, friction=0.01 / fs, fixcm=False, rng=RNG(0)
    ),
    "LangevinBAOAB": lambda atoms: LangevinBAOAB(atoms, fs, temperature_K=T, T_tau=100 * fs, rng=RNG(0)),
}
for name, length in {"OH": 0.97, "N2": 1.10}.items():
    for way, integrator in WAYS.items():
        atoms = Atoms(name, [(0, 0, 0), (length, 0, 0)])
        atoms.set_constraint(FixBondLengths([(0, 1)]))
        atoms.calc = IdealGas()
        momentum = np.sqrt(2 * kB * T / np.sum(1 / atoms.get_masses()))
        atoms.set_momenta([(0, momentum, 0), (0, -momentum, 0)])
        dynamics, told = integrator(atoms), [atoms.get_distance(0, 1)]
        for steps in (500, 500, 1000):
            dynamics.run(steps)
            told.append(atoms.get_distance(0, 1))
        print(f"{name}, {way}:", ", ".join(f"{bond:.2f}" for bond in told), flush=True)
PYTHON
diff "$folder/seen" - <<'EXPECTED'
OH, VelocityVerlet: 0.97, 0.97, 0.97, 0.97
OH, LangevinBAOAB, no thermostat: 0.97, 1.08, 1.17, 1.30
OH, Langevin: 0.97, 0.97, 0.97, 0.97
OH, LangevinBAOAB: 0.97, 1.04, 1.09, 1.15
N2, VelocityVerlet: 1.10, 1.10, 1.10, 1.10
N2, LangevinBAOAB, no thermostat: 1.10, 1.12, 1.13, 1.16
N2, Langevin: 1.10, 1.10, 1.10, 1.10
N2, LangevinBAOAB: 1.10, 1.12, 1.12, 1.14
EXPECTED
