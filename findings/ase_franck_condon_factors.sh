#!/usr/bin/env bash
# A molecule whose electrons are excited gets new places of rest. How far these lie along a normal mode is
# told by its Huang-Rhys factor S, and at 0 K the chance to end in its n-th level is exp(-S) S^n/n!. The
# Franck-Condon factor of a line, a set of levels, is the product over all modes, also those that stay at n =
# 0 (https://en.wikipedia.org/wiki/Franck-Condon_principle). All of these factors add up to one.
#
# ase.vibrations.franck_condon.FranckCondon (ASE 3.29.0) has in one list the "FC factors for 0-0 and +-1
# vibrational quantum" (https://ase-lib.org/ase/vibrations/franck_condon.html). That of 0-0 is the product
# over all modes. Those of quanta of one mode are of this mode alone, without the exp(-S) of the others, and
# those of combinations are of their two modes alone. Lines of one mode are too strong by exp(sum of the
# others' S), tenfold where that sum is 2.3, hundredfold where it is 4.6. The ratios of the lines, of which
# spectra are made, are wrong, and the sum exceeds one. For a single mode they are right. Besides, "with
# minfreq and maxfreq frequencies can be excluded", but maxfreq has no effect. No word is said.
#
# Seen: of water held by springs, at 1 K. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from itertools import product
from math import exp, factorial, prod

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.vibrations import Vibrations
from ase.vibrations.franck_condon import FranckCondon

PAIRS = ((0, 1), (0, 2), (1, 2))
STIFFNESS = (50.0, 50.0, 15.0)  # eV/Å²


class Springs(Calculator):
    implemented_properties = ["energy", "forces"]

    def __init__(self, lengths):
        super().__init__()
        self.lengths = lengths

    def calculate(self, atoms=None, properties=None, system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        forces, energy = np.zeros((3, 3)), 0.0
        for (i, j), stiffness, length in zip(PAIRS, STIFFNESS, self.lengths):
            bond = self.atoms.positions[j] - self.atoms.positions[i]
            stretch = np.linalg.norm(bond) - length
            energy += stiffness * stretch**2 / 2
            pull = stiffness * stretch * bond / np.linalg.norm(bond)
            forces[i] += pull
            forces[j] -= pull
        self.results = {"energy": energy, "forces": forces}


water = Atoms("OH2", [[0, 0, 0], [0.76, 0.59, 0], [-0.76, 0.59, 0]])
lengths = [water.get_distance(*pair) for pair in PAIRS]
water.calc = Springs(lengths)
Vibrations(water, name="ground").run()
excited = water.copy()
excited.calc = Springs([lengths[0] + 0.16, lengths[1] - 0.02, lengths[2] + 0.30])
forces = excited.get_forces()

fc = FranckCondon(water, "ground", minfreq=500)
huang_rhys, modes = fc.get_Huang_Rhys_factors(forces)
print("modes:", ", ".join(f"S = {s:.2f} at {f:.0f} 1/cm" for s, f in zip(huang_rhys, modes)))
below = FranckCondon(water, "ground", minfreq=500, maxfreq=2500).get_Huang_Rhys_factors(forces)[1]
print("modes up to 2500 1/cm:", ", ".join(f"{f:.0f}" for f in below))


def true(levels):
    return prod(exp(-s) * s**n / factorial(n) for s, n in zip(huang_rhys, levels))


factors, lines = fc.get_Franck_Condon_factors(1, forces, order=1)
told = {f"{line:.0f}": factor for part in (0, 2) for line, factor in zip(lines[part], factors[part])}
for levels in sorted(product(range(2), repeat=3), key=lambda levels: (sum(levels), levels[::-1])):
    if sum(levels) < 3:
        line = f"{np.dot(levels, modes):.0f}"
        print(f"to {levels}, {line} 1/cm: ASE {told[line]:.3f}, product over the modes {true(levels):.3f}")
everything = sum(true(levels) for levels in product(range(40), repeat=3))
single = sum(np.sum(part) for part in fc.get_Franck_Condon_factors(1, forces, order=9)[0][:2])
print(f"sum over all levels of all modes {everything:.3f}; ASE, over those of one mode alone {single:.3f}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
modes: S = 0.80 at 1524 1/cm, S = 0.86 at 3814 1/cm, S = 1.39 at 4461 1/cm
modes up to 2500 1/cm: 1524, 3814, 4461
to (0, 0, 0), 0 1/cm: ASE 0.047, product over the modes 0.047
to (1, 0, 0), 1524 1/cm: ASE 0.360, product over the modes 0.038
to (0, 1, 0), 3814 1/cm: ASE 0.364, product over the modes 0.041
to (0, 0, 1), 4461 1/cm: ASE 0.346, product over the modes 0.066
to (1, 1, 0), 5338 1/cm: ASE 0.131, product over the modes 0.033
to (1, 0, 1), 5985 1/cm: ASE 0.125, product over the modes 0.053
to (0, 1, 1), 8275 1/cm: ASE 0.126, product over the modes 0.056
sum over all levels of all modes 1.000; ASE, over those of one mode alone 1.926
EXPECTED
