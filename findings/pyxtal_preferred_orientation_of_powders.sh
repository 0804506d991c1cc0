#!/usr/bin/env bash
# Platelets in a powder lie flat, and lines of the planes along them become stronger, lines of planes across
# them weaker. The factor of March and Dollase (J. Appl. Cryst. 19, 267) depends on the angle between the
# normal of the planes and the axis of the texture. Of 002 and 004 it is the same, whichever the axis is: they
# are parallel.
#
# pyxtal 1.1.5, XRD, "whether to use preferred orientation", "the march parameter for preferred orientation"
# (docstring), takes the Bragg angle instead, and no axis. A line is changed by its place in the pattern
# alone, 00l and hk0 alike. Of platelets the first lines become stronger, whichever they are, and the higher
# orders of the strongest fall behind. No word is said.
#
# Seen: of molybdenite, MoS2, with r = 0.6, by what the texture multiplies each line up to 62°, and the factor
# by hand, of the angle to c and of the Bragg angle. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pyxtal==1.1.5" "ase==3.29.0"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase.spacegroup import crystal
from pyxtal.XRD import XRD

MARCH = 0.6
SITES = [(1 / 3, 2 / 3, 0.25), (1 / 3, 2 / 3, 0.621)]
molybdenite = crystal(["Mo", "S"], SITES, spacegroup=194, cellpar=[3.16, 3.16, 12.29, 90, 90, 120])


def factor(angle):
    return (MARCH**2 * np.cos(angle) ** 2 + np.sin(angle) ** 2 / MARCH) ** -1.5


plain = XRD(molybdenite, thetas=[0, 62])
textured = XRD(molybdenite, thetas=[0, 62], preferred_orientation=True, march_parameter=MARCH)
for place, labels in enumerate(plain.hkl_labels):
    indices = labels[0]["hkl"]
    normal = indices @ molybdenite.cell.reciprocal()[:]
    from_axis = np.arccos(min(1, abs(normal[2]) / np.linalg.norm(normal)))
    change = textured.xrd_intensity[place] / plain.xrd_intensity[place]
    bragg = factor(np.radians(plain.theta2[place] / 2))
    print(
        f"{' '.join(str(index) for index in indices)} at {plain.theta2[place]:.1f}°: {change:.2f}; "
        f"of the angle to c, {np.degrees(from_axis):.0f}°, {factor(from_axis):.2f}; "
        f"of the Bragg angle {bragg:.2f}"
    )
PYTHON
diff "$folder/seen" - <<'EXPECTED'
0 0 2 at 14.4°: 4.26; of the angle to c, 0°, 4.63; of the Bragg angle 4.26
0 0 4 at 29.1°: 3.40; of the angle to c, 0°, 4.63; of the Bragg angle 3.40
1 0 0 at 32.7°: 3.17; of the angle to c, 90°, 0.46; of the Bragg angle 3.17
1 0 1 at 33.5°: 3.12; of the angle to c, 77°, 0.49; of the Bragg angle 3.12
1 0 2 at 35.9°: 2.97; of the angle to c, 66°, 0.57; of the Bragg angle 2.97
1 0 3 at 39.6°: 2.75; of the angle to c, 56°, 0.70; of the Bragg angle 2.75
0 0 6 at 44.2°: 2.48; of the angle to c, 0°, 4.63; of the Bragg angle 2.48
1 0 4 at 44.3°: 2.48; of the angle to c, 48°, 0.88; of the Bragg angle 2.48
1 0 5 at 49.9°: 2.19; of the angle to c, 42°, 1.09; of the Bragg angle 2.19
1 0 6 at 56.1°: 1.91; of the angle to c, 37°, 1.32; of the Bragg angle 1.91
2 -1 0 at 58.4°: 1.82; of the angle to c, 90°, 0.46; of the Bragg angle 1.82
0 0 8 at 60.2°: 1.75; of the angle to c, 0°, 4.63; of the Bragg angle 1.75
2 -1 2 at 60.5°: 1.74; of the angle to c, 76°, 0.50; of the Bragg angle 1.74
EXPECTED
