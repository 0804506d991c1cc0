#!/usr/bin/env bash
# CP2K's &COORD section may have a UNIT, in which the places of the atoms are given: angstrom by default, or
# bohr, nm, pm and others (https://manual.cp2k.org/trunk/CP2K_INPUT/FORCE_EVAL/SUBSYS/COORD.html).
#
# phonopy 4.10.0 reads and writes CP2K's inputs. "All CP2K input file features like unit prefixes" are to be
# supported, and coordinates to be "Angstrom if not otherwise specified"
# (https://phonopy.github.io/phonopy/cp2k.html). A UNIT is passed over: numbers in bohr are taken as Å, and
# the inputs of supercells that phonopy writes, of which CP2K is to calculate the forces, have these numbers
# and no UNIT. As the cell is right, the atoms are elsewhere in it: the crystal is another one, of other
# distances, symmetry and displacements. No word is said. Units of the cell, as in "ABC [bohr] ...", are
# converted, and SCALED coordinates are right.
#
# Seen: of zinc blende with its coordinates in several units, the unit cell that phonopy reads, and the input
# of the supercell that it writes. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "phonopy==4.10.0" "cp2k-input-tools==0.9.3" "ase==3.29.0"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from pathlib import Path

import numpy as np
from ase.build import bulk
from ase.geometry import get_distances
from phonopy import Phonopy
from phonopy.interface.calculator import read_crystal_structure, write_supercells_with_displacements

BOHR = 0.529177210903  # Å
CRYSTAL = bulk("ZnS", "zincblende", 5.41, cubic=True)
INPUT = """\
&GLOBAL
  PROJECT_NAME ZnS
&END GLOBAL
&FORCE_EVAL
  METHOD Quickstep
  &SUBSYS
    &CELL
      ABC {cell}
    &END CELL
    &COORD
      {keyword}
{places}
    &END COORD
  &END SUBSYS
&END FORCE_EVAL
"""


def write(keyword, places, unit_of_cell="angstrom"):
    lengths = CRYSTAL.cell.lengths() / (BOHR if unit_of_cell == "bohr" else 1)
    rows = zip(CRYSTAL.symbols, places, strict=True)
    text = INPUT.format(
        cell=f"[{unit_of_cell}] " + " ".join(f"{length:.8f}" for length in lengths),
        keyword=keyword,
        places="\n".join(f"      {symbol} {x:.8f} {y:.8f} {z:.8f}" for symbol, (x, y, z) in rows),
    )
    Path("ZnS.inp").write_text(text)


def shortest(positions, cell):
    distances = get_distances(positions, cell=cell, pbc=True)[1]
    return distances[np.triu_indices(len(positions), 1)].min()


def of_file(path):
    """The shortest distance in an input, as CP2K takes it, and what it says of its coordinates."""
    rows = [line.split() for line in Path(path).read_text().splitlines()]
    cell = np.array([row[1:] for row in rows if row[0] in "ABC"], dtype=float)
    places = np.array([row[1:] for row in rows if row[0] in ("Zn", "S")], dtype=float)
    keywords = [row[0] for row in rows if row[0] in ("UNIT", "SCALED")]
    assert "UNIT" not in keywords
    return shortest(places @ cell if keywords else places, cell), " ".join(keywords) or "no UNIT"


def told():
    unitcell, info = read_crystal_structure("ZnS.inp", interface_mode="cp2k")
    phonon = Phonopy(unitcell, np.diag([2, 2, 2]), "P", calculator="cp2k", log_level=0)
    phonon.generate_displacements(distance=0.01)
    supercells = phonon.supercells_with_displacements
    write_supercells_with_displacements("cp2k", phonon.supercell, supercells, info)
    distance, keyword = of_file("ZnS-supercell.inp")
    return (
        f"read, {shortest(unitcell.positions, unitcell.cell):.3f} Å, "
        f"{phonon.symmetry.get_international_table()}, {len(supercells)} displacements; "
        f"written, {distance:.3f} Å, {keyword}"
    )


INPUTS = {
    "SCALED": ("SCALED", CRYSTAL.get_scaled_positions()),
    "no UNIT": ("", CRYSTAL.positions),
    "no UNIT, cell in bohr": ("", CRYSTAL.positions, "bohr"),
    "UNIT angstrom": ("UNIT angstrom", CRYSTAL.positions),
    "UNIT bohr": ("UNIT bohr", CRYSTAL.positions / BOHR),
    "UNIT nm": ("UNIT nm", CRYSTAL.positions / 10),
}
print(f"by hand: shortest {shortest(CRYSTAL.positions, CRYSTAL.cell):.3f} Å")
for name, settings in INPUTS.items():
    write(*settings)
    print(f"{name}: {told()}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
by hand: shortest 2.343 Å
SCALED: read, 2.343 Å, F-43m (216), 2 displacements; written, 2.343 Å, SCALED
no UNIT: read, 2.343 Å, F-43m (216), 2 displacements; written, 2.343 Å, no UNIT
no UNIT, cell in bohr: read, 2.343 Å, F-43m (216), 2 displacements; written, 2.343 Å, no UNIT
UNIT angstrom: read, 2.343 Å, F-43m (216), 2 displacements; written, 2.343 Å, no UNIT
UNIT bohr: read, 0.422 Å, R3m (160), 12 displacements; written, 0.422 Å, no UNIT
UNIT nm: read, 0.234 Å, R3m (160), 12 displacements; written, 0.234 Å, no UNIT
EXPECTED
