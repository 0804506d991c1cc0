#!/usr/bin/env bash
# ase.md.nose_hoover_chain.NoseHooverChainNVT (ASE 3.29.0) keeps a temperature; where constraints hold some of
# the degrees of freedom, each of the others has kT/2 of kinetic energy, and Atoms.get_temperature counts
# these. Of constraints the class says nothing (https://ase-lib.org/_modules/ase/md/nose_hoover_chain.html), and
# it does not refuse them, as IsotropicMTKNPT does.
#
# - FixAtoms: the forces on fixed atoms (get_forces(md=True) returns these) go into momenta that the class
#   keeps to itself. The atoms stay, but their would-be kinetic energy is counted, grows, and the thermostat
#   cools the others for it: a slab whose lower half is fixed comes close to 0 K.
# - FixCom: the thermostat counts 3 N degrees of freedom where there are 3 N - 3. Four atoms have 400 K.
#
# None says a word; the temperature in the log is the one seen here. Bussi of ASE is right.
#
# Seen: the mean temperature, K to the nearest hundred, over 2.4 ps of copper, EMT, at 300 K. Exits non-zero if
# any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase import units
from ase.build import fcc111
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms, FixCom
from ase.md.bussi import Bussi
from ase.md.nose_hoover_chain import IsotropicMTKNPT, NoseHooverChainNVT
from ase.md.velocitydistribution import MaxwellBoltzmannDistribution

STEP, T, TAU = 4 * units.fs, 300, 50 * units.fs
WAYS = {
    "Nose-Hoover": lambda atoms: NoseHooverChainNVT(atoms, STEP, temperature_K=T, tdamp=TAU),
    "Bussi": lambda atoms: Bussi(atoms, STEP, temperature_K=T, taut=TAU, rng=np.random.default_rng(0)),
    "MTK": lambda atoms: IsotropicMTKNPT(
        atoms, STEP, temperature_K=T, pressure_au=0.0, tdamp=TAU, pdamp=10 * TAU
    ),
}
CASES = {
    "free": (4, lambda atoms: []),
    "half fixed": (4, lambda atoms: FixAtoms(mask=atoms.get_tags() > 2)),
    "three quarters fixed": (4, lambda atoms: FixAtoms(mask=atoms.get_tags() > 1)),
    "centre of mass fixed": (2, lambda atoms: FixCom()),
}
for case, (layers, constraint) in CASES.items():
    told = []
    for way, thermostat in WAYS.items():
        if way == "MTK" and case == "free":
            continue  # of slabs there is no stress across to control
        atoms = fcc111("Cu", (1, 2, layers), vacuum=6, orthogonal=True)
        atoms.calc = EMT()
        atoms.set_constraint(constraint(atoms))
        MaxwellBoltzmannDistribution(atoms, temperature_K=2 * T, rng=np.random.default_rng(1))
        try:
            dynamics = thermostat(atoms)
        except NotImplementedError:
            told.append(f"{way} refuses")
            continue
        dynamics.run(100)
        seen = []
        dynamics.attach(lambda: seen.append(atoms.get_temperature()))
        dynamics.run(600)
        told.append(f"{way} {round(np.mean(seen), -2):.0f}")
    print(f"{case}:", ", ".join(told), flush=True)
PYTHON
diff "$folder/seen" - <<'EXPECTED'
free: Nose-Hoover 300, Bussi 300
half fixed: Nose-Hoover 0, Bussi 300, MTK refuses
three quarters fixed: Nose-Hoover 0, Bussi 300, MTK refuses
centre of mass fixed: Nose-Hoover 400, Bussi 300, MTK refuses
EXPECTED
