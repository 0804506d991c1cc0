#!/usr/bin/env bash
# Atoms at a third of a cell's edge have coordinates that a CIF states in so many digits, 0.3333 say. The
# symmetry operations that leave such an atom where it is move it by what has been rounded away, and what
# reads the file has to know that this is no other atom. _chemical_formula_sum and _cell_formula_units_Z
# (https://www.iucr.org/resources/cif/dictionaries/cif_core) tell how many there are. Of hexagonal crystals
#
# - jarvis-tools 2026.6.12, Atoms.from_cif without cif2cell, returns up to three atoms for one, even of six
#   digits. Asked for primitive atoms, its default, it fails, as spglib refuses such cells;
# - diffpy.structure 3.3.1, atomman 1.5.4 and crystals 1.7.0 do so of four digits. The parser of the first
#   takes a tolerance (https://github.com/diffpy/diffpy.structure/issues/8), loadStructure does not;
# - ASE 3.29.0 and pymatgen-core 2026.10.16 are right of four digits, not of three;
# - gemmi 0.7.5 and parsnip-cif 1.0.0 are right of all.
#
# Densities, diffraction patterns and pair distributions are then those of a crystal with more atoms on top of
# each other. pymatgen warns where it puts a coordinate right, and where the composition is not the one of
# the file, which it is in magnesium, wurtzite and MoS2: all atoms are there three times.
#
# Seen: the number of atoms in the cell, with an exclamation mark if there was a warning. Exits non-zero if
# any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "pymatgen-core==2026.10.16" "gemmi==0.7.5" \
  "parsnip-cif==1.0.0" "crystals==1.7.0" "diffpy.structure==3.3.1" \
  "atomman==1.5.4" "jarvis-tools==2026.6.12"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import warnings
from pathlib import Path

import atomman
import crystals
import gemmi
from ase.io import read
from diffpy.structure import loadStructure
from jarvis.core.atoms import Atoms
from parsnip import CifFile
from pymatgen.core import Structure

P, Q = 1 / 3, 2 / 3
CRYSTALS = {
    "magnesium": ("P 63/m m c", (3.21, 5.21), [("Mg", P, Q, 1 / 4)], "Mg", 2),
    "wurtzite": ("P 63 m c", (3.25, 5.21), [("Zn", P, Q, 0), ("O", P, Q, 0.382)], "O Zn", 2),
    "MoS2": ("P 63/m m c", (3.16, 12.3), [("Mo", P, Q, 1 / 4), ("S", P, Q, 0.621)], "Mo S2", 2),
    "AlB2": ("P 6/m m m", (3.00, 3.25), [("Al", 0, 0, 0), ("B", P, Q, 1 / 2)], "Al B2", 1),
}
HEAD = """data_{name}
_chemical_formula_sum '{formula}'
_cell_formula_units_Z {units}
_cell_length_a {a}
_cell_length_b {a}
_cell_length_c {c}
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 120
_symmetry_space_group_name_H-M '{group}'
loop_
_symmetry_equiv_pos_as_xyz
{operations}
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
{sites}
"""


def written(name, digits):
    group, (a, c), sites, formula, units = CRYSTALS[name]
    operations = "\n".join(f"'{one.triplet()}'" for one in gemmi.SpaceGroup(group).operations())
    rows = (f"{e}1 {e} {x:.{digits}f} {y:.{digits}f} {z:.{digits}f} 1" for e, x, y, z in sites)
    return HEAD.format(
        name=name,
        formula=formula,
        units=units,
        a=a,
        c=c,
        group=group,
        operations=operations,
        sites="\n".join(rows),
    )


READERS = {
    "jarvis": lambda name: Atoms.from_cif(name, use_cif2cell=False, get_primitive_atoms=False).num_atoms,
    "diffpy": lambda name: len(loadStructure(name)),
    "atomman": lambda name: atomman.load("cif", name).natoms,
    "crystals": lambda name: len(crystals.Crystal.from_cif(name)),
    "ASE": lambda name: len(read(name)),
    "pymatgen": lambda name: len(Structure.from_file(name)),
    "gemmi": lambda name: len(gemmi.read_small_structure(name).get_all_unit_cell_sites()),
    "parsnip": lambda name: len(CifFile(name).build_unit_cell()),
}


def told(reader, name):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        number = READERS[reader](name)
    about = [one for one in caught if issubclass(one.category, UserWarning)]
    return f"{reader} {number}" + "!" * bool(about)


for name in CRYSTALS:
    for digits in (6, 4, 3):
        path = f"{name}_{digits}.cif"
        Path(path).write_text(written(name, digits))
        seen = [told(reader, path) for reader in READERS]
        print(f"{name}, {digits} digits:", ", ".join(seen))
PYTHON
diff "$folder/seen" - <<'EXPECTED'
magnesium, 6 digits: jarvis 6, diffpy 2, atomman 2, crystals 2, ASE 2, pymatgen 2!, gemmi 2, parsnip 2
magnesium, 4 digits: jarvis 6, diffpy 6, atomman 6, crystals 6, ASE 2, pymatgen 2!, gemmi 2, parsnip 2
magnesium, 3 digits: jarvis 6, diffpy 6, atomman 6, crystals 6, ASE 6, pymatgen 6, gemmi 2, parsnip 2
wurtzite, 6 digits: jarvis 12, diffpy 4, atomman 4, crystals 4, ASE 4, pymatgen 4!, gemmi 4, parsnip 4
wurtzite, 4 digits: jarvis 12, diffpy 12, atomman 12, crystals 12, ASE 4, pymatgen 4!, gemmi 4, parsnip 4
wurtzite, 3 digits: jarvis 12, diffpy 12, atomman 12, crystals 12, ASE 8, pymatgen 12, gemmi 4, parsnip 4
MoS2, 6 digits: jarvis 18, diffpy 6, atomman 6, crystals 6, ASE 6, pymatgen 6!, gemmi 6, parsnip 6
MoS2, 4 digits: jarvis 18, diffpy 18, atomman 18, crystals 18, ASE 6, pymatgen 6!, gemmi 6, parsnip 6
MoS2, 3 digits: jarvis 18, diffpy 18, atomman 18, crystals 18, ASE 18, pymatgen 18, gemmi 6, parsnip 6
AlB2, 6 digits: jarvis 7, diffpy 3, atomman 3, crystals 3, ASE 3, pymatgen 3!, gemmi 3, parsnip 3
AlB2, 4 digits: jarvis 7, diffpy 7, atomman 7, crystals 7, ASE 3, pymatgen 3!, gemmi 3, parsnip 3
AlB2, 3 digits: jarvis 7, diffpy 7, atomman 7, crystals 7, ASE 7, pymatgen 7!, gemmi 3, parsnip 3
EXPECTED
