#!/usr/bin/env bash
# In an input of SIESTA, what follows a # is a comment, the hyphen, underscore and dot in a label are
# ignored, and of a label that appears twice the first counts
# (https://docs.siesta-project.org/projects/siesta/reference/fdf-file.html). The cell may be stated as
# LatticeVectors or as LatticeParameters, and coordinates of no stated format are in bohr. The same rock
# salt, written in all these ways, is read by sisl 0.20.0 as it is meant. Of phonopy 4.10.0, read_siesta:
#
# - comments count: a constant or a format that somebody has commented out replaces the one in force;
# - of a label that appears twice the last counts. That is so in ASE 3.29.0, read_fdf, too, for values
#   though not for blocks, and its own documentation says the first takes precedence;
# - lattice-constant and Lattice_Constant are not known, and the constant is 1 bohr;
# - what a file lacks is taken from the file that was read before in the same process, since all share one
#   dictionary: atoms of the one in the cell of the other. Alone such a file is refused.
#
# None says a word. Seen: the volume, Å³, and the shortest distance, Å; of ASE the lattice constant. Exits
# non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "phonopy==4.10.0" "sisl==0.20.0" "ase==3.29.0"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import contextlib
import io
import multiprocessing
from itertools import product
from pathlib import Path

import numpy as np
import sisl
from ase.io.siesta import read_fdf
from ase.units import Bohr
from phonopy.interface.siesta import read_siesta

VECTORS = """%block LatticeVectors
0.0 0.5 0.5
0.5 0.0 0.5
0.5 0.5 0.0
%endblock LatticeVectors
"""
PARAMETERS = """%block LatticeParameters
0.70710678 0.70710678 0.70710678 60.0 60.0 60.0
%endblock LatticeParameters
"""
FORMAT = "AtomicCoordinatesFormat Fractional\n"
PLAIN = f"""NumberOfAtoms 2
NumberOfSpecies 2
%block ChemicalSpeciesLabel
1 11 Na
2 17 Cl
%endblock ChemicalSpeciesLabel
LatticeConstant 5.64 Ang
{VECTORS}{FORMAT}%block AtomicCoordinatesAndAtomicSpecies
0.0 0.0 0.0 1
0.5 0.5 0.5 2
%endblock AtomicCoordinatesAndAtomicSpecies
"""
TEXTS = {
    "plain": PLAIN,
    "a comment after it, # LatticeConstant 5.40 Ang": PLAIN + "# LatticeConstant 5.40 Ang\n",
    "a comment after it, # AtomicCoordinatesFormat Ang": PLAIN + "# AtomicCoordinatesFormat Ang\n",
    "a second LatticeConstant": PLAIN + "LatticeConstant 5.40 Ang\n",
    "a second block": PLAIN + VECTORS.replace("0.5", "0.6"),
    "lattice-constant": PLAIN.replace("LatticeConstant", "lattice-constant"),
    "Lattice_Constant": PLAIN.replace("LatticeConstant", "Lattice_Constant"),
    "LatticeParameters": PLAIN.replace(VECTORS, PARAMETERS),
    "no format": PLAIN.replace(FORMAT, "").replace("0.5 0.5 0.5 2", "5.32901956 5.32901956 5.32901956 2"),
}
SILICON = PLAIN.replace("5.64", "5.43").replace("0.5 0.5 0.5 2", "0.25 0.25 0.25 2")


def told(cell, positions):
    shifts = np.array(list(product(range(-2, 3), repeat=3))) @ cell
    apart = np.linalg.norm(positions[:, None, None] - positions[:, None] - shifts, axis=-1)
    return f"{abs(np.linalg.det(cell)):.1f} {apart[apart > 1e-2].min():.2f}"


def with_sisl(name):
    geometry = sisl.get_sile(name).read_geometry()
    return told(geometry.lattice.cell, geometry.xyz)


def with_phonopy(*names):
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # where it says what it refuses
            for name in names:
                cell = read_siesta(name)
    except (KeyError, SystemExit):
        return "refused"
    return told(np.array(cell.cell) * Bohr, np.array(cell.positions) * Bohr)  # it counts in bohr


def anew(*names):
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(with_phonopy, names)


Path("before.fdf").write_text(SILICON)
for name, text in TEXTS.items():
    Path("one.fdf").write_text(text)
    seen = {
        "sisl": with_sisl("one.fdf"),
        "phonopy": anew("one.fdf"),
        "after silicon": anew("before.fdf", "one.fdf"),
        "ASE": " ".join(read_fdf("one.fdf")["latticeconstant"]),
    }
    print(f"{name}:", "; ".join(f"{reader} {text}" for reader, text in seen.items()))
PYTHON
diff "$folder/seen" - <<'EXPECTED'
plain: sisl 44.9 2.82; phonopy 44.9 2.82; after silicon 44.9 2.82; ASE 5.64 Ang
a comment after it, # LatticeConstant 5.40 Ang: sisl 44.9 2.82; phonopy 39.4 2.70; after silicon 39.4 2.70; ASE 5.64 Ang
a comment after it, # AtomicCoordinatesFormat Ang: sisl 44.9 2.82; phonopy 44.9 0.87; after silicon 44.9 0.87; ASE 5.64 Ang
a second LatticeConstant: sisl 44.9 2.82; phonopy 39.4 2.70; after silicon 39.4 2.70; ASE 5.40 Ang
a second block: sisl 44.9 2.82; phonopy 77.5 3.38; after silicon 77.5 3.38; ASE 5.64 Ang
lattice-constant: sisl 44.9 2.82; phonopy 0.0 0.26; after silicon 40.0 2.72; ASE 5.64 Ang
Lattice_Constant: sisl 44.9 2.82; phonopy 0.0 0.26; after silicon 40.0 2.72; ASE 5.64 Ang
LatticeParameters: sisl 44.9 2.82; phonopy refused; after silicon 40.0 2.72; ASE 5.64 Ang
no format: sisl 44.9 2.82; phonopy refused; after silicon 44.9 3.99; ASE 5.64 Ang
EXPECTED
