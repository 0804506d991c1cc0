#!/usr/bin/env bash
# The lines of atoms in a data file of LAMMPS may be in any order, and so may those of velocities
# (https://docs.lammps.org/read_data.html). In a dump they are in another one in each snapshot, if sorting
# has not been asked for, even on one processor (https://docs.lammps.org/dump.html). Only its id tells which
# atom it is. Of a data file and two snapshots of the same crystal at rest
#
# - ASE 3.29.0, atomman 1.5.4 and chemfiles 0.10.4 return all in the order of the ids, mdtraj 1.11.1.post2
#   the dump, which is all it reads;
# - MDAnalysis 2.11.0 does so, but for velocities, which it puts into the order of the lines of the atoms;
# - pymatgen-core 2026.10.16 keeps the order of the lines, in each snapshot another. A Structure of a data
#   file has no ids any more, and the velocities of other atoms;
# - dpdata 1.1.0 sorts the dump and not the data file: an atom of the one is another in the other;
# - jarvis-tools 2026.6.12 keeps the order of the data file. Its read_dump takes the second, third and
#   fourth column for x, y and z: of "id type x y z", or the default "id type xs ys zs", the type is x.
#
# None says a word. Seen: how far the atoms are from where those of their number are, root of the mean
# square, Å, in the data file and in the snapshots (0.00 is right, any other is a displacement that never
# was), and how many of the 8 atoms have their own velocity. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "pymatgen-core==2026.10.16" "dpdata==1.1.0" \
    "jarvis-tools==2026.6.12" "atomman==1.5.4" "MDAnalysis==2.11.0" "mdtraj==1.11.1.post2" "chemfiles==0.10.4"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from pathlib import Path

import ase.io
import atomman
import chemfiles
import dpdata
import MDAnalysis
import mdtraj
import numpy as np
from ase.build import bulk
from jarvis.io.lammps.inputs import LammpsData as LammpsDataOfJarvis
from jarvis.io.lammps.outputs import read_dump
from pymatgen.io.lammps.data import LammpsData
from pymatgen.io.lammps.outputs import parse_lammps_dumps

EDGE = 5.64
SALT = bulk("NaCl", "rocksalt", EDGE, cubic=True)
SYMBOLS = SALT.get_chemical_symbols()
TYPES = [1 + (symbol == "Cl") for symbol in SYMBOLS]
ORDERS = [[3, 0, 6, 1, 7, 4, 2, 5], [5, 2, 0, 7, 4, 1, 6, 3], [1, 4, 3, 6, 0, 5, 7, 2], [6, 7, 1, 2, 3, 0, 5, 4]]
SPEEDS = 1.0 + np.arange(8)


def rows(order):
    for k in order:
        x, y, z = SALT.positions[k]
        yield f"{k + 1} {TYPES[k]} {x:.2f} {y:.2f} {z:.2f}"


def snapshot(step, order):
    bounds = [f"0.0 {EDGE}"] * 3
    head = ["ITEM: TIMESTEP", str(step), "ITEM: NUMBER OF ATOMS", "8", "ITEM: BOX BOUNDS pp pp pp", *bounds]
    return "\n".join([*head, "ITEM: ATOMS id type x y z", *rows(order), ""])


box = [f"0.0 {EDGE} {axis}lo {axis}hi" for axis in "xyz"]
head = ["salt", "", "8 atoms", "2 atom types", "", *box, "", "Masses", "", "1 22.98977", "2 35.453", ""]
speeds = [f"{k + 1} {SPEEDS[k]} 0.0 0.0" for k in ORDERS[1]]
data = [*head, "Atoms # atomic", "", *rows(ORDERS[0]), "", "Velocities", "", *speeds, ""]
Path("salt.data").write_text("\n".join(data))
snapshots = [snapshot(step, order) for step, order in enumerate(ORDERS[2:])]
Path("salt.lammpstrj").write_text("".join(snapshots))


def with_ase():
    atoms = ase.io.read("salt.data", format="lammps-data")
    frames = ase.io.read("salt.lammpstrj", ":", format="lammps-dump-text")
    return atoms.positions, [frame.positions for frame in frames], atoms.get_velocities()[:, 0]


