#!/usr/bin/env bash
# A dump of LAMMPS with a tilted box states the bounds of the box around the parallelepiped and three tilt
# factors (https://docs.lammps.org/Howto_triclinic.html), and coordinates as such (x) or as fractions (xs).
# With `dump_modify triclinic/general yes` it states the three edges and an origin instead. ASE 3.29.0
# reads all of these as they are meant. Of the same two atoms
#
# - chemfiles 0.10.4 takes the bounds for the box itself: a volume of 202 instead of 120 Å³, wrong
#   distances over the boundary, and wrong positions where they are fractions. It refuses a general box.
# - mdtraj 1.11.1.post2 returns fractions as if they were Å, also where the box is not tilted: the whole
#   crystal lies within 1 Å. It refuses a general box.
# - pymatgen-core 2026.10.16 and dpdata 1.1.0 take the first two numbers of each edge of a general box for
#   bounds along x, y and z: 42 Å³ instead of 120 Å³.
#
# None says a word. Seen: the volume, Å³, and the distance of the two atoms over the boundary, Å. Exits
# non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "pymatgen-core==2026.10.16" "chemfiles==0.10.4" \
    "mdtraj==1.11.1.post2" "dpdata==1.1.0"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from itertools import product

import chemfiles
import dpdata
import mdtraj
import numpy as np
from ase.io import read
from pymatgen.io.lammps.outputs import parse_lammps_dumps

FILE = "two.lammpstrj"
ORIGIN = np.array([1.0, 2.0, 3.0])
FRACTIONS = np.array([[0.1, 0.1, 0.1], [0.8, 0.5, 0.5]])
TILTED = np.array([[6.0, 0.0, 0.0], [1.5, 5.0, 0.0], [-1.2, 0.8, 4.0]])
STRAIGHT = np.diag([6.0, 5.0, 4.0])
COLUMNS = {"x": "x y z", "xs": "xs ys zs"}


def dump(edges, kind, columns):
    lengths, (xy, xz, yz) = np.diag(edges), edges[[1, 2, 2], [0, 0, 1]]
    low = ORIGIN + [min(0, xy, xz, xy + xz), min(0, yz), 0]
    high = ORIGIN + lengths + [max(0, xy, xz, xy + xz), max(0, yz), 0]
    if kind == "general":
        head, box = "abc origin", [(*edges[k], ORIGIN[k]) for k in range(3)]
    elif kind == "tilted":
        head, box = "xy xz yz", list(zip(low, high, (xy, xz, yz)))
    else:
        head, box = "", list(zip(low, high))
    positions = FRACTIONS if columns == "xs" else ORIGIN + FRACTIONS @ edges
    lines = ["ITEM: TIMESTEP", "0", "ITEM: NUMBER OF ATOMS", "2"]
    lines += [" ".join(["ITEM: BOX BOUNDS", *head.split(), "pp pp pp"])]
    lines += [" ".join(f"{number:.6f}" for number in line) for line in box]
    lines += [f"ITEM: ATOMS id type element {COLUMNS[columns]}"]
    lines += [f"{k + 1} 1 Si {x:.6f} {y:.6f} {z:.6f}" for k, (x, y, z) in enumerate(positions)]
    return "\n".join([*lines, ""])


def with_ase():
    atoms = read(FILE, format="lammps-dump-text")
    return atoms.cell.array, atoms.positions


def with_chemfiles():
    frame = chemfiles.Trajectory(FILE).read()
    return np.array(frame.cell.matrix).T, np.array(frame.positions)


def with_mdtraj():
    topology = mdtraj.Topology()
    residue = topology.add_residue("X", topology.add_chain())
    for _ in range(2):
        topology.add_atom("Si", mdtraj.element.silicon, residue)
    frame = mdtraj.load_lammpstrj(FILE, top=topology)
    return 10 * frame.unitcell_vectors[0], 10 * frame.xyz[0]  # it counts in nm


def with_pymatgen():
    found = next(parse_lammps_dumps(FILE))
    edges = found.box.to_lattice().matrix
    if "xs" in found.data:
        return edges, found.data[["xs", "ys", "zs"]].to_numpy() @ edges
    return edges, found.data[["x", "y", "z"]].to_numpy()


def with_dpdata():
    system = dpdata.System(FILE, fmt="lammps/dump")
    return system["cells"][0], system["coords"][0]


def told(reader):
    try:
        edges, positions = reader()
    except BaseException as error:
        if not isinstance(error, (Exception, chemfiles.ChemfilesError)):
            raise
        return "refused"
    apart = np.asarray(positions[1], float) - positions[0]
    shifts = np.array(list(product(range(-3, 4), repeat=3))) @ np.asarray(edges, float)
    return f"{abs(np.linalg.det(edges)):.1f} {np.linalg.norm(apart + shifts, axis=1).min():.2f}"


chemfiles.set_warnings_callback(lambda message: None)
READERS = {
    "ASE": with_ase,
    "chemfiles": with_chemfiles,
    "mdtraj": with_mdtraj,
    "pymatgen": with_pymatgen,
    "dpdata": with_dpdata,
}
for kind, edges in (("straight", STRAIGHT), ("tilted", TILTED), ("general", TILTED)):
    for columns in COLUMNS:
        with open(FILE, "w") as file:
            file.write(dump(edges, kind, columns))
        print(f"{kind}, {columns}:", "; ".join(f"{name} {told(reader)}" for name, reader in READERS.items()))
PYTHON
diff "$folder/seen" - <<'EXPECTED'
straight, x: ASE 120.0 3.13; chemfiles 120.0 3.13; mdtraj 120.0 3.13; pymatgen 120.0 3.13; dpdata 120.0 3.13
straight, xs: ASE 120.0 3.13; chemfiles 120.0 3.13; mdtraj 120.0 0.90; pymatgen 120.0 3.13; dpdata 120.0 3.13
tilted, x: ASE 120.0 2.88; chemfiles 201.8 4.26; mdtraj 120.0 2.88; pymatgen 120.0 2.88; dpdata 120.0 2.88
tilted, xs: ASE 120.0 2.88; chemfiles 201.8 3.29; mdtraj 120.0 0.90; pymatgen 120.0 2.88; dpdata 120.0 2.88
general, x: ASE 120.0 2.88; chemfiles refused; mdtraj refused; pymatgen 42.0 2.09; dpdata 42.0 2.09
general, xs: ASE 120.0 2.88; chemfiles refused; mdtraj refused; pymatgen 42.0 2.42; dpdata 42.0 2.42
EXPECTED
