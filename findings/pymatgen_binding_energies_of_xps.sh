#!/usr/bin/env bash
# In photoelectron spectra of solids the binding energy of an electron is counted from the Fermi level
# (https://en.wikipedia.org/wiki/X-ray_photoelectron_spectroscopy). The energies of a calculation have a zero
# of their own, which differs from code to code and cell to cell, and the Fermi level is told beside them.
#
# pymatgen 2026.10.24, analysis.xps.XPS.from_dos, makes "X-ray photoelectron spectra" over an axis called
# "Binding Energy (eV)" (https://pymatgen.org/pymatgen.analysis.html, xps). On it are the energies of the
# density of states with the sign turned round. The Fermi level, which the DOS has with it, is not used: all
# binding energies are wrong by it, and occupied states can have negative ones. The same states with another
# zero of energy make another spectrum. States above the Fermi level are in it, too, though there is no
# electron in them to be seen. No word is said. DosPlotter subtracts the Fermi level (zero_at_efermi).
#
# Seen: by Fermi level, eV, of the same states with three zeros of energy, binding energies and intensities of
# an empty band, 3 eV above it, and of two filled ones, 3 and 9 eV below. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pymatgen==2026.10.24"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from pymatgen.analysis.xps import XPS
from pymatgen.core import Lattice, Structure
from pymatgen.electronic_structure.core import Orbital, Spin
from pymatgen.electronic_structure.dos import CompleteDos, Dos
from scipy.signal import find_peaks

silicon = Structure.from_spacegroup("Fd-3m", Lattice.cubic(5.43), ["Si"], [[0, 0, 0]])


def states(fermi_level):
    """Gaussians at -9 (s), -3 (p) and 3 eV (p, empty) from the Fermi level."""
    energies = np.linspace(-15, 8, 2301)
    s, p, empty = (np.exp(-2 * (energies - middle) ** 2) for middle in (-9, -3, 3))
    projected = {site: {Orbital.s: {Spin.up: s}, Orbital.px: {Spin.up: p + empty}} for site in silicon}
    total = Dos(fermi_level, energies + fermi_level, {Spin.up: len(silicon) * (s + p + empty)})
    return CompleteDos(silicon, total, projected)


for fermi_level in (0.0, 5.6, -3.0):
    spectrum = XPS.from_dos(states(fermi_level))
    order = np.argsort(spectrum.x)
    peaks = order[find_peaks(np.asarray(spectrum.y)[order])[0]]
    told = ", ".join(f"{round(spectrum.x[peak], 1) + 0.0:.1f} ({spectrum.y[peak]:.2f})" for peak in peaks)
    print(f"Fermi level {fermi_level:.1f}: {told}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
Fermi level 0.0: -3.0 (0.17), 3.0 (0.17), 9.0 (1.00)
Fermi level 5.6: -8.6 (0.17), -2.6 (0.17), 3.4 (1.00)
Fermi level -3.0: 0.0 (0.17), 6.0 (0.17), 12.0 (1.00)
EXPECTED
