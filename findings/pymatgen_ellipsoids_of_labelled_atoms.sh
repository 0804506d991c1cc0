#!/usr/bin/env bash
# In a CIF the loop of anisotropic displacements says whose they are by _atom_site_aniso_label, and "this code
# must match the _atom_site_label of the associated atom"
# (https://www.iucr.org/__data/iucr/cifdic_html/1/cif_core.dic/Iatom_site_aniso_label.html).
#
# pymatgen 2026.10.24, ThermalDisplacementMatrices.write_cif, is to "write a CIF including thermal
# displacements" (https://pymatgen.org/pymatgen.phonon.html). Atoms that were read from a CIF keep the labels
# that they had there, and the list of atoms is written with these: O1, O2 and so on, as most files count
# them. The list of displacements is written with labels that are made up anew, O0, O1 and so on, counted
# from zero over all atoms. Where the two happen to agree, an atom gets the displacements of another one,
# mostly the next, and where they do not, none. Of atoms without labels of their own, or with such as
# count from zero over all atoms, all is well. No word is said.
#
# Seen: mean square displacements along a, b and c, 0.001 Å², as given and as gemmi 0.7.5 reads them from the
# file that was written; 0 where there are none. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pymatgen==2026.10.24" "gemmi==0.7.5"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import gemmi
import numpy as np
from pymatgen.core import Lattice, Structure
from pymatgen.phonon.thermal_displacements import ThermalDisplacementMatrices

HEAD = """data_crystal
_cell_length_a 4.0
_cell_length_b 5.0
_cell_length_c 6.0
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'P 1'
loop_
_symmetry_equiv_pos_as_xyz
'x, y, z'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
"""
PLACES = [(0.0, 0.0, 0.0), (0.5, 0.5, 0.0), (0.5, 0.0, 0.5), (0.0, 0.5, 0.5)]
SQUARES = 0.001 * np.arange(1, 13).reshape(4, 3)  # along a, b and c, Å²


def told(name, structure):
    compressed = np.hstack([SQUARES, np.zeros((4, 3))])  # xx, yy, zz, yz, xz, xy
    ThermalDisplacementMatrices(compressed, structure, 300).write_cif("written.cif")
    print(name)
    for site in gemmi.read_small_structure("written.cif").sites:
        atom = next(i for i in range(4) if np.allclose(site.fract.tolist(), PLACES[i]))
        read = (1000 * value for value in (site.aniso.u11, site.aniso.u22, site.aniso.u33))
        meant = " ".join(f"{1000 * value:.0f}" for value in SQUARES[atom])
        print(f"  {site.label}: {meant}, read " + " ".join(f"{value:.0f}" for value in read))


def from_cif(labels):
    """As pymatgen reads it: the labels are kept."""
    rows = [f"{label} {label[0]} {x} {y} {z}" for label, (x, y, z) in zip(labels, PLACES)]
    with open("read.cif", "w") as file:
        file.write(HEAD + "\n".join(rows) + "\n")
    return Structure.from_file("read.cif")


told("four atoms of oxygen, no labels", Structure(Lattice.orthorhombic(4, 5, 6), ["O"] * 4, PLACES))
for names in (["O0", "O1", "O2", "O3"], ["O1", "O2", "O3", "O4"], ["C1", "C2", "O1", "O2"]):
    told(f"from a CIF, {', '.join(names)}", from_cif(names))
PYTHON
diff "$folder/seen" - <<'EXPECTED'
four atoms of oxygen, no labels
  O0: 1 2 3, read 1 2 3
  O1: 4 5 6, read 4 5 6
  O2: 7 8 9, read 7 8 9
  O3: 10 11 12, read 10 11 12
from a CIF, O0, O1, O2, O3
  O0: 1 2 3, read 1 2 3
  O1: 4 5 6, read 4 5 6
  O2: 7 8 9, read 7 8 9
  O3: 10 11 12, read 10 11 12
from a CIF, O1, O2, O3, O4
  O1: 1 2 3, read 4 5 6
  O2: 4 5 6, read 7 8 9
  O3: 7 8 9, read 10 11 12
  O4: 10 11 12, read 0 0 0
from a CIF, C1, C2, O1, O2
  C1: 1 2 3, read 4 5 6
  C2: 4 5 6, read 0 0 0
  O1: 7 8 9, read 0 0 0
  O2: 10 11 12, read 7 8 9
EXPECTED
