#!/usr/bin/env bash
# Atoms in the lower layers of a slab are held fixed while it relaxes. The potential still acts on them: their
# forces are labels as good as any, and without them the forces of a slab do not add up to zero. ASE 3.29.0
# stores in a .traj the forces that were computed, and the constraints beside them. get_forces of what is read
# gives zero for fixed atoms unless asked with apply_constraint=False (https://ase-lib.org/ase/atoms.html), and
# get_potential_energy adds the energy of a spring (Hookean).
#
# - dpdata 1.1.0, from Atoms and from .traj, asks for both as constrained: zero force at the fixed atoms, and
#   with a spring its energy and pull as if they were the potential's. Of extended XYZ it takes what was computed;
# - calorine 4.1 (a train.xyz for NEP), and pymatgen-core 2026.10.16 (Structure and Trajectory) take what was
#   computed.
#
# A potential that is trained on the zeros is told that atoms amid distorted bonds feel nothing. None says a word.
#
# Seen: of a relaxation of a copper slab with EMT, its first step, how many of 16 atoms have no force, the largest
# error of a force, eV/Å, the sum of all forces, eV/Å, and the error of the energy, eV. Exits non-zero if any
# line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "dpdata==1.1.0" "calorine==4.1" "pymatgen-core==2026.10.16"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import ase.io
import dpdata
import numpy as np
from ase.build import fcc111
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms, Hookean
from ase.optimize import BFGS
from calorine.nep import write_structures
from pymatgen.core.trajectory import Trajectory
from pymatgen.io.ase import AseAtomsAdaptor

SLAB = fcc111("Cu", (2, 2, 4), vacuum=6.0, periodic=True)
SLAB.rattle(0.1, seed=1)
CONSTRAINTS = {
    "none": [],
    "two layers fixed": [FixAtoms([atom.index for atom in SLAB if atom.tag > 2])],
    "a spring between neighbours": [Hookean(12, 13, k=5.0, rt=2.2)],
}


def of_results(atoms):
    return atoms.calc.results["energy"], atoms.calc.results["forces"]


def of_dpdata(system):
    return system["energies"][0], system["forces"][0]


def with_calorine(atoms):
    write_structures("train.xyz", [atoms])
    return of_results(ase.io.read("train.xyz"))


def with_trajectory(path):
    labels = Trajectory.from_file(path).frame_properties[0]
    return labels["energy"], labels["forces"]


def readers(path):
    atoms = ase.io.read(path, 0)
    ase.io.write("step.extxyz", atoms)
    yield "ASE, as stored", of_results(atoms)
    yield "ASE, get_forces", (atoms.get_potential_energy(), atoms.get_forces())
    yield "calorine", with_calorine(atoms)
    yield "pymatgen, Structure", of_results(AseAtomsAdaptor.get_structure(atoms))
    yield "pymatgen, Trajectory", with_trajectory(path)
    yield "dpdata, extxyz", of_dpdata(dpdata.MultiSystems.from_file("step.extxyz", fmt="extxyz")[0])
    yield "dpdata, ase/structure", of_dpdata(dpdata.LabeledSystem(atoms, fmt="ase/structure"))
    yield "dpdata, ase/traj", of_dpdata(dpdata.LabeledSystem(path, fmt="ase/traj"))


free = SLAB.copy()
free.calc = EMT()
energy, forces = free.get_potential_energy(), free.get_forces()
for name, constraints in CONSTRAINTS.items():
    atoms = SLAB.copy()
    atoms.calc = EMT()
    atoms.set_constraint(constraints)
    with BFGS(atoms, trajectory="slab.traj", logfile=None) as relaxation:
        relaxation.run(fmax=0.05, steps=3)
    print(name)
    for reader, (told, pulls) in readers("slab.traj"):
        pulls = np.array(pulls)
        count = np.isclose(pulls, 0).all(axis=1).sum()
        error, net = np.abs(pulls - forces).max(), np.linalg.norm(pulls.sum(axis=0))
        off = abs(told - energy)
        print(f"  {reader}: {count} without force, {error:.2f}, sum {net:.2f} eV/Å, energy {off:.2f} eV")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
none
  ASE, as stored: 0 without force, 0.00, sum 0.00 eV/Å, energy 0.00 eV
  ASE, get_forces: 0 without force, 0.00, sum 0.00 eV/Å, energy 0.00 eV
  calorine: 0 without force, 0.00, sum 0.00 eV/Å, energy 0.00 eV
  pymatgen, Structure: 0 without force, 0.00, sum 0.00 eV/Å, energy 0.00 eV
  pymatgen, Trajectory: 0 without force, 0.00, sum 0.00 eV/Å, energy 0.00 eV
  dpdata, extxyz: 0 without force, 0.00, sum 0.00 eV/Å, energy 0.00 eV
  dpdata, ase/structure: 0 without force, 0.00, sum 0.00 eV/Å, energy 0.00 eV
  dpdata, ase/traj: 0 without force, 0.00, sum 0.00 eV/Å, energy 0.00 eV
two layers fixed
  ASE, as stored: 0 without force, 0.00, sum 0.00 eV/Å, energy 0.00 eV
  ASE, get_forces: 8 without force, 1.97, sum 0.64 eV/Å, energy 0.00 eV
  calorine: 0 without force, 0.00, sum 0.00 eV/Å, energy 0.00 eV
  pymatgen, Structure: 0 without force, 0.00, sum 0.00 eV/Å, energy 0.00 eV
  pymatgen, Trajectory: 0 without force, 0.00, sum 0.00 eV/Å, energy 0.00 eV
  dpdata, extxyz: 0 without force, 0.00, sum 0.00 eV/Å, energy 0.00 eV
  dpdata, ase/structure: 8 without force, 1.97, sum 0.64 eV/Å, energy 0.00 eV
  dpdata, ase/traj: 8 without force, 1.97, sum 0.64 eV/Å, energy 0.00 eV
a spring between neighbours
  ASE, as stored: 0 without force, 0.00, sum 0.00 eV/Å, energy 0.00 eV
  ASE, get_forces: 0 without force, 0.90, sum 0.00 eV/Å, energy 0.08 eV
  calorine: 0 without force, 0.00, sum 0.00 eV/Å, energy 0.00 eV
  pymatgen, Structure: 0 without force, 0.00, sum 0.00 eV/Å, energy 0.00 eV
  pymatgen, Trajectory: 0 without force, 0.00, sum 0.00 eV/Å, energy 0.00 eV
  dpdata, extxyz: 0 without force, 0.00, sum 0.00 eV/Å, energy 0.00 eV
  dpdata, ase/structure: 0 without force, 0.90, sum 0.00 eV/Å, energy 0.08 eV
  dpdata, ase/traj: 0 without force, 0.90, sum 0.00 eV/Å, energy 0.08 eV
EXPECTED
