#!/usr/bin/env bash
# Which atom is which element may differ from frame to frame: exchanges of atoms in Monte Carlo simulations of
# alloys, and arrangements of the same atoms on the same sites. ASE puts Atoms after Atoms into a trajectory,
# "usually to be interpreted as a time series, although that is not a requirement"
# (https://ase-lib.org/ase/io/trajectory.html), and each has its own elements. Of two arrangements of copper
# and gold on fcc sites, the one in layers and the other one mixed,
#
# - ASE 3.29.0 keeps both in .traj, extended XYZ and its data bases. In XSF and PDB, of which each frame states
#   an element for each atom, and in .bundle it writes the elements of the first frame for all;
# - dpdata 1.1.0 keeps both from extended XYZ. From .traj it takes the elements of the first frame for all, and
#   the energies and forces as they are: labels of one arrangement at the atoms of another;
# - pymatgen-core 2026.10.16, Trajectory, takes the elements of the first frame for all, from Structures and
#   from .traj, the latter with the energies as they are.
#
# None says a word. Seen: the share of unlike pairs among nearest neighbours, per cent, in both frames, and the
# error of the energy that goes with the second, eV, by EMT of ASE. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "dpdata==1.1.0" "pymatgen-core==2026.10.16"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import ase.io
import dpdata
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.calculators.singlepoint import SinglePointCalculator
from ase.neighborlist import neighbor_list
from pymatgen.core.trajectory import Trajectory
from pymatgen.io.ase import AseAtomsAdaptor


def computed(atoms):
    atoms = atoms.copy()
    atoms.calc = EMT()
    return atoms.get_potential_energy(), atoms.get_forces(), atoms.get_stress()


def labelled(symbols):
    atoms = bulk("Cu", "fcc", 3.85, cubic=True) * (2, 1, 1)
    atoms.symbols = symbols
    energy, forces, stress = computed(atoms)
    atoms.calc = SinglePointCalculator(atoms, energy=energy, forces=forces, stress=stress)
    return atoms


FRAMES = [labelled("Cu4Au4"), labelled("CuCuAuAuCuCuAuAu")]
ENERGY = FRAMES[1].get_potential_energy()
FILES = {
    "traj": "alloy.traj",
    "extxyz": "alloy.extxyz",
    "db": "alloy.db",
    "xsf": "alloy.xsf",
    "proteindatabank": "alloy.pdb",
    "bundletrajectory": "alloy.bundle",
}


def unlike(atoms):
    first, second = neighbor_list("ij", atoms, 3.0)
    return round(100 * (atoms.numbers[first] != atoms.numbers[second]).mean())


def told(name, frames):
    wrong = ENERGY - computed(frames[1])[0]
    print(f"{name}: {' '.join(str(unlike(atoms)) for atoms in frames)}, {abs(wrong):.2f} eV")


def of_dpdata(systems):
    return [atoms for system in systems for atoms in system.to_ase_structure()]


def of_pymatgen(frames):
    return [AseAtomsAdaptor.get_atoms(frame) for frame in frames]


told("as they are", FRAMES)
for kind, path in FILES.items():
    ase.io.write(path, FRAMES, format=kind)
    told(f"ASE, {kind}", ase.io.read(path, ":", format=kind))
told("dpdata, extxyz", of_dpdata(dpdata.MultiSystems.from_file("alloy.extxyz", fmt="extxyz")))
told("dpdata, ase/traj", of_dpdata([dpdata.LabeledSystem("alloy.traj", fmt="ase/traj")]))
structures = [AseAtomsAdaptor.get_structure(atoms) for atoms in FRAMES]
told("pymatgen, Trajectory of .traj", of_pymatgen(Trajectory.from_file("alloy.traj")))
told("pymatgen, Trajectory of Structures", of_pymatgen(Trajectory.from_structures(structures)))
PYTHON
diff "$folder/seen" - <<'EXPECTED'
as they are: 33 67, 0.00 eV
ASE, traj: 33 67, 0.00 eV
ASE, extxyz: 33 67, 0.00 eV
ASE, db: 33 67, 0.00 eV
ASE, xsf: 33 33, 0.69 eV
ASE, proteindatabank: 33 33, 0.69 eV
ASE, bundletrajectory: 33 33, 0.69 eV
dpdata, extxyz: 33 67, 0.00 eV
dpdata, ase/traj: 33 33, 0.69 eV
pymatgen, Trajectory of .traj: 33 33, 0.69 eV
pymatgen, Trajectory of Structures: 33 33, 0.69 eV
EXPECTED
