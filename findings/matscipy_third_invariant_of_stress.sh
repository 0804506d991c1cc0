#!/usr/bin/env bash
# The invariants of a stress are the same in all axes. The third one of its deviator, J3, is a determinant
# (https://en.wikipedia.org/wiki/Cauchy_stress_tensor). With the second it makes the Lode angle, which tells
# tension from shear and from compression, and decides in many a criterion where a glass or a crystal yields.
#
# matscipy 1.3.1, elasticity.invariants, is to return "hydrostatic pressure, octahedral shear stress and J3"
# (https://libatoms.github.io/matscipy/, elasticity). In the determinant it has the square of yz with zz, that
# of xz with xx and that of xy with yy, where it is the axis that is not in the shear, xx with yz and so on.
# J3 changes as the crystal is turned, in size and sign, and is right only where there is no shear (or where
# it does not matter by chance). Pressure and octahedral stress are right. No word is said. pymatgen
# 2026.10.24, Stress.dev_principal_invariants, is right.
#
# Seen: of a stress of 1, 2 and 4 along its axes, turned about x, and of two others. Exits non-zero if any
# line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "matscipy==1.3.1" "pymatgen==2026.10.24" "scipy==1.17.1"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from matscipy.elasticity import full_3x3_to_Voigt_6_stress, invariants
from pymatgen.core.elasticity import Stress
from scipy.spatial.transform import Rotation


def turned(degrees):
    turn = Rotation.from_euler("x", degrees, degrees=True).as_matrix()
    return turn @ np.diag([1.0, 2.0, 4.0]) @ turn.T


CASES = {f"turned by {degrees}°": turned(degrees) for degrees in (0, 30, 45, 90)}
CASES["shear yz"] = np.array([[0, 0, 0], [0, 0, 1], [0, 1, 0]])
CASES["shear yz, with x"] = np.array([[2, 0, 0], [0, -1, 1], [0, 1, -1]])
for name, stress in CASES.items():
    pressure, octahedral, third = np.ravel(invariants(full_3x3_to_Voigt_6_stress(stress)))
    deviator = stress - np.trace(stress) / 3 * np.eye(3)
    print(
        f"{name}: pressure {pressure + 0.0:.2f}, octahedral {octahedral:.2f}, J3 {third + 0.0:.2f}; "
        f"pymatgen {round(Stress(stress).dev_principal_invariants[2], 2) + 0.0:.2f}, "
        f"determinant {round(np.linalg.det(deviator), 2) + 0.0:.2f}"
    )
PYTHON
diff "$folder/seen" - <<'EXPECTED'
turned by 0°: pressure -2.33, octahedral 1.25, J3 0.74; pymatgen 0.74, determinant 0.74
turned by 30°: pressure -2.33, octahedral 1.25, J3 -1.13; pymatgen 0.74, determinant 0.74
turned by 45°: pressure -2.33, octahedral 1.25, J3 -1.26; pymatgen 0.74, determinant 0.74
turned by 90°: pressure -2.33, octahedral 1.25, J3 0.74; pymatgen 0.74, determinant 0.74
shear yz: pressure 0.00, octahedral 0.82, J3 0.00; pymatgen 0.00, determinant 0.00
shear yz, with x: pressure 0.00, octahedral 1.63, J3 3.00; pymatgen 0.00, determinant 0.00
EXPECTED