def with_atomman():
    atoms = atomman.load("atom_data", "salt.data", symbols=["Na", "Cl"]).atoms
    frames = [atomman.load("atom_dump", text).atoms.pos for text in snapshots]
    return atoms.pos, frames, atoms.velocity[:, 0]


def with_mdanalysis():
    style = {"atom_style": "id type x y z"}
    atoms = MDAnalysis.Universe("salt.data", format="DATA", **style).atoms
    whole = MDAnalysis.Universe("salt.data", "salt.lammpstrj", topology_format="DATA", format="LAMMPSDUMP", **style)
    return atoms.positions, [frame.positions.copy() for frame in whole.trajectory], atoms.velocities[:, 0]


def with_chemfiles():
    frame = chemfiles.Trajectory("salt.data", format="LAMMPS Data").read()
    steps = chemfiles.Trajectory("salt.lammpstrj")
    frames = [np.array(steps.read_step(k).positions) for k in range(2)]
    return np.array(frame.positions), frames, np.array(frame.velocities)[:, 0]


def with_mdtraj():
    topology = mdtraj.Topology()
    residue = topology.add_residue("X", topology.add_chain())
    for symbol in SYMBOLS:
        topology.add_atom(symbol, mdtraj.element.get_by_symbol(symbol), residue)
    return None, list(10 * mdtraj.load_lammpstrj("salt.lammpstrj", top=topology).xyz), None  # it counts in nm


def with_pymatgen():
    structure = LammpsData.from_file("salt.data", atom_style="atomic").structure
    frames = [dump.data[["x", "y", "z"]].to_numpy() for dump in parse_lammps_dumps("salt.lammpstrj")]
    return structure.cart_coords, frames, np.array(structure.site_properties["velocities"])[:, 0]


def with_dpdata():
    names = {"type_map": ["Na", "Cl"]}
    frames = dpdata.System("salt.lammpstrj", fmt="lammps/dump", **names)["coords"]
    return dpdata.System("salt.data", fmt="lammps/lmp", **names)["coords"][0], frames, None


def with_jarvis():
    atoms = LammpsDataOfJarvis().read_data("salt.data", element_order=["Na", "Cl"], has_charges=False)
    return atoms.cart_coords, read_dump("salt.lammpstrj").reshape(2, 8, 3), None


def far(positions):
    apart = np.asarray(positions, float) - SALT.positions
    apart -= EDGE * np.round(apart / EDGE)
    return f"{np.sqrt((apart**2).sum(axis=1).mean()):.2f}"


def told(positions, frames, speeds):
    seen = [] if positions is None else [f"data {far(positions)}"]
    seen += [f"snapshots {' '.join(map(far, frames))}"]
    if speeds is not None:
        apart = np.asarray(positions, float)[:, None] - SALT.positions
        owners = (np.abs(apart - EDGE * np.round(apart / EDGE)).max(axis=-1)).argmin(axis=1)
        relative = SPEEDS.max() * speeds / speeds.max()  # whatever the unit
        seen += [f"{np.isclose(relative, SPEEDS[owners], rtol=1e-4).sum()} velocities"]
    return ", ".join(seen)


chemfiles.set_warnings_callback(lambda message: None)
READERS = {
    "ASE": with_ase,
    "atomman": with_atomman,
    "MDAnalysis": with_mdanalysis,
    "chemfiles": with_chemfiles,
    "mdtraj": with_mdtraj,
    "pymatgen": with_pymatgen,
    "dpdata": with_dpdata,
    "jarvis": with_jarvis,
}
for name, reader in READERS.items():
    print(f"{name}:", told(*reader()))
PYTHON
diff "$folder/seen" - <<'EXPECTED'
ASE: data 0.00, snapshots 0.00 0.00, 8 velocities
atomman: data 0.00, snapshots 0.00 0.00, 8 velocities
MDAnalysis: data 0.00, snapshots 0.00 0.00, 0 velocities
chemfiles: data 0.00, snapshots 0.00 0.00, 8 velocities
mdtraj: snapshots 0.00 0.00
pymatgen: data 3.99, snapshots 2.82 3.99, 0 velocities
dpdata: data 3.99, snapshots 0.00 0.00
jarvis: data 3.99, snapshots 3.30 3.08
EXPECTED
