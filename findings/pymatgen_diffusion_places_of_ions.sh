#!/usr/bin/env bash
# pymatgen-analysis-diffusion 2026.9.23 (https://github.com/materialsvirtuallab/pymatgen-analysis-diffusion)
# tells where ions were in molecular dynamics, and how well they conduct in a part of the cell.
#
# - DiffusionAnalyzer.get_drift_corrected_structures, from which all its maps and van Hove functions are made,
#   adds displacements to the Cartesian coordinates of the first frame. Where the cell changes ("lattices ...
#   used for NPT-AIMD") atoms stay behind at their old places in it, and the cell is that of the frame before.
#   If the last cell is the same as the first, all are taken for the first.
# - ProbabilityDensityAnalysis lays a grid with a given interval, from the origin on, so that the last part of
#   an edge is mostly shorter. generate_stable_sites and to_chgcar take all parts for equally long: sites are
#   shifted towards the origin, by up to an interval along each edge.
# - DiffusionAnalyzer with c_ranges, pairs of a lower and an upper bound, gives a conductivity below zero.
#
# None says a word. Seen: how far, Å, distances of Li and O, and edges, are from those of the frames that were
# given; how far points of the grid where ions were, and sites, are from the ions, which tremble by 0.05 Å
# along each axis; and conductivities of the whole cell as parts of it, over that without c_ranges. Exits
# non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pymatgen==2026.10.24" "pymatgen-analysis-diffusion==2026.9.23"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from pymatgen.analysis.diffusion.aimd.pathway import ProbabilityDensityAnalysis
from pymatgen.analysis.diffusion.analyzer import DiffusionAnalyzer
from pymatgen.core import Lattice, Structure

SYMBOLS = ["Li"] * 8 + ["O"] * 8
CORNERS = np.array(list(np.ndindex(2, 2, 2))) / 2
PLACES = np.vstack([CORNERS + 0.42, CORNERS + 0.22])
STEPS = np.linspace(0, 1, 21)
rng = np.random.default_rng(0)


def analysed(frames):
    return DiffusionAnalyzer.from_structures(frames, "Li", 300, 1, 1, smoothed=False)


def trembling(edges, width):
    moves = [rng.uniform(-width, width, (16, 3)) / edge for edge in edges]
    return [Structure(Lattice.cubic(edge), SYMBOLS, PLACES + move) for edge, move in zip(edges, moves)]


CELLS = {
    "at rest": np.full(21, 10.0),
    "swelling": 10 + STEPS,
    "swelling and back": 10 + np.round(np.sin(np.pi * STEPS), 6),
}
for name, edges in CELLS.items():
    frames = trembling(edges, 0.01)
    apart, longer = [], []
    for seen, given in zip(analysed(frames).get_drift_corrected_structures(), frames):
        apart.append(np.abs(seen.distance_matrix - given.distance_matrix)[:8, 8:].max())
        longer.append(abs(seen.lattice.a - given.lattice.a))
    print(f"cell {name}: distances {max(apart):.1f}, edges {max(longer):.2f}")

def farthest(points, edge):
    shifts = points[:, np.newaxis] - PLACES[:8]
    shifts -= np.round(shifts)
    return edge * np.linalg.norm(shifts, axis=2).min(axis=0).max()


for edge in (10.0, 10.1, 12.05, 15.1):
    frames = trembling(np.full(100, edge), 0.05)
    for interval in (0.5, 0.2):
        density = ProbabilityDensityAnalysis(
            frames[0], [frame.frac_coords for frame in frames], interval=interval, species=["Li"]
        )
        density.generate_stable_sites(p_ratio=0.01)
        points = np.argwhere(density.Pr > 0) * interval / edge
        told = f"points {farthest(points, edge):.1f}, sites {farthest(density.stable_sites, edge):.1f}"
        print(f"edge {edge}, interval {interval}: {told}")

moves = np.cumsum(rng.normal(0, 0.01, (60, 8, 3)), axis=0)
wandering = [
    Structure(Lattice.cubic(12), SYMBOLS, PLACES + np.vstack([move, 0 * move]), to_unit_cell=True)
    for move in moves
]
whole = analysed(wandering)
for ranges in ([(0, 1)], [(0, 0.5), (0.5, 1)]):
    parts = DiffusionAnalyzer(
        whole.structure,
        whole.disp,
        "Li",
        300,
        1,
        1,
        smoothed=False,
        c_ranges=ranges,
        structures=wandering + wandering[-1:],
        c_range_include_edge=True,
    )
    ratios = parts.diffusivity_c_range / whole.diffusivity, parts.conductivity_c_range / whole.conductivity
    print(f"{ranges}: diffusivity {ratios[0]:.1f}, conductivity {ratios[1]:.1f}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
cell at rest: distances 0.0, edges 0.00
cell swelling: distances 1.1, edges 0.05
cell swelling and back: distances 0.5, edges 1.00
edge 10.0, interval 0.5: points 0.3, sites 0.3
edge 10.0, interval 0.2: points 0.0, sites 0.0
edge 10.1, interval 0.5: points 0.4, sites 0.6
edge 10.1, interval 0.2: points 0.2, sites 0.1
edge 12.05, interval 0.5: points 0.1, sites 0.8
edge 12.05, interval 0.2: points 0.1, sites 0.2
edge 15.1, interval 0.5: points 0.3, sites 0.4
edge 15.1, interval 0.2: points 0.2, sites 0.2
[(0, 1)]: diffusivity 1.0, conductivity -1.0
[(0, 0.5), (0.5, 1)]: diffusivity 1.0, conductivity -1.0
EXPECTED
