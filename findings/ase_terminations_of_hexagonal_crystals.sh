#!/usr/bin/env bash
# Each plane of atoms along the normal of a surface can be the top one, and a slab that is to end with
# nitrogen can be cut wherever a plane is of nitrogen.
#
# ASE 3.29.0, surfaces_with_termination, "returns all terminations with the same atomic composition"
# (docstring) that is asked for. It looks for the planes by fractional coordinates that it takes for Cartesian
# ones, along a sum of the cell vectors instead of the normal. Of gallium arsenide (111), cubic, and of the
# base of gallium nitride, hexagonal, nothing is missing. Of the semipolar surfaces of gallium nitride, on
# which green diodes are grown, terminations are left out: (11-22) has none of nitrogen, the list is empty,
# and (10-11) one of each element, where there are two. Slabs that are the same come several times. No word is
# said. pymatgen 2026.10.24, SlabGenerator, finds them all.
#
# Seen: tops of slabs, by the element and the distance to the plane below, from ASE (and how many slabs), from
# pymatgen, and by hand from the planes of the crystal. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "pymatgen==2026.10.24"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase.build.surfaces_with_termination import surfaces_with_termination
from ase.geometry import get_layers
from ase.spacegroup import crystal
from pymatgen.core.surface import SlabGenerator
from pymatgen.io.ase import AseAtomsAdaptor

CRYSTALS = {
    "GaAs": crystal(
        ["Ga", "As"],
        [(0, 0, 0), (0.25, 0.25, 0.25)],
        spacegroup=216,
        cellpar=[5.65, 5.65, 5.65, 90, 90, 90],
    ),
    "GaN": crystal(
        ["Ga", "N"],
        [(1 / 3, 2 / 3, 0), (1 / 3, 2 / 3, 0.377)],
        spacegroup=186,
        cellpar=[3.189, 3.189, 5.185, 90, 90, 120],
    ),
}
SURFACES = {"GaAs": [(1, 1, 1)], "GaN": [(0, 0, 1), (1, 0, 1), (1, 0, 2), (1, 1, 1), (1, 1, 2)]}


def by_hand(atoms, indices, symbol):
    """How far each plane of the element lies above the next plane of the crystal."""
    spacing = 1 / np.linalg.norm(indices @ atoms.cell.reciprocal()[:])
    heights = np.round(atoms.get_scaled_positions() @ indices % 1, 6) % 1
    levels = np.unique(heights)
    gaps = spacing * np.diff(levels, prepend=levels[-1] - 1)
    return [gap for z, gap in zip(levels, gaps) if set(atoms.symbols[heights == z]) == {symbol}]


def tops(slabs, symbol):
    gaps = []
    for slab in slabs:
        layers, heights = get_layers(slab, (0, 0, 1), tolerance=0.01)
        if set(slab.symbols[layers == layers.max()]) == {symbol}:
            gaps.append(heights[-1] - heights[-2])
    return gaps


def told(gaps):
    return " and ".join(f"{gap:.1f}" for gap in sorted(set(np.round(gaps, 1)))) or "none"


def slabs_of_pymatgen(atoms, indices):
    structure = AseAtomsAdaptor.get_structure(atoms)
    generator = SlabGenerator(structure, indices, 8, 10, center_slab=True)
    slabs = [slab.get_orthogonal_c_slab() for slab in generator.get_slabs(ftol=0.01)]
    return [AseAtomsAdaptor.get_atoms(slab) for slab in slabs]


for formula, atoms in CRYSTALS.items():
    for indices in SURFACES[formula]:
        others = slabs_of_pymatgen(atoms, indices)
        for symbol in sorted(set(atoms.symbols)):
            slabs = surfaces_with_termination(atoms, indices, 4, vacuum=5, termination=symbol)
            print(
                f"{formula} {indices}, {symbol}: ASE {told(tops(slabs, symbol))}, of {len(slabs)}; "
                f"pymatgen {told(tops(others, symbol))}; by hand {told(by_hand(atoms, indices, symbol))}"
            )
PYTHON
diff "$folder/seen" - <<'EXPECTED'
GaAs (1, 1, 1), As: ASE 2.4, of 2; pymatgen 2.4; by hand 2.4
GaAs (1, 1, 1), Ga: ASE 0.8, of 2; pymatgen 0.8; by hand 0.8
GaN (0, 0, 1), Ga: ASE 0.6, of 2; pymatgen 0.6; by hand 0.6
GaN (0, 0, 1), N: ASE 2.0, of 2; pymatgen 2.0; by hand 2.0
GaN (1, 0, 1), Ga: ASE 0.4, of 2; pymatgen 0.4 and 1.1; by hand 0.4 and 1.1
GaN (1, 0, 1), N: ASE 0.4, of 2; pymatgen 0.4 and 0.5; by hand 0.4 and 0.5
GaN (1, 0, 2), Ga: ASE 0.5, of 2; pymatgen 0.5; by hand 0.5
GaN (1, 0, 2), N: ASE 0.8, of 2; pymatgen 0.2 and 0.8; by hand 0.2 and 0.8
GaN (1, 1, 1), Ga: ASE 0.2, of 4; pymatgen 0.2; by hand 0.2
GaN (1, 1, 1), N: ASE none, of 0; pymatgen 0.6; by hand 0.6
GaN (1, 1, 2), Ga: ASE 0.3, of 8; pymatgen 0.3; by hand 0.3
GaN (1, 1, 2), N: ASE none, of 0; pymatgen 1.0; by hand 1.0
EXPECTED
