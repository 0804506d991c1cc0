#!/usr/bin/env bash
# Atoms that vibrate scatter less into large angles, X-rays, neutrons and electrons alike: the amplitude of
# each has a factor exp(-B s²), s being the sine of the Bragg angle over the wavelength, 1/(2 d), and B the
# Debye-Waller factor of the element, in Å² (https://en.wikipedia.org/wiki/Debye-Waller_factor).
#
# In pymatgen 2026.10.24, XRDCalculator, NDCalculator and TEMCalculator take debye_waller_factors, in the same
# words: "Allows the specification of Debye-Waller factors. Note that these factors are temperature dependent"
# (https://pymatgen.org/pymatgen.analysis.diffraction.html). The first two apply them. TEMCalculator, of
# electrons, stores them and never looks at them: patterns are those of atoms at rest, whatever is given. With
# B of 0.8 Å², as aluminium has it at room temperature, (800) is four times too bright against (200), with 3
# Å², as softer crystals have it, more than two hundred times. No word is said.
#
# Seen: intensities against that of (200), of aluminium along [001], and what exp(-2 B s²) makes of those at
# rest. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pymatgen==2026.10.24"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from pymatgen.analysis.diffraction.neutron import NDCalculator
from pymatgen.analysis.diffraction.tem import TEMCalculator
from pymatgen.analysis.diffraction.xrd import XRDCalculator
from pymatgen.core import Lattice, Structure

aluminium = Structure.from_spacegroup("Fm-3m", Lattice.cubic(4.05), ["Al"], [[0, 0, 0]])
SPOTS = ((2, 0, 0), (2, 2, 0), (4, 0, 0), (6, 0, 0), (8, 0, 0))


def of_electrons(factors):
    pattern = TEMCalculator(debye_waller_factors=factors).get_pattern(aluminium)
    shown = dict(zip(pattern["(hkl)"], pattern["Intensity (norm)"]))
    return np.array([shown[spot] for spot in SPOTS]) / shown[SPOTS[0]]


def of_others(calculator, factors):
    pattern = calculator(wavelength=0.8, debye_waller_factors=factors).get_pattern(aluminium, scaled=False)
    shown = {peak[0]["hkl"]: intensity for peak, intensity in zip(pattern.hkls, pattern.y)}
    return np.array([shown[spot] for spot in SPOTS[:3]]) / shown[SPOTS[0]]


def line(name, values):
    return f"{name}: " + ", ".join(f"{value:.2g}" for value in values)


def damped(rest, b):
    s = np.array([np.linalg.norm(spot) / 4.05 / 2 for spot in SPOTS[: len(rest)]])
    damping = np.exp(-2 * b * s**2)
    return rest * damping / damping[0]


print(f"spots {' '.join(''.join(map(str, spot)) for spot in SPOTS)}")
for b in (0.8, 3.0):
    print(f"B = {b} Å²")
    for name, calculator in (("X-rays", XRDCalculator), ("neutrons", NDCalculator)):
        rest, given = (of_others(calculator, factors) for factors in (None, {"Al": b}))
        print(line(f"  {name}, at rest", rest))
        print(line(f"  {name}, with B", given), line("; by hand", damped(rest, b)), sep="")
    rest, given = (of_electrons(factors) for factors in (None, {"Al": b}))
    print(line("  electrons, at rest", rest))
    print(line("  electrons, with B", given))
    print(line("  electrons, by hand", damped(rest, b)))
PYTHON
diff "$folder/seen" - <<'EXPECTED'
spots 200 220 400 600 800
B = 0.8 Å²
  X-rays, at rest: 1, 0.71, 0.098
  X-rays, with B: 1, 0.64, 0.073; by hand: 1, 0.64, 0.073
  neutrons, at rest: 1, 1, 0.27
  neutrons, with B: 1, 0.93, 0.2; by hand: 1, 0.93, 0.2
  electrons, at rest: 1, 0.39, 0.16, 0.054, 0.021
  electrons, with B: 1, 0.39, 0.16, 0.054, 0.021
  electrons, by hand: 1, 0.35, 0.12, 0.025, 0.0048
B = 3.0 Å²
  X-rays, at rest: 1, 0.71, 0.098
  X-rays, with B: 1, 0.49, 0.033; by hand: 1, 0.49, 0.033
  neutrons, at rest: 1, 1, 0.27
  neutrons, with B: 1, 0.71, 0.089; by hand: 1, 0.71, 0.089
  electrons, at rest: 1, 0.39, 0.16, 0.054, 0.021
  electrons, with B: 1, 0.39, 0.16, 0.054, 0.021
  electrons, by hand: 1, 0.27, 0.054, 0.0029, 8.6e-05
EXPECTED
