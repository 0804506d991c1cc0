#!/usr/bin/env bash
# Of the light that falls on a material a share R is reflected, others are absorbed and transmitted. None is
# negative or larger than one, and what is absorbed depends on the thickness. Im(-1/ε), e2/(e1² + e2²), is the
# energy loss function: it tells of electrons that go through a material, has its peak at the plasma
# frequency, and is no share of anything (https://en.wikipedia.org/wiki/Electron_energy_loss_spectroscopy).
#
# pymatgen 2026.10.24, analysis.optics.DielectricAnalysis, computes "reflectivity (`R`), absorptivity (`L`),
# and transmittance (`T`)" (https://pymatgen.org/pymatgen.analysis.html, optics). Its L is the energy loss
# function, and T what is left, 1 - R - L: of ultraviolet light, aluminium absorbs 2500 % and transmits -2457
# %. Where light is absorbed most, L is next to nothing, since e1 and e2 are large: silicon, at the peak of
# e2, is told to absorb 1 % and to transmit 26 %, however thick. No word is said. R, n and k are right, and
# exp(-4 pi k d/wavelength) is the share that a thickness d lets through.
#
# Seen: shares, in per cent, and the energy loss function, of free electrons (Drude, as in aluminium) and of
# one oscillator (Lorentz, as in silicon). Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pymatgen==2026.10.24"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from pymatgen.analysis.optics import DielectricAnalysis
from scipy import constants


def aluminium(energy):
    return 1 - 15.0**2 / (energy * (energy + 0.6j))


def silicon(energy):
    return 1 + 11 * 3.7**2 / (3.7**2 - energy**2 - 0.5j * energy)


for model, energies in ((aluminium, [2, 10, 14, 15, 16]), (silicon, [2, 3.7, 10, 14])):
    for energy in energies:
        eps = model(energy)
        shares = DielectricAnalysis([energy], [[eps.real]], [[eps.imag]])
        wavelength = constants.h * constants.c / constants.e / energy
        through = np.exp(-4 * np.pi * shares.k[0, 0] / wavelength * 1e-6)
        print(
            f"{model.__name__}, {energy} eV: R {100 * shares.R[0, 0]:.0f}, L {100 * shares.L[0, 0]:.0f}, "
            f"T {100 * shares.T[0, 0]:.0f} %; Im(-1/eps) {(-1 / eps).imag:.2f}; "
            f"of what enters, 1 µm lets through {100 * through:.0f} %"
        )
PYTHON
diff "$folder/seen" - <<'EXPECTED'
aluminium, 2 eV: R 92, L 1, T 7 %; Im(-1/eps) 0.01; of what enters, 1 µm lets through 0 %
aluminium, 10 eV: R 90, L 9, T 2 %; Im(-1/eps) 0.09; of what enters, 1 µm lets through 0 %
aluminium, 14 eV: R 80, L 207, T -188 %; Im(-1/eps) 2.07; of what enters, 1 µm lets through 0 %
aluminium, 15 eV: R 57, L 2500, T -2457 %; Im(-1/eps) 25.00; of what enters, 1 µm lets through 0 %
aluminium, 16 eV: R 23, L 205, T -128 %; Im(-1/eps) 2.05; of what enters, 1 µm lets through 0 %
silicon, 2 eV: R 37, L 1, T 63 %; Im(-1/eps) 0.01; of what enters, 1 µm lets through 2 %
silicon, 3.7 eV: R 73, L 1, T 26 %; Im(-1/eps) 0.01; of what enters, 1 µm lets through 0 %
silicon, 10 eV: R 87, L 18, T -6 %; Im(-1/eps) 0.18; of what enters, 1 µm lets through 0 %
silicon, 14 eV: R 17, L 100, T -17 %; Im(-1/eps) 1.00; of what enters, 1 µm lets through 0 %
EXPECTED
