#!/usr/bin/env bash
# pymatgen-core 2026.10.16 with monty 2026.10.21, `Structure.from_spacegroup`: of a cubic group it takes
# one to two seconds, nearly all of it in comparing symmetry operations pair by pair with
# `numpy.allclose`. `SpaceGroup` is cached by its symbol, but only weakly: the group is forgotten as
# soon as the structure is made, so that each further crystal of the same group takes as long as the
# first. While anybody holds `SpaceGroup("Fm-3m")`, no operation is compared and the same call takes
# milliseconds. spglib gives the same 192 operations from its own table at once.
#
# Seen: the comparisons counted below. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pymatgen-core==2026.10.16" "monty==2026.10.21" "spglib==2.8.0"
"$folder/venv/bin/python" - <<'PYTHON' | tee "$folder/seen"
import spglib
from pymatgen.core import Lattice, Structure
from pymatgen.core.operations import SymmOp
from pymatgen.symmetry.groups import SpaceGroup

compare = SymmOp.__eq__
n_compared = 0


def counted(self, other):
    global n_compared
    n_compared += 1
    return compare(self, other)


SymmOp.__eq__ = counted


def halite(which):
    global n_compared
    n_compared = 0
    sites = [[0, 0, 0], [0.5, 0.5, 0.5]]
    Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], sites)
    print(f"{which}: {'more than 10,000' if n_compared > 10_000 else n_compared} comparisons")


halite("first crystal")
halite("second crystal")
group = SpaceGroup("Fm-3m")
halite("while the group is held")
print(len(spglib.get_symmetry_from_database(523)["rotations"]), "operations in spglib's table")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
first crystal: more than 10,000 comparisons
second crystal: more than 10,000 comparisons
while the group is held: 0 comparisons
192 operations in spglib's table
EXPECTED
