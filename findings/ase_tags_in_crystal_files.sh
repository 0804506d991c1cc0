#!/usr/bin/env bash
# In a file fort.34 of CRYSTAL, the number of an atom modulo 100 is its element, and the hundreds tell which
# of several basis sets of that element it has. The documentation of ASE's calculator says how to ask for
# another basis set: geom[0].tag = 100 "will be summed to the atomic number", so that 6 becomes 106
# (https://ase-lib.org/ase/calculators/crystal.html).
#
# ASE 3.29.0 has another use for tags. Its functions for surfaces set them to the number of the layer, counted
# from the top, and the lower layers are then held fixed by them, FixAtoms(mask=slab.get_tags() > 1)
# (https://ase-lib.org/ase/build/surface.html). Written to a fort.34, by write or by the calculator, these are
# added, too, whether hundreds or not: a slab of copper, untouched since ASE made it, is zinc, gallium and
# germanium, platinum is gold, mercury and thallium, and one of MgO is AlF. What was put on it stays what it
# is, having the tag 0. No word is said; read again, the file holds these elements.
#
# Seen: of a slab the formula, and what it is read again from files of four formats. Exits non-zero if any
# line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from ase.build import add_adsorbate, bulk, fcc111, molecule, surface
from ase.io import read, write


def untagged(atoms):
    atoms = atoms.copy()
    atoms.set_tags(0)
    return atoms


copper = fcc111("Cu", (1, 1, 3), vacuum=8.0)
add_adsorbate(copper, molecule("CO"), 1.8, "ontop")
SLABS = {
    "CO on copper": copper,
    "the same, untagged": untagged(copper),
    "platinum": fcc111("Pt", (1, 1, 3), vacuum=8.0),
    "MgO": surface(bulk("MgO", "rocksalt", a=4.21, cubic=True), (1, 0, 0), 1, vacuum=8.0),
    "copper in bulk": bulk("Cu"),
}
for name, atoms in SLABS.items():
    told = []
    for form in ("crystal", "extxyz", "json", "vasp"):
        write("slab", atoms, format=form)
        told.append(f"{form} {read('slab', format=form).get_chemical_formula()}")
    print(f"{name}: {atoms.get_chemical_formula()}:", ", ".join(told))
PYTHON
diff "$folder/seen" - <<'EXPECTED'
CO on copper: CCu3O: crystal CGaGeOZn, extxyz CCu3O, json CCu3O, vasp CCu3O
the same, untagged: CCu3O: crystal CCu3O, extxyz CCu3O, json CCu3O, vasp CCu3O
platinum: Pt3: crystal AuHgTl, extxyz Pt3, json Pt3, vasp Pt3
MgO: Mg4O4: crystal Al4F4, extxyz Mg4O4, json Mg4O4, vasp Mg4O4
copper in bulk: Cu: crystal Cu, extxyz Cu, json Cu, vasp Cu
EXPECTED
