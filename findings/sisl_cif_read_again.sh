#!/usr/bin/env bash
# sisl 0.20.0, cifSile: which atoms of a CIF are read depends on what was in memory before. Those that the
# symmetry operations make are put into an array that is not initialized, and each atom after the first
# is compared with all of it: an atom that happens to be there already is left out. Memory that is used
# again holds the atoms of the file that was read before. So the second file in a process, be it the same
# again or another crystal of its type, comes out with a single atom, in the right cell and without a
# word: of a series of rock salts or perovskites only the first is right.
#
# Besides, 0 and a hair less than 1 are not taken for the same coordinate: quartz with thirds of eight
# digits has a silicon too many, on top of another.
#
# Read by ASE 3.29.0, pymatgen-core 2026.10.16 and gemmi 0.7.5, all are complete each time. Seen: the number
# of atoms, file by file in one process. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "sisl==0.20.0" "numpy==2.4.6" "ase==3.29.0" "pymatgen-core==2026.10.16" \
    "gemmi==0.7.5"
cd "$folder"
cat > quartz.cif <<'CIF'
data_quartz
_cell_length_a 4.916
_cell_length_b 4.916
_cell_length_c 5.405
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 120
_symmetry_space_group_name_H-M 'P 31 2 1'
_symmetry_Int_Tables_number 152
loop_
_symmetry_equiv_pos_as_xyz
'x, y, z'
'-y, x-y, z+1/3'
'-x+y, -x, z+2/3'
'y, x, -z'
'x-y, -y, -z+2/3'
'-x, -x+y, -z+1/3'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Si1 Si 0.46970000 0.00000000 0.33333333
O1 O 0.41330000 0.26720000 0.45240000
CIF
cat > count.py <<'PYTHON'
import sys

import ase.io
import gemmi
import sisl
from pymatgen.core import Structure

READERS = {
    "sisl": lambda name: sisl.get_sile(name).read_geometry(),
    "ASE": ase.io.read,
    "pymatgen": Structure.from_file,
    "gemmi": lambda name: gemmi.read_small_structure(name).get_all_unit_cell_sites(),
}
print(*(len(READERS[sys.argv[1]](name)) for name in sys.argv[2:]))
PYTHON
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import subprocess
import sys

from ase.build import bulk
from ase.io import write
from ase.spacegroup import crystal

PLACES = [(0, 0, 0), (0.5, 0.5, 0.5), (0.5, 0.5, 0)]
for name, edge in (("NaCl", 5.64), ("KCl", 6.29), ("MgO", 4.21)):
    write(f"{name}.cif", bulk(name, "rocksalt", edge, cubic=True))
for metal, edge in (("Sr", 3.91), ("Ba", 4.01), ("Ca", 3.83)):
    cell = [edge, edge, edge, 90, 90, 90]
    write(f"{metal}TiO3.cif", crystal((metal, "Ti", "O"), PLACES, spacegroup=221, cellpar=cell))
SERIES = [["NaCl", "KCl", "MgO"], ["SrTiO3", "BaTiO3", "CaTiO3"], ["NaCl", "NaCl"], ["quartz", "quartz"]]
for names in SERIES:
    seen = []
    for reader in ("sisl", "ASE", "pymatgen", "gemmi"):
        command = [sys.executable, "-W", "ignore", "count.py", reader, *(f"{name}.cif" for name in names)]
        seen += [f"{reader} {subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()}"]
    print(f"{', '.join(names)}:", "; ".join(seen))
PYTHON
diff "$folder/seen" - <<'EXPECTED'
NaCl, KCl, MgO: sisl 8 1 1; ASE 8 8 8; pymatgen 8 8 8; gemmi 8 8 8
SrTiO3, BaTiO3, CaTiO3: sisl 5 1 1; ASE 5 5 5; pymatgen 5 5 5; gemmi 5 5 5
NaCl, NaCl: sisl 8 1; ASE 8 8; pymatgen 8 8; gemmi 8 8
quartz, quartz: sisl 10 4; ASE 9 9; pymatgen 9 9; gemmi 9 9
EXPECTED
