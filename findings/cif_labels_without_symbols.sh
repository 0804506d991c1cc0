#!/usr/bin/env bash
# Sites of a CIF may have labels only, and no _atom_site_type_symbol. Of a label in capitals
# pymatgen-core 2026.10.16 takes two letters, ASE 3.29.0 one: the same file is cobalt to the one and
# carbon to the other, SN1 tin and sulphur, PT1 platinum and phosphorus. CN1 is copernicium to
# pymatgen, and the tetrahedral site T1 of a mineral is tritium, while ASE refuses it. Water is oxygen
# alone, though _chemical_formula_sum lists hydrogen: to pymatgen where the label is Wat, to both
# where _atom_site_attached_hydrogens is 2.
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

CELL = """data_x
_chemical_formula_sum 'Ca H2 O'
_cell_length_a 6
_cell_length_b 6
_cell_length_c 6
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
loop_
_atom_site_label
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_attached_hydrogens
"""


def with_pymatgen(text):
    [structure] = CifParser.from_str(text).parse_structures(primitive=False)
    return " ".join(str(site.specie.symbol) for site in structure)


def with_ase(text):
    return " ".join(read(io.StringIO(text), format="cif").get_chemical_symbols())


def told(reader, text):
    try:
        return reader(text)
    except Exception:
        return "refused"


for label, hydrogens in [(x, 0) for x in ("CO1", "SN1", "PT1", "HO1", "CN1", "T1", "Wat")] + [("O1", 2)]:
    text = f"{CELL}{label} 0.1 0.2 0.3 {hydrogens}\n"
    print(f"{label}, {hydrogens} hydrogens: pymatgen {told(with_pymatgen, text)}, ASE {told(with_ase, text)}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
CO1, 0 hydrogens: pymatgen Co, ASE C
SN1, 0 hydrogens: pymatgen Sn, ASE S
PT1, 0 hydrogens: pymatgen Pt, ASE P
HO1, 0 hydrogens: pymatgen Ho, ASE H
CN1, 0 hydrogens: pymatgen Cn, ASE C
T1, 0 hydrogens: pymatgen H, ASE refused
Wat, 0 hydrogens: pymatgen O, ASE refused
O1, 2 hydrogens: pymatgen O, ASE O
EXPECTED
