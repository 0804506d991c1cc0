#!/usr/bin/env bash
# The Grüneisen parameter of a crystal is the average of those of its modes, each with its heat capacity and
# with the multiplicity of its q-point (Nath et al. 2017, https://doi.org/10.1016/j.scriptamat.2016.09.034).
#
# pymatgen 2026.10.24, phonon.gruneisen.GruneisenParameter, has average_gruneisen for this, and from it
# thermal_conductivity_slack. Its arrays have "shape: (3*len(structure), len(qpoints))"
# (https://pymatgen.org/pymatgen.phonon.html, gruneisen), and so get_gruneisenparameter makes them of
# phonopy's gruneisen.yaml. The average takes the first index, that of the band, for that of the q-point:
#
# - the first band gets the multiplicity of the first q-point, the second that of the second, and so on. Those
#   of the q-points are not used, and the average depends on the order in which q-points are listed.
# - limit_frequencies="acoustic", "only the acoustic modes, i.e. the first three modes", takes all modes of
#   the first three q-points instead.
#
# No word is said. tdos, of the same class, takes the indices as documented. Where there are fewer q-points
# than bands, the average is an IndexError.
#
# Seen: averages at 300 K over the eight q-points that a mesh of 4 x 4 x 4 has in zinc blende, read from a
# gruneisen.yaml with q-points in three orders. Acoustic modes (2 THz) have 1, 2, 3 ... 8 by q-point, optical
# ones (5 THz) 0.5. Beside them the same by hand. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pymatgen==2026.10.24" "pymatgen-core==2026.10.16" "phonopy==4.10.0"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from pymatgen.core import Lattice, Structure
from pymatgen.io.phonopy import get_gruneisenparameter
from scipy import constants

KELVIN = 300
structure = Structure.from_spacegroup("F-43m", Lattice.cubic(5.65), ["Ga", "As"], [[0, 0, 0], [0.25] * 3])
structure = structure.get_primitive_structure()
structure.to(filename="POSCAR")


# multiplicity, frequencies (THz) and Grüneisen parameters of each q-point
POINTS = [
    (multiplicity, [2.0] * 3 + [5.0] * 3, [i + 1.0] * 3 + [0.5] * 3)
    for i, multiplicity in enumerate((1, 8, 4, 6, 24, 12, 3, 6))
]


def yaml(points):
    lines = ["phonon:"]
    for i, (multiplicity, frequencies, gammas) in enumerate(points):
        lines += [f"- q-position: [ {i / 8}, 0.0, 0.0 ]", f"  multiplicity: {multiplicity}", "  band:"]
        for f, g in zip(frequencies, gammas):
            lines += ["  - gruneisen: %s" % g, "    frequency: %s" % f]
    return "\n".join(lines) + "\n"


def by_hand(points, modes):
    weights = gammas = 0.0
    for multiplicity, frequencies, values in points:
        x = constants.h * 1e12 * np.array(frequencies[:modes]) / (constants.k * KELVIN)
        capacity = multiplicity * x**2 * np.exp(x) / np.expm1(x) ** 2
        weights += capacity.sum()
        gammas += (capacity * np.array(values[:modes])).sum()
    return gammas / weights


ORDERS = {"as phonopy": range(8), "reversed": range(7, -1, -1), "by multiplicity": (4, 5, 1, 3, 7, 2, 6, 0)}
for name, order in ORDERS.items():
    points = [POINTS[i] for i in order]
    with open("gruneisen.yaml", "w") as file:
        file.write(yaml(points))
    parameter = get_gruneisenparameter("gruneisen.yaml", structure_path="POSCAR")
    told = []
    for limit, modes in ((None, 6), ("acoustic", 3)):
        average = parameter.average_gruneisen(t=KELVIN, squared=False, limit_frequencies=limit)
        told.append(f"{limit or 'all modes'} {average:.2f}, by hand {by_hand(points, modes):.2f}")
    print(f"{name}, shape {parameter.frequencies.shape}:", "; ".join(told))
PYTHON
diff "$folder/seen" - <<'EXPECTED'
as phonopy, shape (6, 8): all modes 1.48, by hand 2.75; acoustic 0.87, by hand 4.91
reversed, shape (6, 8): all modes 2.07, by hand 2.75; acoustic 3.05, by hand 4.91
by multiplicity, shape (6, 8): all modes 3.47, by hand 2.75; acoustic 3.34, by hand 4.91
EXPECTED
