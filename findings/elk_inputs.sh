#!/usr/bin/env bash
# In an input of Elk, the block `atoms` states the species and the fractions of the cell at which atoms are,
# or, where `molecule` is .true., Cartesian coordinates. `scale` is a factor for all lattice vectors, "applied
# in conjunction with scale1, scale2 and scale3" (manual of Elk 8.4.30, sections 5.1, 5.61 and 5.95, elk.pdf
# in https://packages.debian.org/bookworm/elk-lapw). What follows a value, as ": spfname", is a remark that
# nothing asks for: many of the examples in that package have it at the first species only, as below.
#
# - ASE 3.29.0, ase.io.elk, takes only species of whose line "spfname" is a part. Gallium arsenide is gallium
#   alone, barium titanate barium alone. From 26 of the 120 examples it reads fewer atoms than there are.
#   Cartesian coordinates of a molecule are fractions to it.
# - phonopy 4.10.0, read_elk, takes of scale and scale1 to scale3, all of which it is to support
#   (https://phonopy.github.io/phonopy/elk.html), the one that comes last: for copper, as in an example of
#   Elk, 0.96 bohr, or 6.83 bohr, in place of 0.96 times 6.83 bohr.
#
# Neither says a word. Each reads right where the other one does not.
#
# Seen: the formula, the volume, Å³, and the shortest distance, Å; that of water should be 0.96. Exits
# non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "phonopy==4.10.0"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from itertools import product
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.io import read
from ase.units import Bohr
from phonopy.interface.elk import read_elk

HALVES = "avec\n 0.0 0.5 0.5\n 0.5 0.0 0.5\n 0.5 0.5 0.0\n"
CUBE = "avec\n 1.0 0.0 0.0\n 0.0 1.0 0.0\n 0.0 0.0 1.0\n"
SITES = {
    "copper": (HALVES, {"Cu": [(0, 0, 0)]}),
    "gallium arsenide": (HALVES, {"Ga": [(0, 0, 0)], "As": [(0.25, 0.25, 0.25)]}),
    "barium titanate": (
        CUBE,
        {"Ba": [(0, 0, 0)], "Ti": [(0.5, 0.5, 0.5)], "O": [(0.5, 0.5, 0), (0.5, 0, 0.5), (0, 0.5, 0.5)]},
    ),
    "water": (CUBE, {"O": [(0, 0, 0)], "H": [(1.811, 0, 0), (-0.4519, 1.7537, 0)]}),
}


def text(crystal, factors, remarks, molecule=False):
    """An input with the remarks in none, the first or all of the species."""
    vectors, species = SITES[crystal]
    lines = "".join(f"{name}\n {factor}\n\n" for name, factor in factors) + vectors
    lines += "\nmolecule\n .true.\n" if molecule else ""
    lines += f"\natoms\n {len(species)} : nspecies\n"
    for number, (symbol, places) in enumerate(species.items()):
        said = remarks == "all" or (remarks == "first" and number == 0)
        lines += f" '{symbol}.in'{' : spfname' if said else ''}\n {len(places)}\n"
        lines += "".join(" " + " ".join(f"{x:.6f}" for x in place) + "\n" for place in places)
    return lines


def told(symbols, cell, positions):
    shifts = np.array(list(product(range(-2, 3), repeat=3))) @ cell
    apart = np.linalg.norm(positions[:, None, None] - positions[:, None] - shifts, axis=-1)
    formula = Atoms(symbols).get_chemical_formula("metal")
    return f"{formula} {abs(np.linalg.det(cell)):.1f} {apart[apart > 1e-3].min():.2f}"


def with_ase(name):
    atoms = read(name, format="elk")
    return told(atoms.get_chemical_symbols(), atoms.cell.array, atoms.positions)


def with_phonopy(name):
    cell, _ = read_elk(name)
    return told(cell.symbols, Bohr * cell.cell, Bohr * cell.positions)


def report(title, *arguments, **further):
    Path("elk.in").write_text(text(*arguments, **further))
    seen = f"{title}: ASE {with_ase('elk.in')}"
    print(seen if further else f"{seen}, phonopy {with_phonopy('elk.in')}")  # which reads no molecules


THREE = [(f"scale{number}", 6.83) for number in (1, 2, 3)]
for remarks in ("all", "first"):
    report(f"gallium arsenide, remarks in {remarks}", "gallium arsenide", [("scale", 10.687)], remarks)
    report(f"barium titanate, remarks in {remarks}", "barium titanate", [("scale", 7.55)], remarks)
report("copper, scale", "copper", [("scale", 6.5568)], "all")
report("copper, scale1 to scale3", "copper", THREE, "all")
report("copper, scale1 to scale3, scale", "copper", [*THREE, ("scale", 0.96)], "all")
report("copper, scale, scale1 to scale3", "copper", [("scale", 0.96), *THREE], "all")
report("water", "water", [("scale", 12.0)], "all", molecule=True)
PYTHON
diff "$folder/seen" - <<'EXPECTED'
gallium arsenide, remarks in all: ASE GaAs 45.2 2.45, phonopy GaAs 45.2 2.45
barium titanate, remarks in all: ASE BaTiO3 63.8 2.00, phonopy BaTiO3 63.8 2.00
gallium arsenide, remarks in first: ASE Ga 45.2 4.00, phonopy GaAs 45.2 2.45
barium titanate, remarks in first: ASE Ba 63.8 4.00, phonopy BaTiO3 63.8 2.00
copper, scale: ASE Cu 10.4 2.45, phonopy Cu 10.4 2.45
copper, scale1 to scale3: ASE Cu 11.8 2.56, phonopy Cu 11.8 2.56
copper, scale1 to scale3, scale: ASE Cu 10.4 2.45, phonopy Cu 0.0 0.36
copper, scale, scale1 to scale3: ASE Cu 10.4 2.45, phonopy Cu 11.8 2.56
water: ASE H2O 256.1 1.20
EXPECTED
