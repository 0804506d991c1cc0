#!/usr/bin/env bash
# The entropy of a molecule's low vibrations is too large in the harmonic approximation. Grimme (2012) blends
# it, below some 100 1/cm, with that of a free rotor with the moment of inertia h/(8 pi² c v), v being the
# wavenumber, in shares of 1/(1 + (v0/v)⁴) and the rest (https://doi.org/10.1002/chem.201200497, eqs 4 to 8).
#
# pymatgen 2026.10.24, analysis.quasirrho.QuasiRRHO, is to "calculate thermochemistry using Grimme's
# Quasi-RRHO approximation", v0 being the "cutoff frequency for Quasi-RRHO method [1/cm]", 100 by default. In
# both formulae it takes for the wavenumber the vibrational temperature h c v/k, in kelvins, a number that is
# 1.44 times as large. The cutoff is 70 1/cm instead of 100, and the rotors are too light. Entropies are off
# by up to 0.3 cal/mol/K for each mode, too low below 60 1/cm and too high above, and free energies at room
# temperature by 0.1 kcal/mol. Large molecules have many such modes. No word is said. ASE 3.29.0,
# MSRRHOThermo, is right.
#
# Seen: what the approximation changes of the entropy of one mode, cal/mol/K, at 298.15 K, in a molecule with
# ethane's moments of inertia, and by hand, with either for the wavenumber. Exits non-zero if any line
# differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pymatgen==2026.10.24" "ase==3.29.0"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase.build import molecule
from ase.thermochemistry import HarmonicThermo, MSRRHOThermo
from ase.units import _k, invcm, kcal, mol
from pymatgen.analysis.quasirrho import QuasiRRHO
from pymatgen.core import Molecule
from scipy import constants

T, CUTOFF = 298.15, 100.0
ethane = molecule("C2H6")
same = Molecule(ethane.get_chemical_symbols(), ethane.positions)


def of_pymatgen(wavenumber):
    result = QuasiRRHO(same, [wavenumber], energy=0.0, mult=1, temp=T, v0=CUTOFF)
    return result.entropy_quasiRRHO - result.entropy_ho


def of_ase(wavenumber):
    low = MSRRHOThermo([wavenumber * invcm], ethane, tau=CUTOFF).get_entropy(T, verbose=False)
    return 1000 * mol / kcal * (low - HarmonicThermo([wavenumber * invcm]).get_entropy(T, verbose=False))


def by_hand(wavenumber, taken):
    """With what is taken for the wavenumber in eqs 4 and 8."""
    x = constants.h * constants.c * 100 * wavenumber / (constants.k * T)
    harmonic = x / np.expm1(x) - np.log(-np.expm1(-x))
    mean = np.mean(ethane.get_moments_of_inertia()) * constants.atomic_mass * 1e-20
    light = constants.h / (8 * np.pi**2 * constants.c * 100 * taken)
    inertia = light * mean / (light + mean)
    rotor = 0.5 + 0.5 * np.log(8 * np.pi**3 * inertia * constants.k * T / constants.h**2)
    return constants.R / constants.calorie * (rotor - harmonic) / (1 + (taken / CUTOFF) ** 4)


KELVIN = constants.h * constants.c * 100 / constants.k
for v in (10, 20, 30, 50, 70, 100, 150):
    print(
        f"{v} 1/cm: pymatgen {of_pymatgen(v):.2f}, ASE {of_ase(v):.2f}, by hand {by_hand(v, v):.2f}, "
        f"by hand with kelvins {by_hand(v, KELVIN * v):.2f}"
    )
print(f"100 K is {100 / KELVIN:.1f} 1/cm")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
10 1/cm: pymatgen -3.29, ASE -2.95, by hand -2.95, by hand with kelvins -3.29
20 1/cm: pymatgen -2.55, ASE -2.22, by hand -2.22, by hand with kelvins -2.55
30 1/cm: pymatgen -2.09, ASE -1.79, by hand -1.79, by hand with kelvins -2.09
50 1/cm: pymatgen -1.30, ASE -1.22, by hand -1.22, by hand with kelvins -1.30
70 1/cm: pymatgen -0.65, ASE -0.77, by hand -0.77, by hand with kelvins -0.65
100 1/cm: pymatgen -0.18, ASE -0.30, by hand -0.30, by hand with kelvins -0.18
150 1/cm: pymatgen -0.03, ASE -0.04, by hand -0.04, by hand with kelvins -0.03
100 K is 69.5 1/cm
EXPECTED
