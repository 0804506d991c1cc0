#!/usr/bin/env bash
# The electrostatic energy of ions does not depend on how an Ewald sum is split between real and reciprocal
# space. Where the ions of a cell are charged as a whole, a uniform background makes up for it, and the sum
# has one more term, which depends on how it is split, as the others do.
#
# pymatgen 2026.10.24, EwaldSummation, adds this term to the total energy of cells that are charged.
# compute_partial_energy, to "get total Ewald energy for certain sites being removed", and
# compute_sub_structure, to "get total Ewald energy for an sub structure"
# (https://pymatgen.org/pymatgen.analysis.html), leave it away. After an ion has been removed from a neutral
# crystal they return what is no energy of anything: it changes with eta, "the screening parameter", and grows
# or falls without limit. By default eta is made of the volume and the number of sites, and what is missing
# differs from cell to cell, and is four times as much for two ions as for one. No word is said.
# EwaldSummation of what is left is right. (That total_energy_matrix is without this term is documented.)
#
# Seen: energies, eV, of rock salt, of what is left without sodium ions, by three ways, of which the last is
# right. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pymatgen==2026.10.24"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from pymatgen.analysis.ewald import EwaldSummation
from pymatgen.core import Lattice, Structure

salt = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na+", "Cl-"], [[0, 0, 0], [0.5, 0.5, 0.5]])
for cells, count in ((1, 1), (1, 2), (2, 1)):
    whole = salt.copy().make_supercell(cells)
    gone = [i for i, site in enumerate(whole) if site.specie.symbol == "Na"][:count]
    left = whole.copy()
    left.remove_sites(gone)
    for settings in ({}, {"eta": 0.1}, {"eta": 0.4}):
        complete, rest = EwaldSummation(whole, **settings), EwaldSummation(left, **settings)
        words = ", ".join(f"{key} {value:g}" for key, value in settings.items()) or "default"
        print(
            f"{len(whole)} ions, {words}: {complete.total_energy:.1f}; without {count}: "
            f"{complete.compute_partial_energy(gone):.1f}, {complete.compute_sub_structure(left):.1f}, "
            f"{rest.total_energy:.1f}"
        )
PYTHON
diff "$folder/seen" - <<'EXPECTED'
8 ions, default: -35.7; without 1: -29.7, -29.7, -30.4
8 ions, eta 0.1: -35.7; without 1: -29.1, -29.1, -30.4
8 ions, eta 0.4: -35.7; without 1: -30.1, -30.1, -30.4
8 ions, default: -35.7; without 2: -23.7, -23.7, -26.6
8 ions, eta 0.1: -35.7; without 2: -21.5, -21.5, -26.6
8 ions, eta 0.4: -35.7; without 2: -25.3, -25.3, -26.6
64 ions, default: -285.6; without 1: -278.3, -278.3, -278.4
64 ions, eta 0.1: -285.6; without 1: -278.3, -278.3, -278.4
64 ions, eta 0.4: -285.6; without 1: -278.4, -278.4, -278.4
EXPECTED
