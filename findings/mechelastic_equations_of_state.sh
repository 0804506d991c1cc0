#!/usr/bin/env bash
# An equation of state fitted to energies at some volumes tells the bulk modulus B and its derivative by
# pressure, B', which is 3 to 6 for most crystals, since these get stiffer as they are compressed. That of
# Birch and Murnaghan, of third order, is a polynomial in (V0 / V)^(2/3)
# (https://en.wikipedia.org/wiki/Birch%E2%80%93Murnaghan_equation_of_state).
#
# MechElastic 1.2.29, eos.EOS.plot_eos, fits four equations.
#
# - Its Birch-Murnaghan has V / V0 in place of V0 / V, as Eq. 3 of Phys. Rev. B 70, 224107, which it cites,
#   has by a misprint (so says a comment in ASE's ase/eos.py). Near V0 what it calls B' is 4 - B', over wider
#   ranges still less: a crystal that gets softer under pressure. B, V0, pressures and the curves that are
#   plotted are a little off with it. Under the name of Birch it has the same equation, the ratio the right
#   way up.
# - The coefficients are printed under the heading "B0 (GPa)", and are eV/Å³: 160 times too small. (Pressures
#   are in GPa.)
#
# No word is said. ASE 3.29.0 and pymatgen 2026.10.24 are right in both.
#
# Seen: B, GPa, B' and the pressure at the least volume, GPa, of volumes and energies that are exactly those
# of a Birch-Murnaghan equation, and of copper in ASE's EMT, where the pressure is known from its stress; at
# last what is printed. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "MechElastic==1.2.29" "ase==3.29.0" "pymatgen==2026.10.24" \
    "matplotlib==3.10.9" "numpy==2.4.6" "scipy==1.17.1" "spglib==2.8.0"
cd "$folder"
MPLBACKEND=Agg "$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import contextlib
import io
import logging

import numpy as np
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.eos import EquationOfState
from ase.units import GPa
from mechelastic.eos import EOS
from pymatgen.analysis.eos import EOS as EOSOfPymatgen

logging.getLogger("matplotlib.font_manager").disabled = True
RATIOS = np.linspace(0.8, 1.08, 15)


def made(modulus=100.0, derivative=4.5, volume=40.0):
    """Birch and Murnaghan's energies, and their pressure at the least volume."""
    x = RATIOS ** (-2 / 3)
    energies = 9 / 16 * volume * modulus * GPa * ((x - 1) ** 3 * derivative + (x - 1) ** 2 * (6 - 4 * x))
    factor = 1 + 3 / 4 * (derivative - 4) * (x - 1)
    return RATIOS * volume, energies, (1.5 * modulus * (x**3.5 - x**2.5) * factor)[0]


def copper(constant=3.59):
    volumes, energies, pressures = [], [], []
    for ratio in RATIOS:
        atoms = bulk("Cu", a=constant * ratio ** (1 / 3))
        atoms.calc = EMT()
        volumes.append(atoms.get_volume())
        energies.append(atoms.get_potential_energy())
        pressures.append(-atoms.get_stress()[:3].mean() / GPa)
    return np.array(volumes), np.array(energies), pressures[0]


def told(name, modulus, derivative, pressure):
    print(f"  {name}: B {modulus:.1f}, B' {derivative:.2f}, pressure {pressure:.1f}")


def of_ase(volumes, energies):
    fit = EquationOfState(volumes, energies, eos="birchmurnaghan")
    fit.fit()
    step = np.array([-1e-3, 1e-3])
    pressure = -np.diff(fit.func(volumes[0] + step, *fit.eos_parameters))[0] / 2e-3 / GPa
    return fit.eos_parameters[1] / GPa, fit.eos_parameters[2], pressure


def of_pymatgen(volumes, energies):
    fit = EOSOfPymatgen("birch_murnaghan").fit(volumes, energies)
    pressure = -np.diff(fit.func(volumes[0] + np.array([-1e-3, 1e-3])))[0] / 2e-3 / GPa
    return fit.b0_GPa, fit.b1, pressure


def of_mechelastic(volumes, energies):
    np.savetxt("energies.dat", np.column_stack([volumes, energies]))
    eos, printed = EOS(), io.StringIO()
    with contextlib.redirect_stdout(printed):
        eos.plot_eos(infile="energies.dat", eostype="energy", export=False)
    return eos, printed.getvalue().splitlines()


for name, (volumes, energies, pressure) in {"made": made(), "copper": copper()}.items():
    print(f"{name}: pressure {pressure:.1f}")
    told("ASE, Birch-Murnaghan", *of_ase(volumes, energies))
    told("pymatgen, Birch-Murnaghan", *of_pymatgen(volumes, energies))
    eos, printed = of_mechelastic(volumes, energies)
    for model in ("birch", "birch_murnaghan"):
        energy, modulus, derivative, volume = getattr(eos, f"eos_{model}_fitted").x
        title = model.title().replace("_", "-")
        told(f"MechElastic, {title}", modulus / GPa, derivative, getattr(eos, f"P_{model}")[0])
print(printed[0])
print(*(line for line in printed if line.startswith("Birch") and "MSE" not in line), sep="\n")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
made: pressure 37.0
  ASE, Birch-Murnaghan: B 100.0, B' 4.50, pressure 37.0
  pymatgen, Birch-Murnaghan: B 100.0, B' 4.50, pressure 37.0
  MechElastic, Birch: B 100.0, B' 4.50, pressure 37.0
  MechElastic, Birch-Murnaghan: B 99.3, B' -2.22, pressure 36.1
copper: pressure 46.7
  ASE, Birch-Murnaghan: B 134.1, B' 3.85, pressure 46.0
  pymatgen, Birch-Murnaghan: B 134.1, B' 3.85, pressure 46.0
  MechElastic, Birch: B 134.1, B' 3.85, pressure 46.0
  MechElastic, Birch-Murnaghan: B 133.4, B' -1.06, pressure 45.2
Fitting coefficients [E0 (eV), B0 (GPa), Bp (GPa), V0 (Anstroms^3)]
Birch : [-0.007  0.837  3.847  11.569]
Birch-Murnaghan : [-0.007  0.833 -1.059  11.556]
EXPECTED
