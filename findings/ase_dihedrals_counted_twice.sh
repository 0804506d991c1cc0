#!/usr/bin/env bash
# Atoms A-B-C-D in a row of bonds have one dihedral, the same as that of D-C-B-A. Hydrogen peroxide has one,
# ethane has nine.
#
# ASE 3.29.0, Analysis.get_dihedrals, has unique=True by default, for "the dihedrals both ways or just one way
# (A-B-C-D and D-C-B-A or only A-B-C-D)" (docstring). Of kinds that read the same both ways, H-C-C-H or
# C-C-C-C, it lists each dihedral both ways all the same: twice as many, and with unique=False four times.
# Kinds that do not, H-C-C-C, come once, so that the shares of the kinds are wrong, too. Where four bonds make
# a ring, some dihedrals are missing besides, and more from unique_dihedrals, since of two ways to the same
# atom only the first is taken. No word is said.
#
# Seen: how many dihedrals get_dihedrals lists, how many of them are not the same, and how many there are by
# hand, then how many of all kinds are in unique_dihedrals. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase.build import molecule
from ase.data import covalent_radii
from ase.geometry.analysis import Analysis


def forwards(row):
    return row if row[0] < row[-1] else row[::-1]


def by_hand(atoms):
    """All rows of four different atoms with a bond from each to the next."""
    radii, apart = covalent_radii[atoms.numbers], atoms.get_all_distances()
    bonded = apart < 1.15 * (radii[:, np.newaxis] + radii)
    bonds = [np.flatnonzero(row) for row in bonded]
    rows = [(a, b, c, d) for b in range(len(atoms)) for c in bonds[b] for a in bonds[b] for d in bonds[c]]
    return {forwards(row) for row in rows if len(set(row)) == 4}


KINDS = ("HOOH", "HCCH", "HCCC", "CCCC")
for name in ("H2O2", "C2H6", "butadiene", "trans-butane", "C6H6", "cyclobutane", "bicyclobutane"):
    atoms = molecule(name)
    analysis = Analysis(atoms)
    right = by_hand(atoms)
    print(name)
    for kind in KINDS:
        expected = [row for row in right if "".join(atoms.symbols[list(row)]) in (kind, kind[::-1])]
        if expected:
            seen = analysis.get_dihedrals(*kind)[0]
            other = {forwards(row) for row in seen}
            print(f"  {kind}: {len(seen)}, {len(other)} of them not the same; by hand {len(expected)}")
    print(f"  all: {sum(len(rows) for rows in analysis.unique_dihedrals[0])}; by hand {len(right)}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
H2O2
  HOOH: 2, 1 of them not the same; by hand 1
  all: 1; by hand 1
C2H6
  HCCH: 18, 9 of them not the same; by hand 9
  all: 9; by hand 9
butadiene
  HCCH: 10, 5 of them not the same; by hand 5
  HCCC: 6, 6 of them not the same; by hand 6
  CCCC: 2, 1 of them not the same; by hand 1
  all: 12; by hand 12
trans-butane
  HCCH: 32, 16 of them not the same; by hand 16
  HCCC: 10, 10 of them not the same; by hand 10
  CCCC: 2, 1 of them not the same; by hand 1
  all: 27; by hand 27
C6H6
  HCCH: 12, 6 of them not the same; by hand 6
  HCCC: 12, 12 of them not the same; by hand 12
  CCCC: 12, 6 of them not the same; by hand 6
  all: 24; by hand 24
cyclobutane
  HCCH: 32, 16 of them not the same; by hand 16
  HCCC: 16, 16 of them not the same; by hand 16
  CCCC: 4, 3 of them not the same; by hand 4
  all: 26; by hand 36
bicyclobutane
  HCCH: 18, 9 of them not the same; by hand 9
  HCCC: 24, 24 of them not the same; by hand 24
  CCCC: 8, 5 of them not the same; by hand 6
  all: 31; by hand 39
EXPECTED
