#!/usr/bin/env bash
# A CIF may name its space group and leave the symmetry operations out. 24 groups have two origins, and
# 7 two sets of axes, which the name then says after a colon. Diamond-type silicon has 8 atoms in its
# cubic cell, corundum 30 in its hexagonal and 10 in its rhombohedral one. Of such files
#
# - pymatgen-core 2026.10.16 takes a name with a choice for no symmetry at all: one silicon atom, one Al
#   and one O, with a warning of Python's; likewise the usual names 'P 21/c' and 'P 21/n', of which it
#   knows the long form only.
# - ASE 3.29.0 refuses names with a choice, 'P 1 21/c 1' and 'P 21/n', but reads 'P 21/c'.
# - Where nothing is chosen both take the first origin and hexagonal axes: 16 silicon atoms at the
#   coordinates of the second origin, and 72 atoms of corundum in a cell whose angles are
#   rhombohedral, without a word.
#
# Seen: the table below. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "pymatgen-core==2026.10.16"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import io

from ase.io import read
from pymatgen.io.cif import CifParser

SILICON = ((5.43, 5.43, 5.43, 90, 90, 90), {":1": [("Si", 0, 0, 0)], ":2": [("Si", 0.125, 0.125, 0.125)]})
HEXAGONAL = (4.76, 4.76, 12.99, 90, 90, 120)
RHOMBOHEDRAL = (5.128, 5.128, 5.128, 55.29, 55.29, 55.29)
OF_H = [("Al", 0, 0, 0.3522), ("O", 0.3062, 0, 0.25)]
OF_R = [("Al", 0.3522, 0.3522, 0.3522), ("O", 0.5562, 0.9438, 0.25)]
MONOCLINIC = (5.15, 5.21, 5.32, 90, 99.2, 90)
OF_ZIRCONIA = [("Zr", 0.2754, 0.0395, 0.2083), ("O", 0.07, 0.3317, 0.3447), ("O", 0.4496, 0.7569, 0.4792)]
CASES = [
    ("F d -3 m :1", SILICON[0], SILICON[1][":1"]),
    ("F d -3 m :2", SILICON[0], SILICON[1][":2"]),
    ("F d -3 m", SILICON[0], SILICON[1][":1"]),
    ("F d -3 m", SILICON[0], SILICON[1][":2"]),
    ("R -3 c :H", HEXAGONAL, OF_H),
    ("R -3 c", HEXAGONAL, OF_H),
    ("R -3 c :R", RHOMBOHEDRAL, OF_R),
    ("R -3 c", RHOMBOHEDRAL, OF_R),
    ("P 1 21/c 1", MONOCLINIC, OF_ZIRCONIA),
    ("P 21/c", MONOCLINIC, OF_ZIRCONIA),
    ("P 21/n", MONOCLINIC, OF_ZIRCONIA),
]
NAMES = ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma")


def cif(group, cell, sites):
    lines = ["data_x", *(f"_cell_{name} {x}" for name, x in zip(NAMES, cell))]
    lines += [f"_symmetry_space_group_name_H-M '{group}'", "loop_", "_atom_site_label"]
    lines += ["_atom_site_type_symbol", *(f"_atom_site_fract_{x}" for x in "xyz")]
    lines += [f"{s}{k} {s} {x} {y} {z}" for k, (s, x, y, z) in enumerate(sites)]
    return "\n".join([*lines, ""])


def told(count, text):
    try:
        return count(text)
    except Exception:
        return "refused"


def with_pymatgen(text):
    return len(CifParser.from_str(text).parse_structures(primitive=False)[0])


def with_ase(text):
    return len(read(io.StringIO(text), format="cif"))


for group, cell, sites in CASES:
    text = cif(group, cell, sites)
    place = " ".join(str(x) for x in sites[0][1:])
    print(f"{group}, {sites[0][0]} at {place}:", end=" ")
    print(f"pymatgen {told(with_pymatgen, text)}, ASE {told(with_ase, text)}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
F d -3 m :1, Si at 0 0 0: pymatgen 1, ASE refused
F d -3 m :2, Si at 0.125 0.125 0.125: pymatgen 1, ASE refused
F d -3 m, Si at 0 0 0: pymatgen 8, ASE 8
F d -3 m, Si at 0.125 0.125 0.125: pymatgen 16, ASE 16
R -3 c :H, Al at 0 0 0.3522: pymatgen 2, ASE refused
R -3 c, Al at 0 0 0.3522: pymatgen 30, ASE 30
R -3 c :R, Al at 0.3522 0.3522 0.3522: pymatgen 2, ASE refused
R -3 c, Al at 0.3522 0.3522 0.3522: pymatgen 72, ASE 72
P 1 21/c 1, Zr at 0.2754 0.0395 0.2083: pymatgen 12, ASE refused
P 21/c, Zr at 0.2754 0.0395 0.2083: pymatgen 3, ASE 12
P 21/n, Zr at 0.2754 0.0395 0.2083: pymatgen 3, ASE refused
EXPECTED
