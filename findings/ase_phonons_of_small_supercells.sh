#!/usr/bin/env bash
# ase.phonons.Phonons (ASE 3.29.0): an atom on the far side of a supercell is as near through one face as
# through the opposite one, and its force constant belongs to these images alike. ASE adds it for one
# image, whose cell indices are within half the supercell, and which need not be the nearest either.
# Frequencies are right where the supercell holds the wave vector. In between, wave vectors that the
# symmetry of the crystal makes equal have other frequencies, and copper, as stable a crystal as any, has
# imaginary modes with 2 x 2 x 2 primitive cells; of 2 x 2 x 2 cubic cells, 32 atoms, a frequency is off by
# a quarter along some directions. The documentation asks for no particular size
# (https://ase-lib.org/ase/phonons.html). From the same small supercells phonopy 4.10.0, which shares force
# constants among the nearest images, makes frequencies with the symmetry of the crystal and within 0.2 meV
# of those of large ones. ASE's converge to the same with larger supercells.
#
# Seen: of copper, EMT, the lowest and the highest frequency that 48 equivalent wave vectors give to the
# lowest mode, meV, negative if imaginary, and the share of a mesh of wave vectors with imaginary modes.
# Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "phonopy==4.10.0"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from itertools import permutations, product

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.phonons import Phonons
from phonopy import Phonopy
from phonopy.physical_units import get_physical_units
from phonopy.structure.atoms import PhonopyAtoms

A = 3.59
MESH = (np.indices((5, 5, 5)).reshape(3, -1).T + 0.5) / 5 - 0.5
WAVE = [
    np.multiply(signs, numbers) / A
    for numbers in permutations((0.1, 0.2, 0.33))
    for signs in product((1, -1), repeat=3)
]


def with_ase(crystal, n):
    phonons = Phonons(crystal, EMT(), supercell=(n, n, n), name=f"{len(crystal)} {n}")
    phonons.run()
    phonons.read(acoustic=True)
    return lambda waves: 1e3 * phonons.band_structure(waves, verbose=False)


def with_phonopy(crystal, n):
    places = crystal.get_scaled_positions()
    unit = PhonopyAtoms(crystal.symbols, cell=crystal.cell[:], scaled_positions=places)
    phonons = Phonopy(unit, supercell_matrix=[n, n, n], primitive_matrix=np.eye(3))
    phonons.generate_displacements(distance=0.01)
    moved = [
        Atoms(cell.symbols, cell=cell.cell, scaled_positions=cell.scaled_positions, pbc=True)
        for cell in phonons.supercells_with_displacements
    ]
    phonons.forces = [EMT().get_forces(atoms) for atoms in moved]
    phonons.produce_force_constants()
    to_mev = 1e3 * get_physical_units().THzToEv
    return lambda waves: to_mev * np.array([phonons.get_frequencies(wave) for wave in waves])


CRYSTALS = {"primitive": bulk("Cu", "fcc", A), "cubic": bulk("Cu", "fcc", A, cubic=True)}
WAYS = {"ASE": with_ase, "phonopy": with_phonopy}
for name, sizes in (("primitive", (2, 3, 4, 5)), ("cubic", (2, 3))):
    crystal = CRYSTALS[name]
    for n in sizes:
        for way, phonons in WAYS.items():
            frequencies = phonons(crystal, n)
            lowest = np.min(frequencies([wave @ crystal.cell.T for wave in WAVE]), axis=1)
            unstable = np.mean(np.min(frequencies(MESH), axis=1) < -0.1)
            print(f"{name}, {n} x {n} x {n}, {way}: {lowest.min():.1f} to {lowest.max():.1f},", end=" ")
            print(f"{100 * unstable:.0f}% imaginary")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
primitive, 2 x 2 x 2, ASE: -13.5 to 17.9, 14% imaginary
primitive, 2 x 2 x 2, phonopy: 9.7 to 9.7, 0% imaginary
primitive, 3 x 3 x 3, ASE: 9.2 to 9.6, 0% imaginary
primitive, 3 x 3 x 3, phonopy: 9.5 to 9.5, 0% imaginary
primitive, 4 x 4 x 4, ASE: 9.5 to 9.6, 0% imaginary
primitive, 4 x 4 x 4, phonopy: 9.6 to 9.6, 0% imaginary
primitive, 5 x 5 x 5, ASE: 9.6 to 9.6, 0% imaginary
primitive, 5 x 5 x 5, phonopy: 9.6 to 9.6, 0% imaginary
cubic, 2 x 2 x 2, ASE: 9.5 to 12.0, 0% imaginary
cubic, 2 x 2 x 2, phonopy: 9.5 to 9.5, 0% imaginary
cubic, 3 x 3 x 3, ASE: 9.6 to 9.6, 0% imaginary
cubic, 3 x 3 x 3, phonopy: 9.6 to 9.6, 0% imaginary
EXPECTED
