#!/usr/bin/env bash
# The AFLOW Library of Crystallographic Prototypes (https://doi.org/10.1016/j.commatsci.2017.01.017) has anatase
# as A2B_tI12_141_e_a: titanium at (0, 3/4, 1/8) and oxygen at (0, 1/4, 0.083) of the second choice of origin,
# six oxygen atoms around each titanium, 1.93 and 1.98 Å away; and brookite as A2B_oP24_61_2c_c.
#
# pymatgen 2026.10.24 comes with the library, against which analysis.prototypes.matcher matches structures
# ("defaults to the AFLOW LIBRARY"; AflowPrototypeMatcher before, which robocrystallographer calls). In its
# data anatase has the oxygen of one origin and the titanium of the other: titanium has four neighbours, at
# 2.05 Å. Brookite has titanium and oxygen 1.55 Å apart, and one and a half times its density. So of the
# three forms of titania, crystals of textbooks, only rutile is recognized; of the others it is said that
# there is no such prototype. Zircon and cuprite, with two origins as well, are right.
#
# Seen: the shortest distances (Å) of titanium and oxygen and densities (g/cm³) of published crystals and of
# the prototypes of their names, and what the crystals are said to be. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pymatgen==2026.10.24" "pymatgen-core==2026.10.16"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import pandas as pd
from pymatgen.analysis.prototypes._data import AFLOW_PROTOTYPE_LIBRARY
from pymatgen.analysis.prototypes.matcher import PrototypeDatabaseMatcher
from pymatgen.core import Lattice, Structure

crystal = Structure.from_spacegroup
tetragonal, orthorhombic, cubic = Lattice.tetragonal, Lattice.orthorhombic, Lattice.cubic
brookite = [[0.1289, 0.0972, 0.8628], [0.0095, 0.1491, 0.1835], [0.2314, 0.1110, 0.5366]]
published = {
    "Rutile": crystal(
        "P4_2/mnm", tetragonal(4.594, 2.959), ["Ti", "O"], [[0, 0, 0], [0.3053, 0.3053, 0]]
    ),
    "Anatase": crystal("I4_1/amd", tetragonal(3.785, 9.514), ["Ti", "O"], [[0, 0, 0], [0, 0, 0.2081]]),
    "Brookite": crystal("Pbca", orthorhombic(9.184, 5.447, 5.145), ["Ti", "O", "O"], brookite),
    "Zircon": crystal(
        "I4_1/amd", tetragonal(6.607, 5.982), ["Zr", "Si", "O"], [[0, 0, 0], [0, 0, 0.5], [0, 0.184, 0.32]]
    ),
    "Cuprite": crystal("Pn-3m", cubic(4.27), ["O", "Cu"], [[0, 0, 0], [0.25, 0.25, 0.25]]),
}
library = pd.DataFrame(AFLOW_PROTOTYPE_LIBRARY)
prototypes = {entry["tags"]["mineral"]: entry["snl"].structure for entry in AFLOW_PROTOTYPE_LIBRARY}
matcher = PrototypeDatabaseMatcher(library)


def around_titanium(structure):
    """Shortest distances, and the density."""
    place = next(k for k, site in enumerate(structure) if site.specie.symbol == "Ti")
    near = sorted(round(float(n.nn_distance), 2) for n in structure.get_neighbors(structure[place], 2.3))
    return f"{near}, {structure.density:.2f}"


for name, structure in published.items():
    found = matcher.get_prototypes(structure)
    print(f"{name}: said to be", ", ".join(entry["tags"]["mineral"] for entry in found or []) or "none")
    if "Ti" in structure.symbol_set:
        print("  published", around_titanium(structure))
        print("  prototype", around_titanium(prototypes[name]))
PYTHON
diff "$folder/seen" - <<'EXPECTED'
Rutile: said to be Rutile
  published [1.95, 1.95, 1.95, 1.95, 1.98, 1.98], 4.25
  prototype [1.95, 1.95, 1.95, 1.95, 1.98, 1.98], 4.25
Anatase: said to be none
  published [1.93, 1.93, 1.93, 1.93, 1.98, 1.98], 3.89
  prototype [2.05, 2.05, 2.05, 2.05], 3.89
Brookite: said to be none
  published [1.86, 1.93, 1.93, 1.99, 2.0, 2.05], 4.12
  prototype [1.55, 1.64, 1.68, 1.72, 1.92, 1.99], 6.53
Zircon: said to be Zircon
Cuprite: said to be Cuprite
EXPECTED
