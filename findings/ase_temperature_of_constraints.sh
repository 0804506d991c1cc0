#!/usr/bin/env bash
# Each degree of freedom has a kinetic energy of kT/2 on the average. ASE 3.29.0, Atoms.get_temperature, "get
# the temperature in Kelvin", divides by the number of those that constraints leave
# (get_number_of_degrees_of_freedom, https://ase-lib.org/ase/atoms.html). The thermostat Bussi and
# force_temp of MaxwellBoltzmannDistribution go by it.
#
# - FixedMode is to "constrain atoms to move along directions orthogonal to a given mode only"
#   (https://ase-lib.org/ase/constraints.html). That is one degree of freedom less. It counts as many as there
#   are atoms, a third of all: 300 K are told to be 445 K, and momenta forced to 300 K are those of 202 K.
# - Where two constraints hold the same, what each removes is added: an atom in two lists of FixAtoms takes
#   three degrees of freedom from the others. So does a fixed atom in a FixedLine or FixedPlane, as of a slab
#   whose bottom is fixed and all of whose atoms move up and down only. There 300 K are told to be 900 K.
#
# No word is said. Seen: of crystals and slabs of copper, degrees of freedom from ASE and by hand, that is the
# rank of the momenta that constraints let pass; the temperature, K, from ASE and by hand after momenta of 300
# K were given, and by hand after they were forced to be of 300 K. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase.build import bulk, fcc111
from ase.constraints import FixAtoms, FixedLine, FixedMode
from ase.md.velocitydistribution import MaxwellBoltzmannDistribution
from ase.units import kB

KELVIN = 300


def freedom(atoms):
    """How many independent momenta the constraints leave."""
    left = []
    for i in range(3 * len(atoms)):
        momenta = np.zeros(3 * len(atoms))
        momenta[i] = 1.0
        atoms.set_momenta(momenta.reshape(-1, 3))
        left.append(atoms.get_momenta().ravel())
    return int(np.linalg.matrix_rank(np.array(left)))


def kelvin(atoms, number):
    return 2 * atoms.get_kinetic_energy() / (number * kB)


crystal = bulk("Cu", cubic=True).repeat(2)
mode = np.zeros((len(crystal), 3))
mode[0, 0], mode[1, 0] = 1.0, -1.0
slab = fcc111("Cu", (2, 2, 4), vacuum=8.0)
bottom = [i for i, tag in enumerate(slab.get_tags()) if tag == 4]
CASES = {
    "free": (crystal, []),
    "FixedMode": (crystal, [FixedMode(mode)]),
    "slab, FixAtoms": (slab, [FixAtoms(bottom)]),
    "slab, FixAtoms twice": (slab, [FixAtoms(bottom), FixAtoms(bottom[:2])]),
    "slab, FixAtoms, FixedLine of all": (
        slab, [FixAtoms(bottom), FixedLine(list(range(len(slab))), (0, 0, 1))]
    ),
}
for name, (atoms, constraints) in CASES.items():
    atoms = atoms.copy()
    atoms.set_constraint(constraints)
    number = freedom(atoms)
    rng = np.random.default_rng(1)
    atoms.set_momenta(rng.normal(size=(len(atoms), 3)))
    atoms.set_momenta(atoms.get_momenta() * np.sqrt(KELVIN / kelvin(atoms, number)))
    told = f"{atoms.get_temperature():.0f}, by hand {kelvin(atoms, number):.0f}"
    MaxwellBoltzmannDistribution(atoms, temperature_K=KELVIN, force_temp=True, rng=rng)
    print(
        f"{name}: {atoms.get_number_of_degrees_of_freedom()}, by hand {number}; {told}; "
        f"forced {kelvin(atoms, number):.0f}"
    )
PYTHON
diff "$folder/seen" - <<'EXPECTED'
free: 96, by hand 96; 300, by hand 300; forced 300
FixedMode: 64, by hand 95; 445, by hand 300; forced 202
slab, FixAtoms: 36, by hand 36; 300, by hand 300; forced 300
slab, FixAtoms twice: 30, by hand 36; 360, by hand 300; forced 250
slab, FixAtoms, FixedLine of all: 4, by hand 12; 900, by hand 300; forced 100
EXPECTED
