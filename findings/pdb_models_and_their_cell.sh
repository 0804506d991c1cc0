#!/usr/bin/env bash
# In a file of the Protein Data Bank, the cell stands in one record CRYST1 ahead of all coordinates. Of a
# trajectory, each frame is between MODEL and ENDMDL, and END is the last line of the file
# (https://www.wwpdb.org/documentation/file-format-content/format33/sect8.html#CRYST1, sect9.html#MODEL and
# sect11.html#END). MDAnalysis and mdtraj write such files. Of the same crystal, which is at rest,
#
# - ASE 3.29.0 takes END after ENDMDL for the end of another frame, which has no atoms. read("x.pdb"), which
#   returns the last frame, returns no atoms. The cell is that of the first frame alone, the others are not
#   periodic. Files of ASE have no END, and a CRYST1 for each frame.
# - MDAnalysis 2.11.0 has no cell in any frame where there are two models or more, also of files that it has
#   written with one itself. A comment in its source says that it takes a file to have "a single CRYST" or one
#   "for every MODEL".
# - chemfiles 0.10.4 has a cell in the first frame only.
# - mdtraj 1.11.1.post2 and gemmi 0.7.5 are right.
#
# None says a word. Seen: of each frame the number of atoms and the volume of its cell, Å³. Exits non-zero
# if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "MDAnalysis==2.11.0" "mdtraj==1.11.1.post2" \
  "chemfiles==0.10.4" "gemmi==0.7.5"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from pathlib import Path

import chemfiles
import gemmi
import MDAnalysis
import mdtraj
from ase.io import read

chemfiles.set_warnings_callback(lambda text: None)
CELL = "CRYST1    5.640    5.640    5.640  90.00  90.00  90.00 P 1           1\n"
ATOMS = (
    "HETATM    1 NA    NA A   1       0.000   0.000   0.000  1.00  0.00          NA\n"
    "HETATM    2 CL    CL A   2       2.820   2.820   2.820  1.00  0.00          CL\n"
)


def model(number):
    return f"MODEL     {number:4d}\n{ATOMS}ENDMDL\n"


def with_ase(name):
    return [(len(atoms), atoms.cell.volume) for atoms in read(name, ":")]


def with_mdanalysis(name):
    universe = MDAnalysis.Universe(name)
    return [(len(universe.atoms), frame.volume) for frame in universe.trajectory]


def with_chemfiles(name):
    with chemfiles.Trajectory(name) as trajectory:
        frames = [trajectory.read_step(step) for step in range(trajectory.nsteps)]
        return [(len(frame.atoms), frame.cell.volume) for frame in frames]


def with_mdtraj(name):
    trajectory = mdtraj.load(name)
    volumes = [0.0] * len(trajectory) if trajectory.unitcell_volumes is None else trajectory.unitcell_volumes
    return [(trajectory.n_atoms, 1000 * volume) for volume in volumes]


def with_gemmi(name):
    structure = gemmi.read_structure(name)
    return [(found.count_atom_sites(), structure.cell.volume) for found in structure]


def written_by_mdanalysis(name):
    Path("first.pdb").write_text(CELL + ATOMS + "END\n")
    universe = MDAnalysis.Universe("first.pdb")
    with MDAnalysis.Writer(name, multiframe=True) as writer:
        writer.write(universe)
        writer.write(universe)


FILES = {
    "no MODEL": lambda name: Path(name).write_text(CELL + ATOMS + "END\n"),
    "one MODEL": lambda name: Path(name).write_text(CELL + model(1) + "END\n"),
    "two": lambda name: Path(name).write_text(CELL + model(1) + model(2) + "END\n"),
    "two, written by MDAnalysis": written_by_mdanalysis,
}
READERS = {
    "ASE": with_ase,
    "MDAnalysis": with_mdanalysis,
    "chemfiles": with_chemfiles,
    "mdtraj": with_mdtraj,
    "gemmi": with_gemmi,
}
for kind, made in FILES.items():
    made("x.pdb")
    print(f"{kind}:")
    for library, reader in READERS.items():
        frames = ", ".join(f"{atoms} atoms {volume:.1f}" for atoms, volume in reader("x.pdb"))
        print(f"  {library}: {frames}")
print("ASE, the last frame:", len(read("x.pdb")), "atoms")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
no MODEL:
  ASE: 2 atoms 179.4
  MDAnalysis: 2 atoms 179.4
  chemfiles: 2 atoms 179.4
  mdtraj: 2 atoms 179.4
  gemmi: 2 atoms 179.4
one MODEL:
  ASE: 2 atoms 179.4, 0 atoms 0.0
  MDAnalysis: 2 atoms 179.4
  chemfiles: 2 atoms 179.4
  mdtraj: 2 atoms 179.4
  gemmi: 2 atoms 179.4
two:
  ASE: 2 atoms 179.4, 2 atoms 0.0, 0 atoms 0.0
  MDAnalysis: 2 atoms 0.0, 2 atoms 0.0
  chemfiles: 2 atoms 179.4, 2 atoms 0.0
  mdtraj: 2 atoms 179.4, 2 atoms 179.4
  gemmi: 2 atoms 179.4, 2 atoms 179.4
two, written by MDAnalysis:
  ASE: 2 atoms 179.4, 2 atoms 0.0, 0 atoms 0.0
  MDAnalysis: 2 atoms 0.0, 2 atoms 0.0
  chemfiles: 2 atoms 179.4, 2 atoms 0.0
  mdtraj: 2 atoms 179.4, 2 atoms 179.4
  gemmi: 2 atoms 179.4, 2 atoms 179.4
ASE, the last frame: 0 atoms
EXPECTED
