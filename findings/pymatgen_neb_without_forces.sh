#!/usr/bin/env bash
# Between the images of a nudged elastic band the energy is interpolated by cubics that have, at each image,
# its energy and as slope its force along the path. So Henkelman and Jónsson (2000) do, the barrier lying
# between images as a rule (https://doi.org/10.1063/1.1323224, appendix).
#
# pymatgen 2026.10.24, analysis.transition_state.NEBAnalysis, is given the forces ("Tangent forces along the
# reaction coordinate"). Its plot "uses Henkelman's approach of spline fitting each section of the reaction
# path based on tangent force and energies" (https://pymatgen.org/pymatgen.analysis.html, transition_state),
# and a comment says of the spline that it is "constrained by the boundary conditions of the energies and the
# tangent force". It is a spline through the energies, of slope zero at both ends. The forces are not looked
# at: with others, or with none, barriers (get_extrema, get_plot, zero_slope_saddle or not) are the same to
# the last digit. Where the barrier lies between images it comes out far too low, and there are maxima and
# minima that the path does not have. No word is said. ASE 3.29.0, utils.forcecurve, uses the forces.
#
# Seen: of paths with one barrier, or two, all 800 meV high, and images 1 Å apart, the extrema (meV) from
# pymatgen, with the forces and with zeros for them, and the barrier from ASE and by Hermite's cubics. Exits
# non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pymatgen==2026.10.24" "pymatgen-core==2026.10.16" "ase==3.29.0"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase.utils.forcecurve import fit_raw
from pymatgen.analysis.transition_state import NEBAnalysis
from scipy.interpolate import CubicHermiteSpline


def path(centre, width, second):
    """Energies (eV) and their slopes along a path of 6 Å: one barrier, and a second of half its height."""
    def energy(r):
        return 0.8 * np.exp(-(((r - centre) / width) ** 2)) + second * np.exp(-(((r - 4.5) / width) ** 2))

    def slope(r):
        step = 1e-5
        return (energy(r + step) - energy(r - step)) / (2 * step)

    return energy, slope


def told(values):
    return " ".join(f"{round(float(e), 0) + 0.0:.0f}" for _, e in values) or "none"


r = np.linspace(0, 6, 7)
fine = np.linspace(0, 6, 601)
PATHS = {
    "midway": path(2.5, 0.6, 0.0),
    "at a third": path(2.33, 0.6, 0.0),
    "near an image": path(2.1, 0.6, 0.0),
    "two barriers": path(1.5, 0.6, 0.4),
}
for name, (energy, slope) in PATHS.items():
    print(f"{name}: barrier {1000 * energy(fine).max():.0f}, of an image {1000 * energy(r).max():.0f}")
    for which, forces in (("forces", -slope(r)), ("zeros", 0 * r)):
        analysis = NEBAnalysis(r, energy(r), forces, [None] * len(r))
        low, high = analysis.get_extrema(normalize_rxn_coordinate=False)
        print(f"  pymatgen, {which}: maxima {told(high)}, minima {told(low)}")
    hermite = CubicHermiteSpline(r, energy(r), slope(r))(fine)
    # atoms that move along x: what ASE reads of images are their energies, forces and positions
    positions = np.zeros((len(r), 1, 3))
    positions[:, 0, 0] = r
    forces = np.zeros((len(r), 1, 3))
    forces[:, 0, 0] = -slope(r)
    ase = fit_raw(energy(r) - energy(r[0]), forces, positions)
    print(f"  ASE {1000 * max(ase.fit_energies):.0f}, Hermite {1000 * (hermite.max() - energy(r[0])):.0f}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
midway: barrier 800, of an image 399
  pymatgen, forces: maxima 480 8, minima -31 -38
  pymatgen, zeros: maxima 480 8, minima -31 -38
  ASE 677, Hermite 677
at a third: barrier 800, of an image 591
  pymatgen, forces: maxima 601 2, minima -54 -9
  pymatgen, zeros: maxima 601 2, minima -54 -9
  ASE 727, Hermite 728
near an image: barrier 800, of an image 778
  pymatgen, forces: maxima 779 17, minima -64 -48 -4
  pymatgen, zeros: maxima 779 17, minima -64 -48 -4
  ASE 797, Hermite 798
two barriers: barrier 800, of an image 399
  pymatgen, forces: maxima 493 253, minima -5
  pymatgen, zeros: maxima 493 253, minima -5
  ASE 675, Hermite 675
EXPECTED
