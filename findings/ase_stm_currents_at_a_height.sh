#!/usr/bin/env bash
# ase.dft.stm.STM (ASE 3.29.0) makes images as a scanning tunnelling microscope sees them, of the local
# density of states n above a surface, from which the current is 5000 n² nA if n is in 1/Å³ (Hofer et al.,
# https://doi.org/10.1103/RevModPhys.75.1287). Heights are told in Å. scan tells the heights at which n has a
# given value, scan2 is a "constant height 2-d scan", pointcurrent the "current for a single x, y, z
# position", and sts the "dI/dV curve for position x, y at height z" (https://ase-lib.org/ase/dft/stm.html).
# A tutorial calls scan and scan2 for the same surface of aluminium at z = 8 Å
# (https://wiki.fysik.dtu.dk/gpaw/tutorialsexercises/electronic/stm/stm.html).
#
# scan and get_averaged_current are right. Without a word,
#
# - scan2 makes the height the number of a grid point, takes that for a height in Å again, and what it gets
#   modulo the length of the cell. So it tells the current somewhere else, farther out, inside the slab or
#   behind it. Of the same surface on another grid it is another one.
# - pointcurrent weights the values around the position so that the weights add up to three, not one: at a
#   grid point the current is nine times too large, and it jumps from one to the next. The curves of sts are
#   made of it.
# - pointcurrent takes x and y over the lengths of the first two vectors for fractions, which they are in
#   rectangular cells only. In a hexagonal one the current is that of another place, and differs between
#   places a lattice vector apart.
#
# Seen: of the aluminium of the tutorial, two layers from 4 to 6.34 Å, with a density that falls as exp(-2
# r/Å) around each atom, currents in nA: by formula, and from ASE. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase.build import fcc111
from ase.calculators.calculator import Calculator
from ase.dft.stm import STM


class Model(Calculator):
    """A density on a grid, as from a calculation."""

    def __init__(self, density):
        super().__init__()
        self.density = density

    def get_pseudo_density(self):
        return self.density


def density(atoms, places):
    """The sum of what decays around the atoms and their images."""
    a, b = atoms.cell[:2]
    images = [x + i * a + j * b for x in atoms.positions for i in range(-5, 6) for j in range(-5, 6)]
    return sum(0.1 * np.exp(-2 * np.linalg.norm(places - image, axis=-1)) for image in images)


def on_grid(atoms, shape):
    grid = np.moveaxis(np.indices(shape), 0, -1) / shape
    return density(atoms, grid @ atoms.cell[:])


aluminium = fcc111("Al", size=(1, 1, 2))
aluminium.center(vacuum=4.0, axis=2)
a, b, c = aluminium.cell[:]
for height in (8.0, 7.5):
    flat = np.moveaxis(np.indices((12, 12)), 0, -1) / 12 @ aluminium.cell[:2] + [0, 0, height]
    currents = 5000 * density(aluminium, flat) ** 2
    print(f"{height} Å, by formula: {currents.min():.2g} to {currents.max():.2g}")
    for points in (40, 48, 52, 60):
        aluminium.calc = Model(on_grid(aluminium, (12, 12, points)))
        stm = STM(aluminium, use_density=True)
        value = stm.get_averaged_current(1.0, height)
        heights, currents = stm.scan(1.0, value)[2], stm.scan2(1.0, height)[2]
        print(
            f"  {points} points: scan at {heights.mean():.2f} Å; "
            f"scan2 {currents.min():.2g} to {currents.max():.2g}"
        )

square = aluminium.copy()
square.set_cell([a, [0, 2.48, 0], c])  # one atom above the other: a rectangular cell, for comparison
for name, atoms in {"rectangular": square, "hexagonal": aluminium}.items():
    atoms.calc = Model(on_grid(atoms, (12, 12, 40)))
    stm = STM(atoms, use_density=True)
    height = 32 / 40 * c[2]
    for label, x, y in (("0", 0, 0), ("a", 1, 0), ("b", 0, 1), ("a/2", 0.5, 0), ("b/2", 0, 0.5)):
        place = x * atoms.cell[0] + y * atoms.cell[1] + [1e-6, 1e-6, height + 1e-6]
        right = 5000 * density(atoms, place) ** 2
        print(f"{name}, at {label}: by formula {right:.3f}, pointcurrent {stm.pointcurrent(1.0, *place):.3f}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
8.0 Å, by formula: 0.047 to 0.1
  40 points: scan at 8.00 Å; scan2 0.00076 to 0.0009
  48 points: scan at 7.99 Å; scan2 0.79 to 15
  52 points: scan at 7.99 Å; scan2 0.0024 to 0.003
  60 points: scan at 7.99 Å; scan2 0.71 to 5.1
7.5 Å, by formula: 0.17 to 0.63
  40 points: scan at 7.47 Å; scan2 0.019 to 0.032
  48 points: scan at 7.47 Å; scan2 0.23 to 1.1
  52 points: scan at 7.46 Å; scan2 0.79 to 14
  60 points: scan at 7.46 Å; scan2 0.0061 to 0.0086
rectangular, at 0: by formula 0.039, pointcurrent 0.353
rectangular, at a: by formula 0.039, pointcurrent 0.353
rectangular, at b: by formula 0.039, pointcurrent 0.353
rectangular, at a/2: by formula 0.022, pointcurrent 0.199
rectangular, at b/2: by formula 0.029, pointcurrent 0.257
hexagonal, at 0: by formula 0.038, pointcurrent 0.341
hexagonal, at a: by formula 0.038, pointcurrent 0.341
hexagonal, at b: by formula 0.038, pointcurrent 0.208
hexagonal, at a/2: by formula 0.023, pointcurrent 0.208
hexagonal, at b/2: by formula 0.023, pointcurrent 0.199
EXPECTED
