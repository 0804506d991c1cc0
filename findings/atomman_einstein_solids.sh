#!/usr/bin/env bash
# In an Einstein solid all atoms vibrate with one frequency, told as a temperature: theta. Free energies of
# solids are integrated from it. atomman 1.5.4, thermo.EinsteinSolid, has the enthalpy H(T), Gibbs free energy
# G(T) and heat capacity Cv(T), T being "array-like ... The temperatures at which to evaluate"
# (https://github.com/usnistgov/atomman/blob/master/atomman/thermo/EinsteinSolid.py).
#
# All three are of the type of T. At 300. K the enthalpy of an atom is -3.49 eV, at 300 K it is -3, and the
# heat capacity, which is 3 k and less, is nothing: of whole temperatures the results are cut to whole eV.
# np.arange(100, 1000, 100), range and numbers without a point are such temperatures. No word is said.
#
# G has the energy of the vibrations at 0 K, 3/2 k theta an atom, and H, by the formula that is told with it,
# has not. Either may be what one wants, but not both: at 0 K they are to be the same, and their difference
# over T is the entropy, which is -dG/dT. Here it is not at any temperature, and below zero in the cold.
#
# Seen: eV or eV/K an atom, theta being 240 K and H0 -3.54 eV, and the entropy in k by (H - G)/T, by
# -dG/dT, and by hand. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "atomman==1.5.4" "numpy==2.4.6" "scipy==1.17.1"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from atomman.thermo import EinsteinSolid
from scipy.constants import physical_constants

K = physical_constants["Boltzmann constant in eV/K"][0]
THETA, ENERGY = 240.0, -3.54
SOLID = EinsteinSolid(theta=THETA, H0=ENERGY)


def by_hand(temperature):
    """Energy with and without the vibrations at 0 K, free energy and heat capacity."""
    x = THETA / temperature
    thermal = 3 * K * THETA / np.expm1(x)
    free = ENERGY + 1.5 * K * THETA + 3 * K * temperature * np.log1p(-np.exp(-x))
    capacity = 3 * K * x**2 * np.exp(x) / np.expm1(x) ** 2
    return ENERGY + 1.5 * K * THETA + thermal, ENERGY + thermal, free, capacity


values = by_hand(300.0)
print("by hand at 300 K: H {:.4f}, without that of 0 K {:.4f}, G {:.4f}, Cv {:.6f}".format(*values))
for temperature in (300.0, 300, np.array([300, 600]), np.arange(300.0, 601.0, 300.0)):
    values = (SOLID.H(temperature), SOLID.G(temperature), SOLID.Cv(temperature))
    print(f"atomman at {temperature} K: H {np.round(values[0], 4)}, G {np.round(values[1], 4)}", end=", ")
    print(f"Cv {np.round(values[2], 6)}")
print(f"at 0. K: H {SOLID.H(0.0):.4f}, G {SOLID.G(0.0):.4f}")
for temperature in (50.0, 100.0, 300.0, 1000.0):
    enthalpy, _, free, _ = by_hand(temperature)
    difference = (SOLID.H(temperature) - SOLID.G(temperature)) / temperature
    slope = (SOLID.G(temperature - 0.1) - SOLID.G(temperature + 0.1)) / 0.2
    print(
        f"entropy at {temperature} K: (H - G)/T {difference / K:.2f}, -dG/dT {slope / K:.2f}, "
        f"by hand {(enthalpy - free) / temperature / K:.2f}"
    )
PYTHON
diff "$folder/seen" - <<'EXPECTED'
by hand at 300 K: H -3.4584, without that of 0 K -3.4894, G -3.5552, Cv 0.000245
atomman at 300.0 K: H -3.4894, G -3.5552, Cv 0.000245
atomman at 300 K: H -3, G -3, Cv 0
atomman at [300 600] K: H [-3 -3], G [-3 -3], Cv [0 0]
atomman at [300. 600.] K: H [-3.4894 -3.4138], G [-3.5552 -3.6811], Cv [0.000245 0.000255]
at 0. K: H -3.5400, G -3.5090
entropy at 50.0 K: (H - G)/T -7.06, -dG/dT 0.14, by hand 0.14
entropy at 100.0 K: (H - G)/T -2.60, -dG/dT 1.00, by hand 1.00
entropy at 300.0 K: (H - G)/T 2.55, -dG/dT 3.75, by hand 3.75
entropy at 1000.0 K: (H - G)/T 6.93, -dG/dT 7.29, by hand 7.29
EXPECTED
