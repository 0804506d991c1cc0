#!/usr/bin/env bash
# Three published ways to tell layers, chains and molecules from crystals, as ASE 3.29.0 and pymatgen
# 2026.10.24 have them, call some of the most common crystals no crystals:
#
# - ase.geometry.dimensionality.analyze_dimensionality puts the likeliest answer first. Of fcc
#   aluminium, of PbS (rock salt) and of TlCl (CsCl type) that is 0D, molecules: contacts are measured
#   in sums of covalent radii, and a structure whose atoms are all a little further apart than that
#   scores as loose atoms.
# - pymatgen's get_dimensionality_larsen with bonds from CrystalNN gives 0 for TlCl, in which CrystalNN
#   finds no bond at all.
# - pymatgen's get_dimensionality_cheon says "intercalated ion", which stands for ions between
#   connected pieces, of rock salt, of bcc sodium, of cubic BaTiO3 and of calcite.
#
# What can be relied on is ASE's list as a whole: of the intervals in it, the one that holds a ratio
# chosen beforehand (here 1.5) says 3D of all of these, and 2D of graphite.
#
# Seen: the table below. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "pymatgen==2026.10.24"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from ase.build import bulk, graphene
from ase.geometry.dimensionality import analyze_dimensionality
from ase.spacegroup import crystal
from pymatgen.analysis.dimensionality import get_dimensionality_cheon, get_dimensionality_larsen
from pymatgen.analysis.graphs import StructureGraph
from pymatgen.analysis.local_env import CrystalNN
from pymatgen.io.ase import AseAtomsAdaptor

graphite = graphene(vacuum=1.675)
graphite.pbc = True
CRYSTALS = {
    "Al (fcc)": bulk("Al", "fcc", 4.05),
    "PbS": bulk("PbS", "rocksalt", 5.936),
    "TlCl": bulk("TlCl", "cesiumchloride", 3.834),
    "NaCl": bulk("NaCl", "rocksalt", 5.64),
    "Na (bcc)": bulk("Na", "bcc", 4.29),
    "BaTiO3": crystal(
        ["Ba", "Ti", "O"],
        [(0, 0, 0), (0.5, 0.5, 0.5), (0.5, 0.5, 0)],
        spacegroup=221,
        cellpar=[4.0, 4.0, 4.0, 90, 90, 90],
    ),
    "calcite": crystal(
        ["Ca", "C", "O"],
        [(0, 0, 0), (0, 0, 0.25), (0.257, 0, 0.25)],
        spacegroup=167,
        cellpar=[4.99, 4.99, 17.06, 90, 90, 120],
    ),
    "graphite": graphite,
}
for name, atoms in CRYSTALS.items():
    first = analyze_dimensionality(atoms)[0].dimtype
    apart = analyze_dimensionality(atoms, merge=False)
    at_ratio = next(found.dimtype for found in apart if found.a <= 1.5 < found.b)
    structure = AseAtomsAdaptor.get_structure(atoms)
    bonds = StructureGraph.from_local_env_strategy(structure, CrystalNN())
    larsen, cheon = get_dimensionality_larsen(bonds), get_dimensionality_cheon(structure)
    print(f"{name}: ASE {first}, at 1.5 {at_ratio}; CrystalNN {larsen}; Cheon {cheon}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
Al (fcc): ASE 0D, at 1.5 3D; CrystalNN 3; Cheon 3D
PbS: ASE 0D, at 1.5 3D; CrystalNN 3; Cheon 3D
TlCl: ASE 0D, at 1.5 3D; CrystalNN 0; Cheon intercalated ion
NaCl: ASE 3D, at 1.5 3D; CrystalNN 3; Cheon intercalated ion
Na (bcc): ASE 3D, at 1.5 3D; CrystalNN 3; Cheon intercalated ion
BaTiO3: ASE 3D, at 1.5 3D; CrystalNN 3; Cheon intercalated ion
calcite: ASE 3D, at 1.5 3D; CrystalNN 3; Cheon intercalated ion
graphite: ASE 2D, at 1.5 2D; CrystalNN 2; Cheon 2D
EXPECTED
