#!/usr/bin/env bash
# ase.io.netcdftrajectory.NetCDFTrajectory (ASE 3.29.0) "reads/writes Atoms objects into an AMBER-style .nc
# trajectory file". The format has lengths and angles for the cell, and velocities that are in Å/ps once
# multiplied by their scale_factor (https://ambermd.org/netcdf/nctraj.xhtml).
#
# - Only lengths and angles of a cell are written, but the positions as they are. Lengths and angles make a
#   cell with a along x and b in the xy plane. Of one that lies otherwise, as the primitive fcc cell of
#   ase.build.bulk does, ASE reads back a turned cell with the old positions, and atoms run into each other
#   over the boundary. mdtraj 1.11.1.post2 reads the same.
# - Velocities are written in ASE's own unit, 98 Å/ps, which is not named: to chemfiles 0.10.4 a crystal of
#   300 K is at 0.03 K. Velocities in Å/ps, as MDAnalysis 2.11.0 writes them, ASE reads as if they were in
#   its own unit, too: 300 K become 2.9 million.
# - With velocities, the unit "Angstrom/Femtosecond" is put to the coordinates. MDAnalysis refuses such files,
#   and is the only one that says a word.
#
# Seen: of copper in two cells, the volume, Å³, and the shortest distance, Å; of its atoms in motion the
# temperature, K. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "mdtraj==1.11.1.post2" "MDAnalysis==2.11.0" \
  "chemfiles==0.10.4" "netCDF4==1.7.5.1.post1"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import chemfiles
import MDAnalysis
import mdtraj
import numpy as np
from ase.build import bulk
from ase.geometry import get_distances
from ase.io.netcdftrajectory import NetCDFTrajectory
from ase.units import fs

PICOSECOND = 1000 * fs
KELVINS = 1.2027236  # of one Da (Å/ps)², over the constant of Boltzmann


def write_with_ase(name, atoms):
    trajectory = NetCDFTrajectory(name, "w", atoms, netcdf_format="NETCDF3_64BIT")  # as AMBER asks for
    trajectory.write(atoms)
    trajectory.close()


def read_with_ase(name):
    return NetCDFTrajectory(name, types_to_numbers={1: 29})[0]


def read_with_mdtraj(name, number):
    topology = mdtraj.Topology()
    residue = topology.add_residue("CU", topology.add_chain())
    for _ in range(number):
        topology.add_atom("Cu", mdtraj.element.copper, residue)
    return mdtraj.load_netcdf(name, top=topology)


def told(cell, positions):
    _, apart = get_distances(positions, cell=cell, pbc=True)
    return f"{abs(np.linalg.det(cell)):.1f} {apart[np.triu_indices(len(apart), 1)].min():.2f}"


def kelvins(velocities):
    """The temperature of copper atoms, velocities in Å/ps."""
    return KELVINS * 63.546 * (velocities**2).mean()


for name, cubic in (("primitive", False), ("cubic", True)):
    atoms = bulk("Cu", cubic=cubic) * (3, 3, 3)
    write_with_ase("one.nc", atoms)
    again, other = read_with_ase("one.nc"), read_with_mdtraj("one.nc", len(atoms))
    print(f"{name}: written {told(atoms.cell.array, atoms.positions)}", end="")
    print(f", ASE {told(again.cell.array, again.positions)}", end="")
    print(f", mdtraj {told(10 * other.unitcell_vectors[0], 10 * other.xyz[0])}")

velocities = np.random.default_rng(0).normal(size=(len(atoms), 3))
velocities *= np.sqrt(300 / kelvins(velocities))
atoms.set_velocities(velocities / PICOSECOND)
print(f"moving: ASE {atoms.get_temperature():.0f}", end="")
write_with_ase("one.nc", atoms)
with chemfiles.Trajectory("one.nc", format="Amber NetCDF") as trajectory:
    print(f", written by ASE, chemfiles {kelvins(trajectory.read().velocities):.2f}", end="")
universe = MDAnalysis.Universe.empty(len(atoms), trajectory=True, velocities=True)
try:
    universe.load_new("one.nc", format="NCDF")
    print(f", MDAnalysis {kelvins(universe.atoms.velocities):.0f}")
except NotImplementedError:
    print(", MDAnalysis refused")

universe.atoms.positions, universe.atoms.velocities = atoms.positions, velocities
universe.dimensions = atoms.cell.cellpar()
with MDAnalysis.Writer("two.nc", len(atoms), velocities=True) as writer:
    writer.write(universe.atoms)
print(f"moving: MDAnalysis {kelvins(universe.atoms.velocities):.0f}, written by MDAnalysis", end="")
with chemfiles.Trajectory("two.nc", format="Amber NetCDF") as trajectory:
    print(f", chemfiles {kelvins(trajectory.read().velocities):.0f}", end="")
print(f", ASE {read_with_ase('two.nc').get_temperature():.1e}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
primitive: written 317.6 2.55, ASE 317.6 0.44, mdtraj 317.6 0.44
cubic: written 1270.2 2.55, ASE 1270.2 2.55, mdtraj 1270.2 2.55
moving: ASE 300, written by ASE, chemfiles 0.03, MDAnalysis refused
moving: MDAnalysis 300, written by MDAnalysis, chemfiles 300, ASE 2.9e+06
EXPECTED
