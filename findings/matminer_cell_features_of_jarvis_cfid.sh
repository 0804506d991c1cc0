#!/usr/bin/env bash
# matminer 0.10.1, JarvisCFID, has among 1557 features of a crystal "structure cell descriptors (4 features,
# based on DensityFeatures and log volume per atom)"
# (https://hackingmaterials.lbl.gov/matminer/matminer.featurizers.structure.html).
#
# - Names and numbers are in different orders. What is called jml_density is the volume per atom, jml_vpa
#   the density, jml_pack_frac the logarithm of the volume per atom, and jml_log_vpa the packing fraction.
# - Structures are to be "independent of user defined vacuum". Where the x of the first vector of the cell,
#   the y of the second or the z of the third differs by more than 8 Å from the extent of the atoms along
#   that axis, this one number is replaced, by the extent and 8 Å. That befalls crystals without any vacuum,
#   in cells whose vectors do not lie along the axes: corundum and spinel as pymatgen itself makes their
#   primitive cells have a third and a quarter of their density then, a supercell of rock salt a ninth.
#   Distances and angles, and so the features made of them, are of the deformed crystal.
#
# DensityFeatures, of matminer as well, is right about all. Nothing is said.
#
# Seen: density, volume per atom and packing fraction of DensityFeatures, the same three by name of
# JarvisCFID, and how many of its features of distances and angles differ by more than 0.01 from those of
# the first cell of that crystal. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "matminer==0.10.1" "pymatgen==2026.10.24" "pymatgen-core==2026.10.16"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from matminer.featurizers.structure import DensityFeatures, JarvisCFID
from pymatgen.core import Lattice, Structure

NAMES = ["jml_density", "jml_vpa", "jml_pack_frac"]
EDGE = 2.82
salt = Structure.from_spacegroup("Fm-3m", Lattice.cubic(2 * EDGE), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
fcc = Structure(
    Lattice([[0, EDGE, EDGE], [EDGE, 0, EDGE], [EDGE, EDGE, 0]]), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]]
)
corundum = Structure.from_spacegroup(
    "R-3c", Lattice.hexagonal(4.76, 12.99), ["Al", "O"], [[0, 0, 0.352], [0.306, 0, 0.25]]
)
spinel = Structure.from_spacegroup(
    "Fd-3m", Lattice.cubic(8.08), ["Mg", "Al", "O"], [[0.125] * 3, [0.5] * 3, [0.263] * 3]
)
CRYSTALS = {
    "rock salt": {"cubic": salt, "primitive": fcc, "primitive, 2 x 2 x 2": fcc * (2, 2, 2)},
    "corundum": {"hexagonal": corundum, "primitive": corundum.get_primitive_structure()},
    "spinel": {"cubic": spinel, "primitive": spinel.get_primitive_structure()},
}
features = JarvisCFID(use_chem=False, use_chg=False, use_ddf=False)
labels = features.feature_labels()
for crystal, cells in CRYSTALS.items():
    first = None
    for cell, structure in cells.items():
        right = ", ".join(f"{number:.2f}" for number in DensityFeatures().featurize(structure))
        found = np.array(features.featurize(structure))
        first = found if first is None else first
        told = ", ".join(f"{found[labels.index(label)]:.2f}" for label in NAMES)
        differ = int((abs(found - first) > 0.01)[4:].sum())
        print(f"{crystal}, {cell}: {right}; {told}; {differ}", flush=True)
PYTHON
diff "$folder/seen" - <<'EXPECTED'
rock salt, cubic: 2.16, 22.43, 0.64; 22.43, 2.16, 3.11; 0
rock salt, primitive: 2.16, 22.43, 0.64; 22.43, 2.16, 3.11; 0
rock salt, primitive, 2 x 2 x 2: 2.16, 22.43, 0.64; 202.97, 0.24, 5.31; 36
corundum, hexagonal: 3.99, 8.50, 0.45; 8.50, 3.99, 2.14; 0
corundum, primitive: 3.99, 8.50, 0.45; 23.24, 1.46, 3.15; 215
spinel, cubic: 3.52, 9.42, 0.61; 9.42, 3.52, 2.24; 0
spinel, primitive: 3.52, 9.42, 0.61; 34.89, 0.95, 3.55; 325
EXPECTED
