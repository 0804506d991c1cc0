#!/usr/bin/env bash
# ase.vibrations.Infrared (ASE 3.29.0) makes infrared spectra, of which one may choose the unit,
# intensity_unit='(D/A)2/amu' or 'km/mol', and whether normalize=True "ensures the integral over the peaks to
# give the intensity" (https://ase-lib.org/ase/vibrations/infrared.html). Otherwise it is their height.
#
# - get_spectrum does not look at intensity_unit: km/mol are (D/Å)²/Da, 42 times too small. Only the summary
#   and the files are in the unit that was asked for.
# - write_spectra hands normalize to get_spectrum in the place of intensity_unit. The file is not normalized,
#   whatever was asked for, but its header says "cm" before the unit as if it were: integrals are 21 times the
#   intensity for a width of 20 1/cm, and grow with the width.
#
# The intensities themselves are right. Absorption coefficients and sums that are made from such spectra, and
# comparisons with those of another program, are off by these factors. No word is said.
#
# Seen: of a molecule with a spring and constant charges, for which the intensity is (charge)²/(reduced mass),
# the height of the peak and the integral. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase import Atoms, units
from ase.calculators.calculator import Calculator, all_changes
from ase.vibrations import Infrared

CHARGE, LENGTH, STIFFNESS = 0.3, 1.2, 30.0
WINDOW = {"start": 500, "end": 1800, "npts": 13001, "width": 20}


class Spring(Calculator):
    implemented_properties = ["energy", "forces", "dipole"]

    def calculate(self, atoms=None, properties=None, system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        bond = self.atoms.positions[1] - self.atoms.positions[0]
        stretch = np.linalg.norm(bond) - LENGTH
        pull = STIFFNESS * stretch * bond / np.linalg.norm(bond)
        energy = STIFFNESS * stretch**2 / 2
        self.results = {"energy": energy, "forces": np.array([pull, -pull]), "dipole": CHARGE * bond}


atoms = Atoms("CO", [[0, 0, 0], [0, 0, LENGTH]], calculator=Spring())
infrared = Infrared(atoms, name="spring")
infrared.run()
infrared.read()
masses = atoms.get_masses()
intensity = (CHARGE / units.Debye) ** 2 * masses.sum() / masses.prod()
print(f"by hand {intensity:.4f} (D/Å)²/Da; Infrared.intensities {infrared.intensities[-1]:.4f}")
for normalize in (False, True):
    for unit, factor in (("(D/A)2/amu", 1), ("km/mol", 42.256)):
        options = {"intensity_unit": unit, "normalize": normalize, **WINDOW}
        infrared.write_spectra("spectrum.dat", **options)
        with open("spectrum.dat") as file:
            header = file.readlines()[1][1:].split("]", 1)[1].strip()
        shown = [
            f"{name} {y.max():.3f}, integral {np.trapezoid(y, x):.3f}"
            for name, (x, y) in (
                ("get_spectrum: height", infrared.get_spectrum(**options)),
                ("write_spectra: height", np.loadtxt("spectrum.dat").T[:2]),
            )
        ]
        what = "integral" if normalize else "height"
        print(f"{unit}, normalize={normalize}: the {what} is to be {factor * intensity:.3f}")
        print(f"  {shown[0]}\n  {shown[1]} {header}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
by hand 0.3027 (D/Å)²/Da; Infrared.intensities 0.3027
(D/A)2/amu, normalize=False: the height is to be 0.303
  get_spectrum: height 0.303, integral 6.443
  write_spectra: height 0.303, integral 6.443 [(D/Å)^2 amu^-1]
km/mol, normalize=False: the height is to be 12.789
  get_spectrum: height 0.303, integral 6.443
  write_spectra: height 12.789, integral 272.261 [km/mol]
(D/A)2/amu, normalize=True: the integral is to be 0.303
  get_spectrum: height 0.014, integral 0.303
  write_spectra: height 0.303, integral 6.443 [cm (D/Å)^2 amu^-1]
km/mol, normalize=True: the integral is to be 12.789
  get_spectrum: height 0.014, integral 0.303
  write_spectra: height 12.789, integral 272.261 [cm km/mol]
EXPECTED
