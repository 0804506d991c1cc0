#!/usr/bin/env bash
# On the way of a ferroelectric from its nonpolar structure to the polar one the energy falls from a maximum,
# or from a saddle, to a minimum. Maxima are as flat as minima: it is the curvature that tells them apart.
#
# pymatgen 2026.10.24, ferroelectricity.polarization, EnergyTrend.endpoints_minima, is to "test if spline
# endpoints are at minima for a given slope cutoff". It asks for small slopes only. The top of a double well
# is a minimum to it, and so are both ends of a way that leads down from either. The slope is taken by the
# image, not along the way, so that the ends of a straight slope become minima, too, when there are more
# images between the same two structures: some 20 where there is 0.1 eV from end to end. No word is said.
#
# Seen: for energies that differ by 0.1 eV, whether the two ends are at minima, by hand of the slope and the
# curvature. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pymatgen==2026.10.24" "numpy==2.4.6" "scipy==1.17.1"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from numpy.polynomial import Polynomial
from pymatgen.analysis.ferroelectricity.polarization import EnergyTrend

WAYS = {
    "barrier between minima": Polynomial([0, 0, 1.6, -3.2, 1.6]),
    "double well, from its top": Polynomial([0, 0, -0.2, 0, 0.1]),
    "well between maxima": Polynomial([0, 0, -1.6, 3.2, -1.6]),
    "straight slope": Polynomial([0, -0.1]),
}


def is_minimum(way, end):
    return abs(way.deriv()(end)) < 1e-9 and way.deriv(2)(end) > 0


def told(nonpolar, polar):
    return f"nonpolar {'yes' if nonpolar else 'no'}, polar {'yes' if polar else 'no'}"


for name, way in WAYS.items():
    print(f"{name}, by hand: {told(is_minimum(way, 0), is_minimum(way, 1))}")
    for images in (9, 11, 31):
        ends = EnergyTrend(way(np.linspace(0, 1, images))).endpoints_minima()
        print(f"  {images} images: {told(**ends)}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
barrier between minima, by hand: nonpolar yes, polar yes
  9 images: nonpolar yes, polar yes
  11 images: nonpolar yes, polar yes
  31 images: nonpolar yes, polar yes
double well, from its top, by hand: nonpolar no, polar yes
  9 images: nonpolar yes, polar yes
  11 images: nonpolar yes, polar yes
  31 images: nonpolar yes, polar yes
well between maxima, by hand: nonpolar no, polar no
  9 images: nonpolar yes, polar yes
  11 images: nonpolar yes, polar yes
  31 images: nonpolar yes, polar yes
straight slope, by hand: nonpolar no, polar no
  9 images: nonpolar no, polar no
  11 images: nonpolar no, polar no
  31 images: nonpolar yes, polar yes
EXPECTED
