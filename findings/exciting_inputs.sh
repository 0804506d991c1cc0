#!/usr/bin/env bash
# An input of exciting states the cell in vectors, scale and stretch, "an individual scaling of each lattice
# vector separately" (https://github.com/exciting/exciting, xml/schema/structure.xsd), and atoms as fractions,
# unless `cartesian` is true (excitingtools 2.0.0, of exciting's developers, which has the attributes from the
# present schema). ASE 3.29.0 with excitingtools reads all of the inputs below as they are meant.
#
# - pymatgen-core 2026.10.16, ExcitingInput.from_file, holds any value of `cartesian` for true. Where it says
#   "false", as in all that phonopy writes, fractions are taken for bohr. A stretch is refused.
# - With cartesian=True, write_file of pymatgen multiplies a fraction by the sum of one component of all three
#   vectors. That is right for rectangular cells, and for atoms whose three fractions are the same; wurtzite
#   gets other distances.
# - phonopy 4.10.0 does not look at stretch: another volume.
#
# None says a word. Seen: the volume, Å³, and the shortest distance, Å, of zinc oxide (wurtzite), where 48.0
# and 1.97 are right, and 52.8 and 2.01 if it is stretched by a tenth along c. Exits non-zero if any line
# differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "excitingtools==2.0.0" "phonopy==4.10.0" \
  "pymatgen-core==2026.10.16"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from pathlib import Path

import numpy as np
from ase.geometry import get_distances
from ase.io.exciting import ase_atoms_from_exciting_input_xml
from ase.units import Bohr
from phonopy.interface.exciting import read_exciting, write_exciting
from pymatgen.core import Lattice, Structure
from pymatgen.io.exciting import ExcitingInput

ZINC_OXIDE = Structure(
    Lattice.hexagonal(3.25, 5.25),
    ["Zn", "Zn", "O", "O"],
    [(1 / 3, 2 / 3, 0), (2 / 3, 1 / 3, 0.5), (1 / 3, 2 / 3, 0.375), (2 / 3, 1 / 3, 0.875)],
)
TEXT = """<input><title>ZnO</title><structure speciespath="."{kind}><crystal scale="1.0"{stretch}>
{vectors}</crystal>{species}</structure><groundstate ngridk="4 4 4"/></input>
"""


def row(numbers):
    return " ".join(f"{number:.10f}" for number in numbers)


def text(coordinates, kind="", stretch="", vectors=ZINC_OXIDE.lattice.matrix / Bohr):
    species = ""
    for symbol, which in (("Zn", slice(0, 2)), ("O", slice(2, 4))):
        atoms = "".join(f'<atom coord="{row(one)}"/>' for one in coordinates[which])
        species += f'<species speciesfile="{symbol}.xml">{atoms}</species>\n'
    lines = "".join(f"<basevect>{row(one)}</basevect>\n" for one in vectors)
    return TEXT.format(kind=kind, stretch=stretch, vectors=lines, species=species)


def told(cell, positions):
    _, apart = get_distances(positions, cell=cell, pbc=True)
    return f"{abs(np.linalg.det(cell)):.1f} {apart[np.triu_indices(len(apart), 1)].min():.2f}"


def with_ase(name):
    atoms = ase_atoms_from_exciting_input_xml(name)
    return told(atoms.cell.array, atoms.positions)


def with_phonopy(name):
    cell = read_exciting(name)
    return told(Bohr * cell.cell, Bohr * cell.positions)


def with_pymatgen(name):
    try:
        structure = ExcitingInput.from_file(name).structure
    except ValueError:
        return "refused"
    return told(structure.lattice.matrix, structure.cart_coords)


def report(name, text):
    for symbol in ("Zn", "O"):  # from which phonopy takes the symbol
        Path(f"{symbol}.xml").write_text(f'<spdb><sp chemicalSymbol="{symbol}"/></spdb>')
    if "<groundstate" not in text:  # which the others do not write and excitingtools asks for
        text = text.replace("</input>", '<groundstate ngridk="4 4 4"/></input>')
    Path("one.xml").write_text(text)
    seen = {"ASE": with_ase, "phonopy": with_phonopy, "pymatgen": with_pymatgen}
    print(f"{name}:", ", ".join(f"{reader} {read('one.xml')}" for reader, read in seen.items()))


fractions, bohr = ZINC_OXIDE.frac_coords, ZINC_OXIDE.cart_coords / Bohr
report("fractions", text(fractions))
report("cartesian true", text(bohr, ' cartesian="true"'))
report("cartesian false", text(fractions, ' cartesian="false"'))
report("stretch", text(fractions, "", ' stretch="1.0 1.0 1.1"'))
write_exciting("two.xml", read_exciting("one.xml"))
report("phonopy's", Path("two.xml").read_text())
for kind in (False, True):
    ExcitingInput(ZINC_OXIDE).write_file("unchanged", "two.xml", cartesian=kind)
    report(f"pymatgen's, cartesian {kind}".lower(), Path("two.xml").read_text())
PYTHON
diff "$folder/seen" - <<'EXPECTED'
fractions: ASE 48.0 1.97, phonopy 48.0 1.97, pymatgen 48.0 1.97
cartesian true: ASE 48.0 1.97, phonopy 48.0 1.97, pymatgen 48.0 1.97
cartesian false: ASE 48.0 1.97, phonopy 48.0 1.97, pymatgen 48.0 0.20
stretch: ASE 52.8 2.01, phonopy 48.0 1.97, pymatgen refused
phonopy's: ASE 48.0 1.97, phonopy 48.0 1.97, pymatgen 48.0 0.20
pymatgen's, cartesian false: ASE 48.0 1.97, phonopy 48.0 1.97, pymatgen 48.0 1.97
pymatgen's, cartesian true: ASE 48.0 1.27, phonopy 48.0 1.27, pymatgen 48.0 1.27
EXPECTED
