#!/usr/bin/env bash
# Atoms that are turned as a whole are the same atoms, and what way they move turns with them. ASE 3.29.0
# turns positions and the cell, but not the momenta, in Atoms.rotate and Atoms.euler_rotate ("rotate atoms",
# https://ase-lib.org/ase/atoms.html), in ase.build.rotate, and in ase.build.niggli_reduce, which is to
# convert "the supplied atoms object's unit cell" and on the way turns the atoms until the first vector lies
# along x. The descriptions do not say so, and there is no word when it happens.
#
# A snapshot of molecular dynamics that is turned and continued goes elsewhere than the one it was made of:
# an atom that moved towards its neighbour passes it by. The temperature does not tell, as momenta keep their
# lengths. Where ASE itself has to turn a cell, in data files of LAMMPS, it turns velocities with the rest.
#
# Seen: how fast the potential energy changes, eV/ps, minus the forces times the velocities, which is the
# same in all directions, of copper in a supercell of the primitive cell and of a molecule of water; and the
# temperature, K. "By hand" is Atoms.rotate, and momenta turned likewise. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from io import StringIO

import numpy as np
from ase import units
from ase.build import bulk, molecule, niggli_reduce, rotate
from ase.calculators.emt import EMT
from ase.io import read, write

rng = np.random.default_rng(0)


def moving(atoms):
    atoms.positions += rng.normal(0, 0.1, atoms.positions.shape)
    velocities = rng.normal(0, 0.03, atoms.positions.shape)
    atoms.set_velocities(velocities - velocities.mean(axis=0))
    return atoms


def by_hand(atoms):
    atoms.rotate(90, "x", rotate_cell=True)
    x, y, z = atoms.get_momenta().T
    atoms.set_momenta(np.array([x, -z, y]).T)


def by_two_vectors(atoms):
    rotate(atoms, atoms.cell[0], (1, 0, 0), atoms.cell[1], (0, 1, 0), rotate_cell=True)


def as_lammps_data(atoms):
    text = StringIO()
    write(text, atoms, format="lammps-data", velocities=True, masses=True, units="metal")
    return read(StringIO(text.getvalue()), format="lammps-data", style="atomic", units="metal")


WAYS = {
    "as given": lambda atoms: None,
    "by hand": by_hand,
    "LAMMPS data": as_lammps_data,
    "Atoms.rotate": lambda atoms: atoms.rotate(90, "x", rotate_cell=True),
    "Atoms.euler_rotate": lambda atoms: atoms.euler_rotate(90, 90, 0),
    "ase.build.rotate": by_two_vectors,
    "niggli_reduce": niggli_reduce,
}
CHOSEN = {
    "copper": (moving(bulk("Cu", "fcc", 3.6) * (2, 2, 3)), [way for way in WAYS if "euler" not in way]),
    "water": (moving(molecule("H2O")), ["as given", "by hand", "Atoms.rotate", "Atoms.euler_rotate"]),
}
for name, (given, ways) in CHOSEN.items():
    for way in ways:
        atoms = given.copy()
        atoms = WAYS[way](atoms) or atoms
        atoms.calc = EMT()
        power = -np.sum(atoms.get_forces() * atoms.get_velocities()) * 1000 * units.fs
        energy = atoms.get_potential_energy()
        told = f"energy {energy:.2f}, changes by {power:.1f}, temperature {atoms.get_temperature():.0f}"
        print(f"{name}, {way}: {told}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
copper, as given: energy 0.82, changes by 1.9, temperature 668
copper, by hand: energy 0.82, changes by 1.9, temperature 668
copper, LAMMPS data: energy 0.82, changes by 1.9, temperature 668
copper, Atoms.rotate: energy 0.82, changes by 0.5, temperature 668
copper, ase.build.rotate: energy 0.82, changes by -28.3, temperature 668
copper, niggli_reduce: energy 0.82, changes by -5.4, temperature 668
water, as given: energy 2.78, changes by 61.4, temperature 52
water, by hand: energy 2.78, changes by 61.4, temperature 52
water, Atoms.rotate: energy 2.78, changes by 39.2, temperature 52
water, Atoms.euler_rotate: energy 2.78, changes by 49.0, temperature 52
EXPECTED
