#!/usr/bin/env bash
# ase.build.cut (ASE 3.29.0) cuts slabs and other cells out of a crystal. origo is the "position of origo of
# the new cell in scaled coordinates". With nlayers "the returned cell will have *nlayers* atomic layers in
# the c-direction", atoms "within *tolerance* Angstroms from a given plane" being one layer
# (https://ase-lib.org/_modules/ase/build/tools.html). A cell that holds the layers of one period should be
# the crystal again, and two of them may go into ase.build.stack. With nlayers, without a word,
#
# - the cell reaches from the origin to the first layer that is left out, and not from the first layer on.
#   Where no atom is at the height of the origin, as in zinc, graphite, molybdenite, bismuth and corundum in
#   their standard settings, a gap is left: the cell is up to a quarter too long, and the crystal too light;
# - origo counts twice. In strontium titanate half a cell is none at all, so that a slab that is to begin
#   with TiO2 begins with SrO, and a quarter is a half;
# - the tolerance is a share of the cell, which is doubled until it holds enough layers. In tetragonal barium
#   titanate planes are 0.1 Å apart: four layers are one cell, and eight are nearly four cells.
#
# Without nlayers all this is right. But where a, b or c is an integer, "the scaled vector from *origo* to
# the atom with index", origo is taken off twice, and the vector leads to no atom if origo is not a corner.
#
# Seen: what is cut out, and of slabs the elements of the lowest layer and its height. Exits non-zero if any
# line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase.build import bulk, cut
from ase.spacegroup import crystal

X, Y, Z = (1, 0, 0), (0, 1, 0), (0, 0, 1)
CRYSTALS = {
    "zinc": (["Zn"], [(1 / 3, 2 / 3, 0.25)], 194, 2.66, 4.95, 2),
    "graphite": (["C", "C"], [(0, 0, 0.25), (1 / 3, 2 / 3, 0.25)], 194, 2.46, 6.71, 2),
    "molybdenite": (["Mo", "S"], [(1 / 3, 2 / 3, 0.25), (1 / 3, 2 / 3, 0.621)], 194, 3.16, 12.29, 6),
    "bismuth": (["Bi"], [(0, 0, 0.2339)], 166, 4.546, 11.86, 6),
    "corundum": (["Al", "O"], [(0, 0, 0.352), (0.306, 0, 0.25)], 167, 4.76, 12.99, 18),
    "LiCoO2": (["Li", "Co", "O"], [(0, 0, 0.5), (0, 0, 0), (0, 0, 0.2604)], 166, 2.816, 14.05, 12),
}
for name, (symbols, basis, group, a, c, layers) in CRYSTALS.items():
    given = crystal(symbols, basis, spacegroup=group, cellpar=[a, a, c, 90, 90, 120])
    made = cut(given, X, Y, Z, nlayers=layers)
    densities = [atoms.get_masses().sum() / atoms.get_volume() * 1.66054 for atoms in (given, made)]
    print(
        f"{name}: {len(given)} atoms, {given.cell[2, 2]:.2f} Å, {densities[0]:.2f} g/cm³; {layers} layers: "
        f"{len(made)} atoms, {made.cell[2, 2]:.2f} Å, {densities[1]:.2f} g/cm³"
    )


def lowest(atoms):
    return "".join(sorted(atoms.symbols[atoms.positions[:, 2] < atoms.positions[:, 2].min() + 0.1]))


sites = [(0, 0, 0), (0.5, 0.5, 0.5), (0.5, 0.5, 0)]
titanate = crystal(["Sr", "Ti", "O"], sites, spacegroup=221, cellpar=[3.905] * 3 + [90] * 3)
for height in (0, 0.25, 0.5):
    origo = (0, 0, height)
    whole, slab = cut(titanate, X, Y, Z, origo=origo), cut(titanate, X, Y, Z, origo=origo, nlayers=3)
    print(
        f"SrTiO3 from {height}: {lowest(whole)} at {whole.positions[:, 2].min():.2f} Å; "
        f"three layers: {slab.get_chemical_formula()}, {lowest(slab)} at "
        f"{slab.positions[:, 2].min():.2f} Å"
    )

sites = [(0, 0, 0), (0.5, 0.5, 0.5224), (0.5, 0.5, -0.0244), (0.5, 0, 0.4895)]
titanate = crystal(["Ba", "Ti", "O", "O"], sites, spacegroup=99, cellpar=[3.994, 3.994, 4.036, 90, 90, 90])
for layers in (4, 8, 12, 16):
    made = cut(titanate, X, Y, Z, nlayers=layers)
    heights = np.sort(made.positions[:, 2])
    planes = 1 + np.sum(np.diff(heights) > 0.01)
    cells = made.cell[2, 2] / 4.036
    print(f"BaTiO3, {layers} layers: {made.get_chemical_formula()}, {cells:.2f} cells, {planes} planes")

silicon = bulk("Si", cubic=True)
for origin in (0, 1):
    fractions = silicon.get_scaled_positions()
    atom = (fractions[7] - fractions[origin]) % 1
    c = cut(silicon, X, Y, 7, origo=origin).cell[2] / 5.43 % 1
    print(f"Si, from atom {origin}: atom 7 at {atom.round(2).tolist()}, c to {c.round(2).tolist()}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
zinc: 2 atoms, 4.95 Å, 7.16 g/cm³; 2 layers: 2 atoms, 6.19 Å, 5.73 g/cm³
graphite: 4 atoms, 6.71 Å, 2.27 g/cm³; 2 layers: 4 atoms, 8.39 Å, 1.81 g/cm³
molybdenite: 6 atoms, 12.29 Å, 5.00 g/cm³; 6 layers: 6 atoms, 13.78 Å, 4.46 g/cm³
bismuth: 6 atoms, 11.86 Å, 9.81 g/cm³; 6 layers: 6 atoms, 13.04 Å, 8.92 g/cm³
corundum: 30 atoms, 12.99 Å, 3.99 g/cm³; 18 layers: 30 atoms, 13.23 Å, 3.91 g/cm³
LiCoO2: 12 atoms, 14.05 Å, 5.05 g/cm³; 12 layers: 12 atoms, 14.05 Å, 5.05 g/cm³
SrTiO3 from 0: OSr at 0.00 Å; three layers: O4Sr2Ti, OSr at 0.00 Å
SrTiO3 from 0.25: OOTi at 0.98 Å; three layers: O4Sr2Ti, OSr at 1.95 Å
SrTiO3 from 0.5: OOTi at 0.00 Å; three layers: O4Sr2Ti, OSr at 0.00 Å
BaTiO3, 4 layers: BaO3Ti, 1.00 cells, 4 planes
BaTiO3, 8 layers: Ba4O11Ti4, 3.98 cells, 15 planes
BaTiO3, 12 layers: Ba6O17Ti6, 5.98 cells, 23 planes
BaTiO3, 16 layers: Ba8O23Ti8, 7.98 cells, 31 planes
Si, from atom 0: atom 7 at [0.75, 0.75, 0.25], c to [0.75, 0.75, 0.25]
Si, from atom 1: atom 7 at [0.5, 0.5, 0.0], c to [0.25, 0.25, 0.75]
EXPECTED
