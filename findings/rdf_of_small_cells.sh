#!/usr/bin/env bash
# The radial distribution function g(r) of a crystal is the same in each of its cells, "becomes 1 for large
# separations" (https://docs.mdanalysis.org/stable/documentation_pages/analysis/rdf.html, with the formula),
# and counts the neighbours of an atom, here four in silicon. Of cells of two to 512 atoms, up to 9 Å,
#
# - matminer 0.10.1, RadialDistributionFunction, which says that it returns the normalized RDF, counts over all
#   atoms and does not divide by their number: g(r) is twice as large in a cell twice as large, so that as a
#   feature it tells cells apart rather than crystals;
# - MDAnalysis 2.11.0, InterRDF, takes the nearest image of each atom only, as it says, but does not look
#   whether the range, by default 15 Å, fits the box: beyond half of it next to nothing is counted, and in
#   a primitive cell half the neighbours. None of both says a word;
# - ASE 3.29.0 and freud 3.4.0 refuse cells that are too small for the distance;
# - pymatgen-analysis-diffusion 2026.9.23 is right, as is a count over the neighbour list of vesin 0.6.2.
#
# Seen: the mean of g between 4 and 9 Å, where one is right, and the number of neighbours up to 2.6 Å, where
# four is right. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "matminer==0.10.1" "MDAnalysis==2.11.0" \
    "pymatgen==2026.10.24" "pymatgen-analysis-diffusion==2026.9.23" "freud-analysis==3.4.0" "vesin==0.6.2"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' 2>"$folder/errors" | tee "$folder/seen"
import freud
import MDAnalysis
import numpy as np
from ase.build import bulk
from ase.geometry.rdf import CellTooSmall, get_rdf
from matminer.featurizers.structure import RadialDistributionFunction
from MDAnalysis.analysis.rdf import InterRDF
from pymatgen.analysis.diffusion.aimd.rdf import RadialDistributionFunction as DiffusionRDF
from pymatgen.io.ase import AseAtomsAdaptor
from vesin import ase_neighbor_list

A, FAR, N = 5.43, 9.0, 90
EDGES = np.linspace(0, FAR, N + 1)
SHELLS = 4 / 3 * np.pi * np.diff(EDGES**3)
DENSITY = 8 / A**3


def with_vesin(atoms):
    (distances,) = ase_neighbor_list("d", atoms, FAR)
    return np.histogram(distances, EDGES)[0] / len(atoms) / SHELLS / DENSITY


def with_matminer(atoms):
    structure = AseAtomsAdaptor.get_structure(atoms)
    return RadialDistributionFunction(cutoff=FAR, bin_size=FAR / N).featurize(structure)[:N]


def with_mdanalysis(atoms):
    universe = MDAnalysis.Universe.empty(len(atoms), trajectory=True)
    universe.atoms.positions = atoms.positions
    universe.dimensions = atoms.cell.cellpar()
    rdf = InterRDF(universe.atoms, universe.atoms, nbins=N, range=(0, FAR), exclusion_block=(1, 1))
    return rdf.run().results.rdf


def with_diffusion(atoms):
    structure = AseAtomsAdaptor.get_structure(atoms)
    everyone = list(range(len(atoms)))
    repeats = int(np.ceil(FAR / np.min(1 / np.linalg.norm(atoms.cell.reciprocal(), axis=1))))
    return DiffusionRDF([structure], everyone, everyone, ngrid=N + 1, rmax=FAR, cell_range=repeats).rdf[:N]


def with_ase(atoms):
    return get_rdf(atoms, FAR, N)[0]


def with_freud(atoms):
    rdf = freud.density.RDF(bins=N, r_max=FAR)
    return rdf.compute((freud.box.Box.from_matrix(atoms.cell.T), atoms.positions)).rdf


def in_standard_form(atoms):
    cell, turn = atoms.cell.standard_form()
    atoms.positions = atoms.positions @ turn.T
    atoms.cell = cell
    return atoms


cubic = bulk("Si", "diamond", A, cubic=True)
CELLS = [in_standard_form(bulk("Si", "diamond", A)), cubic, cubic * (2, 2, 2), cubic * (4, 4, 4)]
WAYS = {
    "vesin": with_vesin,
    "matminer": with_matminer,
    "MDAnalysis": with_mdanalysis,
    "diffusion": with_diffusion,
    "ASE": with_ase,
    "freud": with_freud,
}
for atoms in CELLS:
    told = []
    for way, distribution in WAYS.items():
        try:
            counts = np.asarray(distribution(atoms)) * SHELLS
        except (CellTooSmall, RuntimeError):
            told.append(f"{way} refuses")
            continue
        mean = counts[40:].sum() / SHELLS[40:].sum()
        told.append(f"{way} {mean:.1f}, {DENSITY * counts[:26].sum():.1f}")
    print(f"{len(atoms)} atoms:", "; ".join(told))
PYTHON
diff "$folder/seen" - <<'EXPECTED'
2 atoms: vesin 1.0, 4.0; matminer 2.0, 8.0; MDAnalysis 0.0, 2.0; diffusion 1.0, 4.0; ASE refuses; freud refuses
8 atoms: vesin 1.0, 4.0; matminer 8.2, 32.0; MDAnalysis 0.0, 4.6; diffusion 1.0, 4.0; ASE refuses; freud refuses
64 atoms: vesin 1.0, 4.0; matminer 65.3, 256.0; MDAnalysis 0.3, 4.1; diffusion 1.0, 4.0; ASE refuses; freud refuses
512 atoms: vesin 1.0, 4.0; matminer 522.3, 2048.0; MDAnalysis 1.0, 4.0; diffusion 1.0, 4.0; ASE 1.0, 4.0; freud 1.0, 4.0
EXPECTED
