#!/usr/bin/env bash
# In molecular dynamics at constant pressure, in relaxations of the cell and in the points of an equation of
# state, the cell differs from frame to frame. pymatgen-core 2026.10.16, Trajectory.from_ase, says of
# constant_lattice: "If `None`, this is determined on the fly", None being what it is if not given. It holds
# the cells for equal if between any two frames a single one of the nine components is the same to the last
# bit, since what is compared with the tolerance is whether all of them differ (np.all(...) < tol). That is so
# of all cells that are scaled along their edges: off the diagonal of a rectangular cell are zeros, on that of
# the primitive fcc cell, too. Then all frames get the cell of the first, with their own fractional coordinates,
# energies and stresses. Where rounding leaves something at each of the nine, as after the relaxation of a cell,
# the cells are kept. Trajectory.from_file of the same .traj takes them for equal unless told otherwise, its
# documented default (https://github.com/materialsproject/pymatgen/issues/3905 asks why), and hands that on, so
# that nothing is determined on the fly.
#
# Told constant_lattice=False, both are right, and so are ASE 3.29.0 and dpdata 1.1.0. None says a word.
#
# Seen: the volume of the first and the last frame, Å³ an atom, and the bulk modulus, GPa, that a parabola
# through energies and volumes of an equation of state gives. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "dpdata==1.1.0" "pymatgen-core==2026.10.16"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import ase.io
import dpdata
import numpy as np
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.filters import FrechetCellFilter
from ase.io import Trajectory as TrajectoryOfAse
from ase.md.nptberendsen import NPTBerendsen
from ase.optimize import BFGS
from ase.units import GPa, fs
from pymatgen.core.trajectory import Trajectory

PATH = "copper.traj"


def scaled(atoms):
    with TrajectoryOfAse(PATH, "w") as frames:
        for factor in np.linspace(0.98, 1.02, 5):
            other = atoms.copy()
            other.set_cell(factor * atoms.cell, scale_atoms=True)
            other.calc = EMT()
            other.get_potential_energy(), other.get_stress()
            frames.write(other)


def under_pressure(atoms):
    atoms.calc = EMT()
    how = {"temperature_K": 300, "pressure_au": 20 * GPa, "compressibility_au": 0.008 / GPa, "taup": 100 * fs}
    NPTBerendsen(atoms, timestep=2 * fs, trajectory=PATH, **how).run(100)


def relaxed(atoms):
    atoms.calc = EMT()
    atoms.rattle(0.05, seed=1)
    with BFGS(FrechetCellFilter(atoms), trajectory=PATH, logfile=None) as relaxation:
        relaxation.run(fmax=0.01)


def with_ase():
    frames = ase.io.read(PATH, ":")
    return [atoms.get_volume() for atoms in frames], [atoms.get_potential_energy() for atoms in frames]


def with_dpdata():
    system = dpdata.LabeledSystem(PATH, fmt="ase/traj")
    return np.abs(np.linalg.det(system["cells"])), system["energies"]


def with_pymatgen(frames):
    return [frame.volume for frame in frames], [labels["energy"] for labels in frames.frame_properties]


READERS = {
    "ASE": with_ase,
    "dpdata": with_dpdata,
    "from_ase, constant_lattice=False": lambda: with_pymatgen(Trajectory.from_ase(PATH, constant_lattice=False)),
    "from_ase": lambda: with_pymatgen(Trajectory.from_ase(PATH)),
    "from_file": lambda: with_pymatgen(Trajectory.from_file(PATH)),
}


def modulus(volumes, energies):
    if np.ptp(volumes) < 1e-6:
        return "no modulus"
    curvature, slope, _ = np.polyfit(volumes, energies, 2)
    return f"{-slope / GPa:.0f} GPa"  # V d²E/dV² at the minimum


CASES = {
    "equation of state, cubic cell": (scaled, bulk("Cu", a=3.59, cubic=True)),
    "equation of state, primitive cell": (scaled, bulk("Cu", a=3.59)),
    "dynamics at 20 GPa": (under_pressure, bulk("Cu", a=3.59, cubic=True) * 2),
    "relaxation": (relaxed, bulk("Cu", a=3.8, cubic=True)),
}
for name, (make, atoms) in CASES.items():
    make(atoms)
    print(name)
    for reader, read in READERS.items():
        volumes, energies = read()
        told = f"{volumes[0] / len(atoms):.2f} {volumes[-1] / len(atoms):.2f}"
        print(f"  {reader}: {told}" + (f", {modulus(volumes, energies)}" if make is scaled else ""))
PYTHON
diff "$folder/seen" - <<'EXPECTED'
equation of state, cubic cell
  ASE: 10.89 12.28, 135 GPa
  dpdata: 10.89 12.28, 135 GPa
  from_ase, constant_lattice=False: 10.89 12.28, 135 GPa
  from_ase: 10.89 10.89, no modulus
  from_file: 10.89 10.89, no modulus
equation of state, primitive cell
  ASE: 10.89 12.28, 135 GPa
  dpdata: 10.89 12.28, 135 GPa
  from_ase, constant_lattice=False: 10.89 12.28, 135 GPa
  from_ase: 10.89 10.89, no modulus
  from_file: 10.89 10.89, no modulus
dynamics at 20 GPa
  ASE: 11.57 10.33
  dpdata: 11.57 10.33
  from_ase, constant_lattice=False: 11.57 10.33
  from_ase: 11.57 11.57
  from_file: 11.57 11.57
relaxation
  ASE: 13.72 11.56
  dpdata: 13.72 11.56
  from_ase, constant_lattice=False: 13.72 11.56
  from_ase: 13.72 11.56
  from_file: 13.72 13.72
EXPECTED
