#!/usr/bin/env bash
# In hexagonal crystals planes and directions have four indices. Of a plane (h k i l) the third is -(h + k),
# redundant; a direction [u v t w] is [u - t, v - t, w] along the three axes, so that a is [2 -1 -1 0] and
# not [2 -1 0], which is another direction (https://en.wikipedia.org/wiki/Miller_index).
#
# matscipy 1.3.1, surface.MillerIndex, a "representation of a three of four index Miller direction or plane",
# has as4 and as3 for the one from the other. as4 makes -(h + l) of the third: the basal plane (001), which
# is (0001), becomes 0 0 -1 1, and only planes with k = l are right. The type is lost, too, and a plane is
# printed as a direction. as3 leaves out the third index of directions as well, and as4 takes those for
# planes. No word is said. atomman 1.5.4, tools.miller, is right.
#
# Seen: indices of planes and directions, of atomman without common factors. Exits non-zero if any line
# differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "matscipy==1.3.1" "atomman==1.5.4" "numpy==2.4.6"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from atomman.tools import miller
from matscipy.surface import MillerDirection, MillerPlane


def whole(indices):
    numbers = np.round(3 * np.asarray(indices)).astype(int)
    return " ".join(str(number) for number in numbers // np.gcd.reduce(numbers))


def as_told(index):
    return f"{' '.join(f'{number:.0f}' for number in np.asarray(index) + 0.0)}, printed {index}"


for name in ("100", "010", "001", "110", "1-10", "011", "101"):
    plane = MillerPlane(name)
    print(f"plane {plane}, as four: {as_told(plane.as4())}; atomman {whole(miller.plane3to4(plane))}")
for name in ("100", "001", "110", "1-10"):
    line = MillerDirection(name)
    print(f"direction {line}, as four: {as_told(line.as4())}; atomman {whole(miller.vector3to4(line))}")
for name in ("2-1-10", "11-20", "10-10", "0001"):
    line = MillerDirection(name)
    print(f"direction {line}, as three: {as_told(line.as3())}; atomman {whole(miller.vector4to3(line))}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
plane (100), as four: 1 0 -1 0, printed [10-10]; atomman 1 0 -1 0
plane (010), as four: 0 1 0 0, printed [0100]; atomman 0 1 -1 0
plane (001), as four: 0 0 -1 1, printed [00-11]; atomman 0 0 0 1
plane (110), as four: 1 1 -1 0, printed [11-10]; atomman 1 1 -2 0
plane (1-10), as four: 1 -1 -1 0, printed [1-1-10]; atomman 1 -1 0 0
plane (011), as four: 0 1 -1 1, printed [01-11]; atomman 0 1 -1 1
plane (101), as four: 1 0 -2 1, printed [10-21]; atomman 1 0 -1 1
direction [100], as four: 1 0 -1 0, printed [10-10]; atomman 2 -1 -1 0
direction [001], as four: 0 0 -1 1, printed [00-11]; atomman 0 0 0 1
direction [110], as four: 1 1 -1 0, printed [11-10]; atomman 1 1 -2 0
direction [1-10], as four: 1 -1 -1 0, printed [1-1-10]; atomman 1 -1 0 0
direction [2-1-10], as three: 2 -1 0, printed [2-10]; atomman 1 0 0
direction [11-20], as three: 1 1 0, printed [110]; atomman 1 1 0
direction [10-10], as three: 1 0 0, printed [100]; atomman 2 1 0
direction [0001], as three: 0 0 1, printed [001]; atomman 0 0 1
EXPECTED
