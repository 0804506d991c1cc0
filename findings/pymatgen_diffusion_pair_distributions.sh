#!/usr/bin/env bash
# pymatgen-analysis-diffusion 2026.9.23 (https://github.com/materialsvirtuallab/pymatgen-analysis-diffusion)
# has three more ways to a radial distribution function g(r) than RadialDistributionFunction, which is right.
#
# - RadialDistributionFunctionFast averages over frames. It divides each by the density of the last frame, not
#   by its own. Where the cell changes (constant pressure, quenching, an equation of state) g does not go to
#   one, and the same frames in the reverse order have another g.
# - EvolutionAnalyzer.rdf takes a pair, 'e.g. ("Na", "Na")', and each atom whose symbol is a part of such a
#   name for one of the element: carbon for "Ca", "Cr" or "Cl", sulphur for "Si" or "Sn", nitrogen for "Na",
#   fluorine for "Fe". Of calcite it gives the bonds in the carbonate for those of calcium.
# - VanHoveAnalysis with reference_species leaves out the pair of the first ions of both species, that of the
#   second ones and so on. In rock salt sorted by element one neighbour of six is missing, however large the
#   cell. Without delay the distinct part should be g(r).
#
# None says a word. Seen: the mean of g between 4 and 9 Å, the distance in Å at which g first exceeds one half
# beside the shortest distance there is, and numbers of neighbours. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pymatgen==2026.10.24" "pymatgen-analysis-diffusion==2026.9.23" \
    "ase==3.29.0"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase.build import bulk
from ase.neighborlist import neighbor_list
from ase.spacegroup import crystal
from pymatgen.analysis.diffusion.aimd.rdf import RadialDistributionFunction, RadialDistributionFunctionFast
from pymatgen.analysis.diffusion.aimd.van_hove import EvolutionAnalyzer, VanHoveAnalysis
from pymatgen.analysis.diffusion.analyzer import DiffusionAnalyzer
from pymatgen.io.ase import AseAtomsAdaptor

FAR, N = 9.0, 91
structure_of = AseAtomsAdaptor.get_structure


def mean(r, g):
    far = (r > 4) & (r < FAR)
    return np.average(g[far], weights=r[far] ** 2)


def fast(frames):
    return mean(*RadialDistributionFunctionFast(frames, rmax=FAR, ngrid=N).get_rdf("Si", "Si"))


def slow(frames):
    rdf = RadialDistributionFunction(frames, range(8), range(8), ngrid=N, rmax=FAR, cell_range=3)
    return mean(rdf.interval, rdf.raw_rdf)


growing = [structure_of(bulk("Si", "diamond", edge, cubic=True)) for edge in (5.0, 5.4, 5.8, 6.2)]
for name, frames in (("growing", growing), ("shrinking", growing[::-1])):
    alone = np.mean([fast([frame]) for frame in frames])
    print(f"silicon, {name}: slow {slow(frames):.1f}; fast {fast(frames):.1f}; fast, each alone {alone:.1f}")

CRYSTALS = {
    "calcite": crystal(
        ("Ca", "C", "O"),
        [(0, 0, 0), (0, 0, 0.25), (0.257, 0, 0.25)],
        spacegroup=167,
        cellpar=[4.99, 4.99, 17.06, 90, 90, 120],
    ),
    "FeF2": crystal(
        ("Fe", "F"),
        [(0, 0, 0), (0.301, 0.301, 0)],
        spacegroup=136,
        cellpar=[4.70, 4.70, 3.31, 90, 90, 90],
    ),
}
for name, pair in (("calcite", ("Ca", "O")), ("calcite", ("Ca", "Ca")), ("FeF2", ("Fe", "Fe"))):
    atoms = CRYSTALS[name]
    structure = structure_of(atoms)
    first, distances, second = neighbor_list("idj", atoms, FAR)
    chosen = (atoms.symbols[first] == pair[0]) & (atoms.symbols[second] == pair[1])
    told = [f"shortest {distances[chosen].min():.1f}"]
    right = RadialDistributionFunction.from_species(
        [structure], ngrid=N, rmax=FAR, species=[pair[0]], reference_species=[pair[1]]
    )
    evolution = EvolutionAnalyzer.rdf(structure, pair, ngrid=N, rmax=FAR)
    for way, g in (("RadialDistributionFunction", right.rdf), ("EvolutionAnalyzer", evolution)):
        told.append(f"{way} from {right.interval[np.argmax(g > 0.5)]:.1f}")
    print(f"{name}, {'-'.join(pair)}:", "; ".join(told))

rng = np.random.default_rng(0)
for repeats in (1, 2):
    atoms = bulk("NaCl", "rocksalt", 5.64, cubic=True) * repeats
    atoms = atoms[np.argsort(atoms.numbers, kind="stable")]
    frames = []
    for _ in range(8):
        moved = atoms.copy()
        moved.positions += rng.uniform(-0.01, 0.01, (len(atoms), 3))
        frames.append(structure_of(moved))
    species = {"species": ["Na"], "reference_species": ["Cl"]}
    right = RadialDistributionFunction.from_species(frames, ngrid=401, rmax=4, **species)
    count = right.coordination_number[right.interval < 3.4][-1]
    analyzer = DiffusionAnalyzer.from_structures(frames, "Na", 300, 1, 1, smoothed=False)
    hove = VanHoveAnalysis(analyzer, avg_nsteps=4, step_skip=1, ngrid=401, rmax=4, sigma=0.03, **species)
    r, density = hove.interval, len(atoms) / 2 / atoms.get_volume()
    seen = np.sum((4 * np.pi * r**2 * density * hove.gdrt[0])[r < 3.4]) * r[1]
    told = f"RadialDistributionFunction {count:.1f}; VanHoveAnalysis {seen:.1f}"
    print(f"rock salt, {len(atoms)} atoms: {told}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
silicon, growing: slow 1.0; fast 1.4; fast, each alone 1.0
silicon, shrinking: slow 1.0; fast 0.8; fast, each alone 1.0
calcite, Ca-O: shortest 2.4; RadialDistributionFunction from 2.1; EvolutionAnalyzer from 1.0
calcite, Ca-Ca: shortest 4.0; RadialDistributionFunction from 3.8; EvolutionAnalyzer from 3.0
FeF2, Fe-Fe: shortest 3.3; RadialDistributionFunction from 3.2; EvolutionAnalyzer from 1.9
rock salt, 8 atoms: RadialDistributionFunction 6.0; VanHoveAnalysis 5.0
rock salt, 64 atoms: RadialDistributionFunction 6.0; VanHoveAnalysis 5.0
EXPECTED
