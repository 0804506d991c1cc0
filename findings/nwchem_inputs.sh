#!/usr/bin/env bash
# In an input of NWChem, the block `geometry` may be in units of angstroms, au, atomic, bohr, nm, nanometers,
# pm or picometers (https://nwchemgit.github.io/Keywords-for-the-GEOMETRY-directive.html). An atom begins with
# a tag: the symbol or the name of an element, "regardless of case", and what the user likes after it, as in
# O, o34 or oxygen. After its x, y and z it may have a charge or a mass
# (https://nwchemgit.github.io/Cartesian-coordinate-input.html).
#
# - ASE 3.29.0 takes all units for Å. It leaves out the atoms whose tag is not a bare symbol, written as O or
#   Si, and those with something after z: of water hydrogen is left, or oxygen. Of a `system surface` it takes
#   the angle for radians, of a `system crystal` for degrees: graphene has no hexagons, and neighbours at
#   0.50 Å.
# - pymatgen 2026.10.24, NwInput.from_str, "currently tested to work with files generated from this class
#   itself", takes all units for Å, too. It reads the tags below, and refuses a mass and a `system`.
#
# Neither says a word. Seen: the formula and, of two atoms or more, the distance of the first two, Å, where
# 0.96 and, in graphene, 1.42 is right. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "pymatgen==2026.10.24" "pymatgen-core==2026.10.16"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from io import StringIO

from ase.io import read
from pymatgen.io.nwchem import NwInput

WATER = "O 0.0 0.0 0.0\nH 0.0 0.7571 0.5861\nH 0.0 -0.7571 0.5861\n"
BOHR = "O 0.0 0.0 0.0\nH 0.0 1.4307 1.1076\nH 0.0 -1.4307 1.1076\n"
GRAPHENE = """
 system %s
  lat_a 2.46
  lat_b 2.46
%s  gamma 120.0
 end
 C 0.0 0.0 0.0
 C 0.333333 0.666667 0.0
"""
BLOCKS = {
    "no units": "\n" + WATER,
    "units angstroms": " units angstroms\n" + WATER,
    "units au": " units au\n" + BOHR,
    "units nm": " units nm\nO 0.0 0.0 0.0\nH 0.0 0.07571 0.05861\nH 0.0 -0.07571 0.05861\n",
    "tag O1": "\n" + WATER.replace("O", "O1"),
    "tags H1 and H2": "\nO 0.0 0.0 0.0\nH1 0.0 0.7571 0.5861\nH2 0.0 -0.7571 0.5861\n",
    "mass of deuterium": "\n" + WATER.replace("0.5861", "0.5861 mass 2.0141"),
    "graphene, crystal": GRAPHENE % ("crystal", "  lat_c 20.0\n  alpha 90.0\n  beta 90.0\n"),
    "graphene, surface": GRAPHENE % ("surface", ""),
}


def with_ase(text):
    atoms = read(StringIO(text), format="nwchem-in")
    if len(atoms) < 2:
        return atoms.get_chemical_formula()
    return f"{atoms.get_chemical_formula()} {atoms.get_distance(0, 1, mic=True):.2f}"


def with_pymatgen(text):
    try:
        molecule = NwInput.from_str(text).molecule
    except ValueError:
        return "refused"
    return f"{molecule.composition.hill_formula.replace(' ', '')} {molecule.get_distance(0, 1):.2f}"


for name, block in BLOCKS.items():
    text = f"geometry{block}end\n\nbasis\n * library sto-3g\nend\n\ntask scf energy\n"
    print(f"{name}: ASE {with_ase(text)}, pymatgen {with_pymatgen(text)}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
no units: ASE H2O 0.96, pymatgen H2O 0.96
units angstroms: ASE H2O 0.96, pymatgen H2O 0.96
units au: ASE H2O 1.81, pymatgen H2O 1.81
units nm: ASE H2O 0.10, pymatgen H2O 0.10
tag O1: ASE H2 1.51, pymatgen H2O 0.96
tags H1 and H2: ASE O, pymatgen H2O 0.96
mass of deuterium: ASE O, pymatgen refused
graphene, crystal: ASE C2 1.42, pymatgen refused
graphene, surface: ASE C2 0.50, pymatgen refused
EXPECTED
