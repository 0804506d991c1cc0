#!/usr/bin/env bash
# The spatial correlation of a property of atoms is the mean of its products over the pairs at a distance. At
# no distance it is the mean square, and of values that have nothing to do with each other it is zero
# everywhere else. matscipy 1.3.1, spatial_correlation_function, puts the values on a grid of about 1 Å and
# correlates by Fourier transform (https://libatoms.github.io/matscipy/, spatial_correlation_function).
#
# Where the number of grid points along an axis is odd, the correlations are moved by one point against the
# distances that are told for them (by numpy.fft.ifftshift, which undoes fftshift and is the same for even
# numbers only, https://numpy.org/doc/stable/reference/generated/numpy.fft.ifftshift.html). The correlation of
# each value with itself is told for 1.7 Å, and thinned by the eight corners that are so far away. Of a wave
# along x, all correlations are multiplied by the cosine of its phase from one grid point to the next. A cell
# of 20 Å is right, one of 21 Å is not. No word is said.
#
# Seen: correlation divided by the mean square, by distance, Å, of one atom a grid point: random values, over
# all distances, and a wave, five periods in the cell, along x. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "matscipy==1.3.1" "ase==3.29.0"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from itertools import product

import numpy as np
from ase import Atoms
from matscipy.spatial_correlation_function import spatial_correlation_function

PERIODS = 5


def told(name, pairs):
    print(f"  {name}: " + ", ".join(f"{r:.1f} Å {c + 0.0:.2f}" for r, c in pairs))


def binned(atoms, values, lags, far, bins, dim=None):
    seen, middles = spatial_correlation_function(
        atoms, values, length_cutoff=far, output_gridsize=far / (bins + 0.5), dim=dim
    )
    width = far / bins
    assert len(seen) == bins and np.allclose(middles, width * (np.arange(bins) + 0.5))
    chosen = [int(lag / width) for lag in lags]
    return list(zip(lags, np.round(seen[chosen] / np.mean(values**2), 2)))


def by_hand(values, squared, axes):
    """Mean over all moves of the grid along these axes that are so long."""
    moves = [move for move in product(range(-2, 3), repeat=axes) if np.dot(move, move) == squared]
    moved = [np.roll(values, move, range(axes)) for move in moves]
    return round(np.mean(values * np.array(moved)) / np.mean(values**2), 2)


for size in (20, 21, 40, 41):
    places = np.indices((size,) * 3).reshape(3, -1).T + 0.5
    atoms = Atoms(f"H{size**3}", places, cell=[size] * 3, pbc=True)
    print(f"{size} Å")

    values = np.random.default_rng(0).normal(size=size**3)
    lags = np.sqrt(range(4))
    told("random, matscipy", binned(atoms, values, lags, far=1.95, bins=5))
    told("random, by hand", [(lag, by_hand(values.reshape((size,) * 3), round(lag**2), 3)) for lag in lags])

    values = np.cos(2 * np.pi * PERIODS * places[:, 0] / size)
    told("wave, matscipy", binned(atoms, values, [0, 1, 2], far=2.8, bins=8, dim=0))
    told("wave, by hand", [(lag, by_hand(values.reshape((size,) * 3), lag**2, 1)) for lag in range(3)])
PYTHON
diff "$folder/seen" - <<'EXPECTED'
20 Å
  random, matscipy: 0.0 Å 1.00, 1.0 Å 0.00, 1.4 Å 0.00, 1.7 Å -0.01
  random, by hand: 0.0 Å 1.00, 1.0 Å 0.00, 1.4 Å 0.00, 1.7 Å -0.01
  wave, matscipy: 0.0 Å 1.00, 1.0 Å 0.00, 2.0 Å -1.00
  wave, by hand: 0.0 Å 1.00, 1.0 Å 0.00, 2.0 Å -1.00
21 Å
  random, matscipy: 0.0 Å -0.01, 1.0 Å 0.00, 1.4 Å 0.00, 1.7 Å 0.12
  random, by hand: 0.0 Å 1.00, 1.0 Å 0.00, 1.4 Å 0.00, 1.7 Å 0.00
  wave, matscipy: 0.0 Å 0.07, 1.0 Å 0.01, 2.0 Å -0.07
  wave, by hand: 0.0 Å 1.00, 1.0 Å 0.07, 2.0 Å -0.99
40 Å
  random, matscipy: 0.0 Å 1.00, 1.0 Å 0.00, 1.4 Å 0.00, 1.7 Å 0.00
  random, by hand: 0.0 Å 1.00, 1.0 Å 0.00, 1.4 Å 0.00, 1.7 Å 0.00
  wave, matscipy: 0.0 Å 1.00, 1.0 Å 0.71, 2.0 Å 0.00
  wave, by hand: 0.0 Å 1.00, 1.0 Å 0.71, 2.0 Å 0.00
41 Å
  random, matscipy: 0.0 Å 0.00, 1.0 Å 0.00, 1.4 Å 0.00, 1.7 Å 0.13
  random, by hand: 0.0 Å 1.00, 1.0 Å 0.00, 1.4 Å 0.00, 1.7 Å 0.00
  wave, matscipy: 0.0 Å 0.72, 1.0 Å 0.52, 2.0 Å 0.03
  wave, by hand: 0.0 Å 1.00, 1.0 Å 0.72, 2.0 Å 0.04
EXPECTED
