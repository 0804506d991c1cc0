#!/usr/bin/env bash
# In a data file of LAMMPS atoms have types, 1, 2 and so on, and the section Masses tells what these weigh
# (https://docs.lammps.org/read_data.html). Which elements they are need not be said; since 2022 it may be, in
# a section Atom Type Labels. Many files, as those of ASE if it is asked for masses, have these and no labels.
#
# phonopy 4.10.0 "reads and writes crystal structures in the LAMMPS read_data format", with Masses, which is
# optional "when Atom Type Labels are present" (https://phonopy.github.io/phonopy/lammps.html). With labels it
# takes elements and masses from the file. Without them it takes the type for the atomic number and passes
# over Masses: type 1 is hydrogen, type 2 helium, as heavy as these are. The supercells that it writes say so,
# too. Forces of LAMMPS come from its pair_coeff, and are those of the real crystal. The frequencies made of
# them are not, and what follows from those, densities of states and heat capacities, neither. No word is
# said. ASE 3.29.0 and pymatgen 2026.10.24 tell the elements by the masses.
#
# Seen: elements and masses of AuCu3, written by ASE, as they are read again; those in the supercell that
# phonopy writes, and the highest frequency, THz, with forces of ASE's EMT in the role of LAMMPS. Exits
# non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "phonopy==4.10.0" "ase==3.29.0" "pymatgen==2026.10.24" \
    "spglib==2.8.0" "numpy==2.4.6"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.calculators.emt import EMT
from ase.io import read, write
from phonopy import Phonopy
from phonopy.interface.calculator import read_crystal_structure, write_supercells_with_displacements
from pymatgen.io.lammps.data import LammpsData

PLACES = [(0, 0, 0), (0, 0.5, 0.5), (0.5, 0, 0.5), (0.5, 0.5, 0)]


def told(symbols, masses):
    kinds = dict(zip(symbols, masses, strict=True))
    return ", ".join(f"{symbol} {mass:.2f}" for symbol, mass in kinds.items())


def frequency(unitcell):
    """The highest on a mesh, with forces between the atoms that are really there."""
    phonon = Phonopy(unitcell, supercell_matrix=2 * np.eye(3, dtype=int), primitive_matrix=np.eye(3))
    phonon.generate_displacements(distance=0.01)
    elements = np.repeat(crystal.numbers, 8)
    forces = []
    for cell in phonon.supercells_with_displacements:
        atoms = Atoms(elements, cell=cell.cell, scaled_positions=cell.scaled_positions, pbc=True)
        atoms.calc = EMT()
        forces.append(atoms.get_forces())
    phonon.forces = forces
    phonon.produce_force_constants()
    phonon.run_mesh([4, 4, 4])
    write_supercells_with_displacements("lammps", phonon.supercell, phonon.supercells_with_displacements)
    written = Path("supercell").read_text().split("Masses")[1].split("Atoms")[0].split()
    return phonon.get_mesh_dict()["frequencies"].max(), told(written[3::4], map(float, written[1::4]))


crystal = Atoms("AuCu3", scaled_positions=PLACES, cell=[3.77, 3.77, 3.77], pbc=True)
write("crystal.data", crystal, format="lammps-data", masses=True, force_skew=True, atom_style="atomic")
text = Path("crystal.data").read_text()
Path("labelled.data").write_text(text.replace("Masses", "Atom Type Labels\n\n1 Au\n2 Cu\n\nMasses"))

atoms = read("crystal.data", format="lammps-data", atom_style="atomic")
print(f"ASE: {told(atoms.symbols, atoms.get_masses())}")
structure = LammpsData.from_file("crystal.data", atom_style="atomic").structure
masses = [site.specie.atomic_mass for site in structure]
print(f"pymatgen: {told([site.specie.symbol for site in structure], masses)}")
for name in ("labelled.data", "crystal.data"):
    cell, _ = read_crystal_structure(name, interface_mode="lammps")
    highest, written = frequency(cell)
    print(f"phonopy, {name}: {told(cell.symbols, cell.masses)}; supercell {written}; {highest:.2f} THz")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
ASE: Au 196.97, Cu 63.55
pymatgen: Au 196.97, Cu 63.55
phonopy, labelled.data: Au 196.97, Cu 63.55; supercell Au 196.97, Cu 63.55; 5.66 THz
phonopy, crystal.data: H 1.01, He 4.00; supercell H 1.01, He 4.00; 43.53 THz
EXPECTED
