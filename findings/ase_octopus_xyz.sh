#!/usr/bin/env bash
# An input of Octopus may name a file with the coordinates, XYZCoordinates = "water.xyz". Octopus computes in
# atomic units, but such files are in Å, unless UnitsXYZFiles = bohr_units is set: the default angstrom_units
# "ensures compatibility with most programs, that assume XYZ files have coordinates in Angstrom"
# (https://octopus-code.org/documentation/11/variables/execution/units).
#
# ASE 3.29.0, format octopus-in, reads such inputs with the files they name. It takes the file for one in
# bohr, whichever unit is set: with the default, molecules are half as large, 0.51 instead of 0.97 Å from O to
# H, and only with bohr_units they are right. A cell beside it (Lsize), in bohr, is right, so that a molecule
# in its box is twice as far from the walls. Of inputs with the coordinates in the block Coordinates, in bohr,
# all is right. What is computed of these atoms, or written from them, is another molecule. No word is said.
#
# Seen: the distance from O to H, Å, of the same water as read from inputs of Octopus. Exits non-zero if any
# line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from ase.build import molecule
from ase.io import read, write
from ase.units import Bohr

water = molecule("H2O")
write("angstrom.xyz", water, format="xyz")
larger = water.copy()
larger.positions /= Bohr
write("bohr.xyz", larger, format="xyz")
rows = [
    f"  '{symbol}' | " + " | ".join(f"{x:.8f}" for x in position)
    for symbol, position in zip(water.symbols, water.positions / Bohr)
]
block = "\n".join(["%Coordinates", *rows, "%"])

box = "BoxShape = parallelepiped\n%Lsize\n 10 | 10 | 10\n%"
print(f"as it is: {water.get_distance(0, 1):.3f}")
for title, text in (
    ("Coordinates", block),
    ("XYZCoordinates", 'XYZCoordinates = "angstrom.xyz"'),
    ("XYZCoordinates, angstrom_units", 'UnitsXYZFiles = angstrom_units\nXYZCoordinates = "angstrom.xyz"'),
    ("XYZCoordinates, bohr_units", 'UnitsXYZFiles = bohr_units\nXYZCoordinates = "bohr.xyz"'),
):
    with open("inp", "w") as file:
        file.write(f"CalculationMode = gs\n{box}\n{text}\n")
    atoms = read("inp", format="octopus-in")
    edge = atoms.cell[0, 0]
    print(f"{title}: {atoms.get_distance(0, 1):.3f}, in a box of {edge:.2f} Å (is {20 * Bohr:.2f})")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
as it is: 0.969
Coordinates: 0.969, in a box of 10.58 Å (is 10.58)
XYZCoordinates: 0.513, in a box of 10.58 Å (is 10.58)
XYZCoordinates, angstrom_units: 0.513, in a box of 10.58 Å (is 10.58)
XYZCoordinates, bohr_units: 0.969, in a box of 10.58 Å (is 10.58)
EXPECTED
