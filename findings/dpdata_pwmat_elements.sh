#!/usr/bin/env bash
# In PWmat's atom.config each line of an atom begins with its atomic number, before its place, and so in the
# two lists of a MOVEMENT, of molecular dynamics, those of places and of forces
# (http://www.pwmat.com/pwmat-resource/Manual.pdf).
#
# dpdata 1.1.0 reads both, as pwmat/atom.config and pwmat/movement, for training potentials
# (https://docs.deepmodeling.com/projects/dpdata/en/master/formats/PwmatAtomconfigFormat.html). It sorts lines
# by atomic number, and hands out the elements in this order, with as many atoms as each has. But it swaps
# lines while it still looks for the smallest number: 20, 6, 8, 8, 8, CaCO3, ends as 8, 8, 8, 6, 20. The first
# oxygen is taken for carbon, and carbon for oxygen, with the forces on them. It happens where an element is
# followed by a lighter one, and this by one that is between them: to carbonates, nitrates, fluoroborates,
# KH2PO4 and Li10GeP2S12 as their formulas are written. All is right with two elements, and with those of
# BaTiO3 or CsPbI3. No word is said.
#
# phonopy 4.10.0 and pymatgen 2026.10.24 read the same atom.config as it is meant.
#
# Seen: formula, and the shortest distance (Å) of carbon and carbon, carbon and oxygen, and oxygen and oxygen
# in calcite, CaCO3, where 4.05, 1.28 and 2.22 are right, the lines in several orders; and of such a MOVEMENT
# the forces on carbon, eV/Å, where 6 is right. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "dpdata==1.1.0" "phonopy==4.10.0" "pymatgen==2026.10.24" \
    "pymatgen-core==2026.10.16"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import dpdata
import numpy as np
from phonopy.interface.pwmat import read_atom_config
from pymatgen.core import Lattice, Structure
from pymatgen.io.pwmat.inputs import AtomConfig

CALCITE = Structure.from_spacegroup(
    "R-3c", Lattice.hexagonal(4.99, 17.06), ["Ca", "C", "O"], [[0, 0, 0], [0, 0, 0.25], [0.257, 0, 0.25]]
).get_primitive_structure()


def lines(structure, numbers):
    return "".join(
        f"{s.specie.Z:4d} " + " ".join(f"{x:.10f}" for x in row) + " 1 1 1\n"
        for s, row in zip(structure, numbers)
    )


def told(structure):
    near = []
    for pair in ("CC", "CO", "OO"):
        a, b = ([i for i, s in enumerate(structure) if s.specie.symbol == element] for element in pair)
        near.append(min(structure.distance_matrix[i][j] for i in a for j in b if i != j))
    return f"{structure.reduced_formula} " + " ".join(f"{d:.2f}" for d in near)


def of_phonopy(cell):
    return Structure(cell.cell, cell.symbols, cell.scaled_positions)


for order in ("Ca C O", "Ca O C", "O Ca C", "C O Ca"):
    calcite = Structure.from_sites(sorted(CALCITE, key=lambda s: order.split().index(s.specie.symbol)))
    lattice = "".join(" ".join(f"{x:.10f}" for x in row) + "\n" for row in calcite.lattice.matrix)
    with open("atom.config", "w") as file:
        file.write(f"{len(calcite)}\nLATTICE\n{lattice}POSITION\n{lines(calcite, calcite.frac_coords)}")
    of_dpdata = dpdata.System("atom.config", fmt="pwmat/atom.config").to_pymatgen_structure()[0]
    print(f"{order}: dpdata {told(of_dpdata)}", end="")
    print(f", phonopy {told(of_phonopy(read_atom_config('atom.config')))}", end="")
    print(f", pymatgen {told(AtomConfig.from_file('atom.config').structure)}")
    # the number of the element as its force, with the sign that PWmat gives it
    forces = [[-s.specie.Z, 0.0, 0.0] for s in calcite]
    with open("MOVEMENT", "w") as file:
        file.write(f" {len(calcite)} atoms,Iteration (fs) = 1.0, Etot,Ep,Ek (eV) = -1.0 -1.0 0.0, SCF = 9\n")
        file.write(f" Lattice vector (Angstrom)\n{lattice} Position (normalized), move_x, move_y, move_z\n")
        file.write(f"{lines(calcite, calcite.frac_coords)} Force (-force, eV/Angstrom)\n")
        file.write("".join(f"{s.specie.Z:4d} {f[0]:.6f} 0.0 0.0\n" for s, f in zip(calcite, forces)))
        file.write(" -------------------------------------\n")
    movement = dpdata.LabeledSystem("MOVEMENT", fmt="pwmat/movement")
    carbon = movement["atom_types"] == movement["atom_names"].index("C")
    print("  MOVEMENT:", np.linalg.norm(movement["forces"][0][carbon], axis=1).round(6))
PYTHON
diff "$folder/seen" - <<'EXPECTED'
Ca C O: dpdata CaCO3 3.41 1.28 1.28, phonopy CaCO3 4.05 1.28 2.22, pymatgen CaCO3 4.05 1.28 2.22
  MOVEMENT: [6. 8.]
Ca O C: dpdata CaCO3 4.05 1.28 2.22, phonopy CaCO3 4.05 1.28 2.22, pymatgen CaCO3 4.05 1.28 2.22
  MOVEMENT: [6. 6.]
O Ca C: dpdata CaCO3 4.05 1.28 2.22, phonopy CaCO3 4.05 1.28 2.22, pymatgen CaCO3 4.05 1.28 2.22
  MOVEMENT: [6. 6.]
C O Ca: dpdata CaCO3 4.05 1.28 2.22, phonopy CaCO3 4.05 1.28 2.22, pymatgen CaCO3 4.05 1.28 2.22
  MOVEMENT: [6. 6.]
EXPECTED
