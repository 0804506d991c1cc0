#!/usr/bin/env bash
# MDAnalysis 2.11.0, LinearDensity, makes profiles along x, y and z of the "mass density in g cm⁻³", in bins
# that have a "volume of bin in [xyz] direction"
# (https://docs.mdanalysis.org/stable/documentation_pages/analysis/lineardensity.html). In a liquid that
# fills its box the density is the same everywhere: mass over volume. A box may be triclinic, as those of
# layered crystals and the dodecahedra and octahedra in which many simulations are run, and it may change
# from frame to frame.
#
# - The area of a bin is the product of two edges, whatever their angle: in a hexagonal box the density along
#   z is 13 % too low, in an octahedron 6 %.
# - Along each axis atoms are counted from zero to the longest edge. Triclinic boxes reach farther along x
#   and y, to the left or right, and a tenth to a quarter of the mass is in no bin.
# - All bins are as wide as those along the longest edge, but their volumes are those of bins that fit their
#   own edge: along an edge that is no multiple of the width the density is too low, most in narrow boxes.
# - Edges and volume are those of the frame at which the object is made. If a barostat changes the box, the
#   density is too high or too low, and atoms beyond the old edges are in no bin.
#
# Nothing is said of this, and there is no word when it happens. Cubic boxes that keep their size are right.
#
# Seen: of argon of 1.4 g/cm³ at random places the density, g/cm³, by mass and volume, and along each axis
# the mean over the bins up to the height of the box, with the share of the mass that is in any bin. Exits
# non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "MDAnalysis==2.11.0" "numpy==2.4.6"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import MDAnalysis
import numpy as np
from MDAnalysis.analysis.lineardensity import LinearDensity
from MDAnalysis.lib.mdamath import triclinic_vectors

MASS, PER_DA = 39.95, 1.66054  # of argon, Da; g/cm³ of 1 Da/Å³
BOXES = {
    "cubic": ([40, 40, 40, 90, 90, 90], 0.25),
    "hexagonal, 120°": ([40, 40, 40, 90, 90, 120], 0.25),
    "hexagonal, 60°": ([40, 40, 40, 90, 90, 60], 0.25),
    "dodecahedron": ([40, 40, 40, 60, 60, 90], 0.25),
    "octahedron": ([40, 40, 40, 70.53, 109.47, 70.53], 0.25),
    "narrow": ([5.9, 80, 80, 90, 90, 90], 0.25),
    "narrow, bins of 1 Å": ([5.9, 80, 80, 90, 90, 90], 1.0),
}


def argon(boxes):
    """Atoms at random fractions of each box in turn, 1.4 g/cm³ in the first of them."""
    count = round(1.4 / MASS / PER_DA * np.linalg.det(triclinic_vectors(boxes[0])))
    fractions = np.random.default_rng(0).random((count, 3))
    universe = MDAnalysis.Universe.empty(count, trajectory=True)
    universe.add_TopologyAttr("masses", np.full(count, MASS))
    universe.add_TopologyAttr("charges", np.zeros(count))
    places = [fractions @ triclinic_vectors(box) for box in boxes]
    universe.load_new(np.array(places), dimensions=np.array(boxes, dtype=float))
    return universe


def seen(universe, binsize=0.25, **frames):
    density, told = LinearDensity(universe.atoms, binsize=binsize).run(**frames), []
    heights = np.diag(triclinic_vectors(universe.trajectory[frames.get("start", 0)].dimensions))
    for axis, height in zip("xyz", heights):
        result = density.results[axis]
        values, share = result.mass_density, result.slice_volume / PER_DA / universe.atoms.total_mass()
        mean = values[result.hist_bin_edges[1:] < height + 0.01].mean()
        told.append(f"{axis} {mean:.2f} ({100 * values.sum() * share:.0f} %)")
    return ", ".join(told)


def right(universe):
    return universe.atoms.total_mass() * PER_DA / universe.trajectory.ts.volume


for name, (box, binsize) in BOXES.items():
    universe = argon([box])
    print(f"{name}: {right(universe):.2f}; {seen(universe, binsize)}")
changing = argon([[edge, edge, edge, 90, 90, 90] for edge in (40, 42, 38)])
for frame, edge in enumerate((40, 42, 38)):
    changing.trajectory[frame]
    density = right(changing)
    changing.trajectory[0]
    print(f"cubic, from 40 to {edge} Å: {density:.2f}; {seen(changing, start=frame, stop=frame + 1)}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
cubic: 1.40; x 1.40 (100 %), y 1.40 (100 %), z 1.40 (100 %)
hexagonal, 120°: 1.40; x 0.90 (74 %), y 1.40 (100 %), z 1.21 (100 %)
hexagonal, 60°: 1.40; x 0.90 (74 %), y 1.40 (100 %), z 1.21 (100 %)
dodecahedron: 1.40; x 0.74 (75 %), y 0.75 (76 %), z 1.40 (100 %)
octahedron: 1.40; x 0.95 (89 %), y 0.87 (82 %), z 1.32 (100 %)
narrow: 1.40; x 1.36 (100 %), y 1.40 (100 %), z 1.40 (100 %)
narrow, bins of 1 Å: 1.40; x 1.16 (100 %), y 1.40 (100 %), z 1.40 (100 %)
cubic, from 40 to 40 Å: 1.40; x 1.40 (100 %), y 1.40 (100 %), z 1.40 (100 %)
cubic, from 40 to 42 Å: 1.21; x 1.33 (95 %), y 1.34 (96 %), z 1.34 (96 %)
cubic, from 40 to 38 Å: 1.63; x 1.47 (100 %), y 1.47 (100 %), z 1.47 (100 %)
EXPECTED
