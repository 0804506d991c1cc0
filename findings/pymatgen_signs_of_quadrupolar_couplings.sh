#!/usr/bin/env bash
# A nucleus with a quadrupole moment Q in an electric field gradient with the principal value V_zz has the
# coupling constant C_q = e Q V_zz/h, e being the elementary charge, which is positive
# (https://vasp.at/wiki/LEFG). Its sign is that of Q times that of V_zz.
#
# pymatgen 2026.10.24, analysis.nmr.ElectricFieldGradient.coupling_constant, states the same formula, and "e:
# elementary proton charge" (https://pymatgen.org/pymatgen.analysis.html#module-pymatgen.analysis.nmr). It
# takes -1.602e-19 C for it. All coupling constants have the wrong sign: aluminium, with a positive Q, and
# chlorine, with a negative one, are taken for each other's kind. The magnitudes are right. No word is said.
#
# Seen: C_q, MHz, for V_zz of 10 V/Å², from pymatgen, and by the formula with the moments (mb) that pymatgen
# itself has. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pymatgen==2026.10.24"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from pymatgen.analysis.nmr import ElectricFieldGradient
from pymatgen.core import Species
from scipy import constants

BARN = 1e-28
for v_zz in (10.0, -10.0):
    gradient = ElectricFieldGradient([-0.3 * v_zz, -0.7 * v_zz, v_zz])
    for isotope in ("Al-27", "Na-23", "O-17", "Cl-35", "Li-7"):
        moment = float(Species(isotope.split("-")[0]).get_nmr_quadrupole_moment(isotope))
        by_hand = constants.e * moment * 1e-3 * BARN * gradient.V_zz * 1e20 / constants.h / 1e6
        print(
            f"V_zz {gradient.V_zz:.0f}, {isotope}, Q {moment:.1f}: "
            f"pymatgen {float(gradient.coupling_constant(isotope)):.2f}, by hand {by_hand:.2f} MHz"
        )
PYTHON
diff "$folder/seen" - <<'EXPECTED'
V_zz 10, Al-27, Q 146.6: pymatgen -3.54, by hand 3.54 MHz
V_zz 10, Na-23, Q 104.1: pymatgen -2.52, by hand 2.52 MHz
V_zz 10, O-17, Q -25.6: pymatgen 0.62, by hand -0.62 MHz
V_zz 10, Cl-35, Q -81.7: pymatgen 1.97, by hand -1.97 MHz
V_zz 10, Li-7, Q -40.1: pymatgen 0.97, by hand -0.97 MHz
V_zz -10, Al-27, Q 146.6: pymatgen 3.54, by hand -3.54 MHz
V_zz -10, Na-23, Q 104.1: pymatgen 2.52, by hand -2.52 MHz
V_zz -10, O-17, Q -25.6: pymatgen -0.62, by hand 0.62 MHz
V_zz -10, Cl-35, Q -81.7: pymatgen -1.97, by hand 1.97 MHz
V_zz -10, Li-7, Q -40.1: pymatgen -0.97, by hand 0.97 MHz
EXPECTED
