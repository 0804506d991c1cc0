#!/usr/bin/env bash
# In an XSF file, a datagrid has a number of points along each spanning vector, the first at its beginning and
# the last at its end. In a crystal both are the same point: a density with n points to the cell is written as
# n + 1, spanning the cell ("General vs. Periodic grids" in http://www.xcrysden.org/doc/XSF.html), or as n
# that span (n - 1)/n of it. abipy 1.0.0 does the former.
#
# - ASE 3.29.0, write("name.xsf", atoms, data=density), writes the n points with vectors that are (n + 1)/n of
#   the cell. A comment in the source doubts it: "What's with the strange division?" The density is stretched
#   by (n + 1)/(n - 1) against the atoms, by 10 % with 21 points, from the origin on.
# - sisl 0.20.0, Grid.write, writes the n points with the vectors of the cell: stretched by n/(n - 1).
#
# No word is said. In programs that read such files the maxima of a density are beside the atoms. In ASE alone
# the error does not show, since data come back as they were. The .cube of the same density is right in both.
#
# Seen: of densities that have their maximum at an atom, how far from it (Å) the maximum is in the file, for
# an atom in the middle of a cell of 8 Å and one near its far corner, by the number of points. Exits non-zero
# if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "sisl==0.20.0" "abipy==1.0.0" "pymatgen==2026.10.24" \
    "pymatgen-core==2026.10.16"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
import sisl
from abipy.iotools.xsf import xsf_write_structure_and_data_to_path
from ase import Atoms
from ase.io import write
from ase.io.cube import read_cube_data
from pymatgen.core import Structure

EDGE = 8.0


def grid_of_xsf(name):
    """Number of points, origin, vectors and values as the specification says."""
    with open(name) as file:
        lines = [line.split() for line in file if line.split()]
    start = next(i for i, line in enumerate(lines) if line[0].startswith("BEGIN_DATAGRID_3D"))
    end = next(i for i, line in enumerate(lines) if line[0].startswith("END_DATAGRID_3D"))
    shape = [int(x) for x in lines[start + 1]]
    origin, *vectors = np.array([[float(x) for x in line] for line in lines[start + 2 : start + 6]])
    values = np.array([float(x) for line in lines[start + 6 : end] for x in line])
    return np.array(shape), origin, np.array(vectors), values.reshape(shape, order="F")


def off(name, atom):
    shape, origin, vectors, values = grid_of_xsf(name)
    point = np.array(np.unravel_index(values.argmax(), values.shape))
    return np.linalg.norm(origin + point / (shape - 1) @ vectors - atom)


def off_in_cube(atom):
    data, atoms = read_cube_data("a.cube")
    point = np.array(np.unravel_index(data.argmax(), data.shape))
    return np.linalg.norm(point / data.shape @ atoms.cell - atom)


for points in (20, 40, 80):
    for where, fraction in (("middle", 0.5), ("corner", 0.9)):
        atom = np.full(3, EDGE * fraction)
        fractions = np.stack(np.meshgrid(*[np.arange(points) / points] * 3, indexing="ij"), axis=-1)
        away = fractions - fraction
        density = np.exp(-((EDGE * (away - np.rint(away))) ** 2).sum(axis=-1))
        atoms = Atoms("H", positions=[atom], cell=[EDGE] * 3, pbc=True)
        write("ase.xsf", atoms, data=density)
        write("a.cube", atoms, data=density)
        grid = sisl.Grid([points] * 3, geometry=sisl.Geometry([atom], "H", lattice=[EDGE] * 3))
        grid.grid[...] = density
        grid.write("sisl.xsf")
        structure = Structure(np.diag([EDGE] * 3), ["H"], [[fraction] * 3])
        xsf_write_structure_and_data_to_path("abipy.xsf", structure, density)
        told = ", ".join(f"{name} {off(f'{name}.xsf', atom):.2f}" for name in ("ase", "sisl", "abipy"))
        print(f"{points} points, {where}: {told}, cube {off_in_cube(atom):.2f}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
20 points, middle: ase 0.73, sisl 0.36, abipy 0.00, cube 0.00
20 points, corner: ase 1.31, sisl 0.66, abipy 0.00, cube 0.00
40 points, middle: ase 0.36, sisl 0.18, abipy 0.00, cube 0.00
40 points, corner: ase 0.64, sisl 0.32, abipy 0.00, cube 0.00
80 points, middle: ase 0.18, sisl 0.09, abipy 0.00, cube 0.00
80 points, corner: ase 0.32, sisl 0.16, abipy 0.00, cube 0.00
EXPECTED
