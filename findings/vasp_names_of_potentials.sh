#!/usr/bin/env bash
# Since version 6.4.2, VASP may write the names of the potentials and the beginnings of their hashes into
# the sixth line of a CONTCAR, "Na_pv/6a2f546d Cl/7c1e0b52" rather than "Na Cl"
# (https://github.com/pyiron/pyiron_atomistics/issues/1232; the readers of ASE and pymatgen say so, too). Of
# the same rock salt
#
# - ASE 3.29.0 and pymatgen-core 2026.10.16 read sodium and chlorine;
# - phonopy 4.10.0, where it does not know one of the symbols, calls the first species H, the second He and
#   so on, as for files without names, and takes their masses. Of the same force constants, the optical
#   branch at Gamma is 4.2 times too high; the cells with displacements are written as "H He";
# - dpdata 1.1.0, jarvis-tools 2026.6.12 and atomman 1.5.4 take the whole for the name of an element. In
#   dpdata the same element from two potentials is two types; in jarvis-tools the density is nan;
# - sisl 0.20.0 and qc-iodata 1.0.1 refuse the file.
#
# None but these two says a word. Seen: what the first atom is, and what follows from it. Exits non-zero if
# any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "pymatgen-core==2026.10.16" "phonopy==4.10.0" \
    "dpdata==1.1.0" "jarvis-tools==2026.6.12" "atomman==1.5.4" "sisl==0.20.0" "qc-iodata==1.0.1"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from pathlib import Path

import ase.io
import atomman
import dpdata
import iodata
import numpy as np
from ase.data import chemical_symbols
from jarvis.core.atoms import Atoms
from phonopy import Phonopy
from phonopy.interface.vasp import get_vasp_structure_lines, read_vasp
from pymatgen.core import Structure
from sisl.io.vasp import carSileVASP

NAMES = ["Na Cl", "Na_pv/6a2f546d Cl/7c1e0b52"]
FRACTIONS = np.array([[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0], [1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]) / 2
ROWS = "\n".join(" ".join(f"{x:.1f}" for x in row) for row in FRACTIONS)
TEXT = "salt\n1.0\n5.64 0.0 0.0\n0.0 5.64 0.0\n0.0 0.0 5.64\n{}\n4 4\nDirect\n" + ROWS + "\n"


def with_dpdata():
    system = dpdata.System("CONTCAR", fmt="vasp/poscar")
    return [system["atom_names"][kind] for kind in system["atom_types"]]


def with_atomman():
    system = atomman.load("poscar", "CONTCAR")
    return [system.symbols[kind - 1] for kind in system.atoms.atype]


READERS = {
    "ASE": lambda: ase.io.read("CONTCAR").get_chemical_symbols(),
    "pymatgen": lambda: [site.species_string for site in Structure.from_file("CONTCAR")],
    "phonopy": lambda: read_vasp("CONTCAR").symbols,
    "dpdata": with_dpdata,
    "jarvis": lambda: Atoms.from_poscar("CONTCAR").elements,
    "atomman": with_atomman,
    "sisl": lambda: [atom.symbol for atom in carSileVASP("CONTCAR").read_geometry().atoms.atom],
    "iodata": lambda: [chemical_symbols[number] for number in iodata.load_one("CONTCAR", fmt="poscar").atnums],
}


def told(reader):
    try:
        return reader()[0]
    except Exception:
        return "refused"


def optical():
    """Highest frequency at Gamma, THz: each Na is bound to all four Cl alike, and each Cl to all Na."""
    phonons = Phonopy(read_vasp("CONTCAR"), np.eye(3), primitive_matrix=np.eye(3))
    are_bound = np.kron([[0, 1], [1, 0]], np.ones((4, 4)))
    phonons.force_constants = np.einsum("ij,kl->ijkl", 4 * np.eye(8) - are_bound, np.eye(3))
    phonons.run_qpoints([[0, 0, 0]])
    return phonons.qpoints.frequencies.max()


for names in NAMES:
    Path("CONTCAR").write_text(TEXT.format(names))
    print(f"{names}:", "; ".join(f"{name} {told(reader)}" for name, reader in READERS.items()))
    written = get_vasp_structure_lines(read_vasp("CONTCAR"))[5].strip()
    density = Atoms.from_poscar("CONTCAR").density
    print(f"  phonopy: {optical():.1f} THz, writes {written}; jarvis: {density:.2f} g/cm³")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
Na Cl: ASE Na; pymatgen Na; phonopy Na; dpdata Na; jarvis Na; atomman Na; sisl Na; iodata Na
  phonopy: 8.4 THz, writes Na Cl; jarvis: 2.16 g/cm³
Na_pv/6a2f546d Cl/7c1e0b52: ASE Na; pymatgen Na; phonopy H; dpdata Na_pv/6a2f546d; jarvis Na_pv/6a2f546d; atomman Na_pv/6a2f546d; sisl refused; iodata refused
  phonopy: 34.8 THz, writes H He; jarvis: nan g/cm³
EXPECTED
