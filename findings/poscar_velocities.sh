#!/usr/bin/env bash
# A POSCAR may hold velocities after the coordinates: in Å/fs after a line that is empty or says
# "Cartesian", in edges of the cell a time step (POTIM) after "Direct" (https://vasp.at/wiki/POSCAR).
#
# - ASE 3.29.0 writes the line "Cartesian", and reads it and the empty one. It takes "Direct" for the
#   same: here a thirtieth of the temperature.
# - pymatgen-core 2026.10.16 finds velocities after an empty line only: of what ASE writes it keeps none.
#   AseAtomsAdaptor hands velocities to ASE as an array of that name, which ASE does not look at: atoms
#   at rest. On the way from ASE it calls them momenta, which Poscar does not look at.
#
# A molecular dynamics that goes on from such atoms starts at 0 K. None says a word. Seen: the temperature,
# K, after each way, where 300 is right. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "pymatgen-core==2026.10.16"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import io

import numpy as np
from ase import units
from ase.build import bulk
from ase.io.vasp import read_vasp, write_vasp
from pymatgen.core import Structure
from pymatgen.io.ase import AseAtomsAdaptor
from pymatgen.io.vasp.inputs import Poscar

atoms = bulk("NaCl", "rocksalt", 5.64, cubic=True)
atoms.set_velocities(np.random.default_rng(0).normal(size=(8, 3)))
atoms.set_momenta(atoms.get_momenta() * np.sqrt(300 / atoms.get_temperature()))


def by_ase(atoms):
    file = io.StringIO()
    write_vasp(file, atoms)
    return file.getvalue()


def of_text(text):
    return read_vasp(io.StringIO(text))


def of_pymatgen(structure):
    velocities = np.array(structure.site_properties.get("velocities", np.zeros((8, 3))), float)
    found = atoms.copy()
    found.set_velocities(velocities / units.fs)
    return found


text = by_ase(atoms)
assert text.count("Cartesian\n") == 2
coordinates, _, velocities = text.rpartition("Cartesian\n")
direct = atoms.get_velocities() * units.fs @ np.linalg.inv(atoms.cell)  # POTIM is 1 fs
rows = "\n".join(" ".join(f"{number:.12f}" for number in row) for row in direct)
TEXTS = {
    "Cartesian": text,
    "empty line": coordinates + "\n" + velocities,
    "Direct": coordinates + "Direct\n" + rows + "\n",
}
for name, text in TEXTS.items():
    structure = Poscar.from_str(text).structure
    ways = {
        "ASE": of_text(text),
        "pymatgen": of_pymatgen(structure),
        "pymatgen to POSCAR to ASE": of_text(Poscar(structure).get_str()),
        "AseAtomsAdaptor": AseAtomsAdaptor.get_atoms(structure),
    }
    print(f"{name}:", ", ".join(f"{way} {found.get_temperature():.0f}" for way, found in ways.items()))
structure = AseAtomsAdaptor.get_structure(atoms)
ways = {
    "and back": AseAtomsAdaptor.get_atoms(structure),
    "to POSCAR to ASE": of_text(Poscar(structure).get_str()),
    "to JSON and back": AseAtomsAdaptor.get_atoms(Structure.from_str(structure.to(fmt="json"), "json")),
}
told = ", ".join(f"{way} {found.get_temperature():.0f}" for way, found in ways.items())
print(f"from ASE to pymatgen, {told}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
Cartesian: ASE 300, pymatgen 0, pymatgen to POSCAR to ASE 0, AseAtomsAdaptor 0
empty line: ASE 300, pymatgen 300, pymatgen to POSCAR to ASE 300, AseAtomsAdaptor 0
Direct: ASE 9, pymatgen 0, pymatgen to POSCAR to ASE 0, AseAtomsAdaptor 0
from ASE to pymatgen, and back 300, to POSCAR to ASE 0, to JSON and back 300
EXPECTED
