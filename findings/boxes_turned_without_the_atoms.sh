#!/usr/bin/env bash
# freud 3.4.0, MDAnalysis 2.11.0 and mdtraj 1.11.1.post2 hold the cell of a crystal as a box whose first
# vector lies along x and whose second is in the xy plane. Each takes three vectors: freud.Box.from_matrix
# "a 3x3 matrix" (https://freud.readthedocs.io/en/stable/modules/box.html), MDAnalysis the attribute
# triclinic_dimensions, of which "setting the attribute also works"
# (https://docs.mdanalysis.org/stable/documentation_pages/coordinates/timestep.html), mdtraj the attribute
# unitcell_vectors, which "define the shape of the unit cell"
# (https://mdtraj.org/latest/api/generated/mdtraj.Trajectory.html).
#
# Vectors that point elsewhere, as those of a primitive cell of ASE or of a POSCAR, are turned into a box of
# the same lengths and angles. Positions stay as they are, so that whatever lies across the boundary is at a
# wrong distance: atoms of silicon have 5 or 6 neighbours, on average, instead of 4. No cell is refused and
# none warned of; only who reads the vectors again sees others. ASE 3.29.0 counts four in all of these
# cells. Its cell.standard_form, with the atoms turned along, is what the three need.
#
# Seen: the number of neighbours of an atom of silicon up to 2.6 Å, on average. Exits non-zero if any line
# differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "freud-analysis==3.4.0" "MDAnalysis==2.11.0" \
  "mdtraj==1.11.1.post2"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import freud
import MDAnalysis
import mdtraj
from ase.build import bulk
from ase.neighborlist import neighbor_list
from MDAnalysis.lib.distances import self_capped_distance

REACH = 2.6


def with_ase(atoms):
    return len(neighbor_list("i", atoms, REACH))


def with_freud(atoms):
    box = freud.Box.from_matrix(atoms.cell.array.T)
    points = box.wrap(atoms.positions)
    query = freud.AABBQuery(box, points).query(points, {"r_max": REACH, "exclude_ii": True})
    return len(query.toNeighborList())


def with_mdanalysis(atoms):
    universe = MDAnalysis.Universe.empty(len(atoms), trajectory=True)
    universe.atoms.positions = atoms.positions
    universe.trajectory.ts.triclinic_dimensions = atoms.cell.array
    return 2 * len(self_capped_distance(universe.atoms.positions, REACH, box=universe.dimensions)[0])


def with_mdtraj(atoms):
    topology = mdtraj.Topology()
    residue = topology.add_residue("X", topology.add_chain())
    for _ in atoms:
        topology.add_atom("Si", mdtraj.element.silicon, residue)
    trajectory = mdtraj.Trajectory(atoms.positions[None] / 10, topology)
    trajectory.unitcell_vectors = atoms.cell.array[None] / 10
    distances = mdtraj.compute_distances(trajectory, topology.select_pairs("all", "all"))
    return 2 * int((distances < REACH / 10).sum())


def turned(atoms):
    """With a along x and b in the xy plane."""
    atoms = atoms.copy()
    atoms.set_cell(atoms.cell.standard_form()[0], scale_atoms=True)
    return atoms


primitive = bulk("Si") * (5, 5, 5)
long = bulk("Si", cubic=True) * (2, 2, 3)
ordered = long.copy()
ordered.cell = long.cell[[2, 0, 1]]
CRYSTALS = {
    "cubic, 2 x 2 x 3": long,
    "the same, vectors in the order z, x, y": ordered,
    "primitive, 5 x 5 x 5": primitive,
    "the same, turned with its atoms": turned(primitive),
}
COUNTS = {"ASE": with_ase, "freud": with_freud, "MDAnalysis": with_mdanalysis, "mdtraj": with_mdtraj}
for name, atoms in CRYSTALS.items():
    told = ", ".join(f"{library} {count(atoms) / len(atoms):.2f}" for library, count in COUNTS.items())
    print(f"{name}: {told}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
cubic, 2 x 2 x 3: ASE 4.00, freud 4.00, MDAnalysis 4.00, mdtraj 4.00
the same, vectors in the order z, x, y: ASE 4.00, freud 6.21, MDAnalysis 6.21, mdtraj 6.21
primitive, 5 x 5 x 5: ASE 4.00, freud 5.06, MDAnalysis 5.06, mdtraj 5.06
the same, turned with its atoms: ASE 4.00, freud 4.00, MDAnalysis 4.00, mdtraj 4.00
EXPECTED
