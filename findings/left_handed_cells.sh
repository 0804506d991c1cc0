#!/usr/bin/env bash
# The edges of a cell may come in an order that is left-handed: POSCARs, extended XYZ and data sets hold
# such cells, and they describe a crystal as well as any. Lengths and angles always make a right-handed
# cell. What writes these, or turns the cell round, with the fractional coordinates as they were, returns
# the mirror image: right-handed quartz (P3_121, 152) comes back as left-handed quartz (P3_221, 154), with
# the same distances, volume and energy, without a word.
#
# - ASE 3.29.0: CIF, RES and LAMMPS data files, and ase.build.niggli_reduce, return the mirror image;
#   POSCAR and extended XYZ do not.
# - pymatgen-core 2026.10.16: CIF, RES, POSCAR and LAMMPS data do; CIF with symprec, XSF and JSON do not,
#   nor, of this crystal, does get_reduced_structure. Poscar turns all three edges round, since VASP wants
#   a right-handed cell, and leaves the fractional coordinates.
#
# The same crystal in a right-handed cell stays what it is. spglib 2.8.0 tells the two apart.
#
# Seen: the number of the space group after each. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "pymatgen-core==2026.10.16" "spglib==2.8.0"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import spglib
from ase import Atoms
from ase.build import niggli_reduce
from ase.io import read, write
from ase.spacegroup import crystal
from pymatgen.core import Structure
from pymatgen.io.cif import CifWriter
from pymatgen.io.lammps.data import LammpsData

SITES = [(0.4697, 0, 0), (0.4135, 0.2669, 0.1191)]
quartz = crystal(["Si", "O"], SITES, spacegroup=152, cellpar=[4.91, 4.91, 5.40, 90, 90, 120])
ORDERS = {"right-handed": [0, 1, 2], "left-handed": [1, 0, 2]}


def group(cell, fractions, numbers):
    return spglib.get_symmetry_dataset((cell, fractions, numbers), symprec=0.01).number


def of_atoms(atoms):
    return group(atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers)


def of_structure(structure):
    return group(structure.lattice.matrix, structure.frac_coords, structure.atomic_numbers)


def by_ase(atoms):
    yield "as it is", of_atoms(atoms)
    for name in ("extxyz", "vasp", "cif", "res", "lammps-data"):
        write("one", atoms, format=name, **({"masses": True} if name == "lammps-data" else {}))
        yield name, of_atoms(read("one", format=name))
    reduced = atoms.copy()
    niggli_reduce(reduced)
    yield "niggli_reduce", of_atoms(reduced)


def by_pymatgen(structure):
    yield "as it is", of_structure(structure)
    for name in ("json", "xsf", "poscar", "cif", "res"):
        yield name, of_structure(Structure.from_str(structure.to(fmt=name), name))
    text = str(CifWriter(structure, symprec=0.01))
    yield "cif with symprec", of_structure(Structure.from_str(text, "cif"))
    yield "LammpsData", of_structure(LammpsData.from_structure(structure).structure)
    yield "get_reduced_structure", of_structure(structure.get_reduced_structure())


for hand, order in ORDERS.items():
    cell, fractions = quartz.cell.array[order], quartz.get_scaled_positions()[:, order]
    atoms = Atoms(quartz.numbers, cell=cell, scaled_positions=fractions, pbc=True)
    structure = Structure(cell, quartz.numbers, fractions)
    for library, done in (("ASE", by_ase(atoms)), ("pymatgen", by_pymatgen(structure))):
        for name, number in done:
            print(f"{hand}, {library}, {name}: {number}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
right-handed, ASE, as it is: 152
right-handed, ASE, extxyz: 152
right-handed, ASE, vasp: 152
right-handed, ASE, cif: 152
right-handed, ASE, res: 152
right-handed, ASE, lammps-data: 152
right-handed, ASE, niggli_reduce: 152
right-handed, pymatgen, as it is: 152
right-handed, pymatgen, json: 152
right-handed, pymatgen, xsf: 152
right-handed, pymatgen, poscar: 152
right-handed, pymatgen, cif: 152
right-handed, pymatgen, res: 152
right-handed, pymatgen, cif with symprec: 152
right-handed, pymatgen, LammpsData: 152
right-handed, pymatgen, get_reduced_structure: 152
left-handed, ASE, as it is: 152
left-handed, ASE, extxyz: 152
left-handed, ASE, vasp: 152
left-handed, ASE, cif: 154
left-handed, ASE, res: 154
left-handed, ASE, lammps-data: 154
left-handed, ASE, niggli_reduce: 154
left-handed, pymatgen, as it is: 152
left-handed, pymatgen, json: 152
left-handed, pymatgen, xsf: 152
left-handed, pymatgen, poscar: 154
left-handed, pymatgen, cif: 154
left-handed, pymatgen, res: 154
left-handed, pymatgen, cif with symprec: 152
left-handed, pymatgen, LammpsData: 154
left-handed, pymatgen, get_reduced_structure: 152
EXPECTED
