#!/usr/bin/env bash
# A Wyckoff position of a space group has a letter and a multiplicity, the number of its sites in the
# conventional cell (https://www.cryst.ehu.es/cryst/get_wp.html). It does not depend on the cell in which a
# crystal is given: oxygen in a cubic perovskite is at 3c (or 3d), in corundum at 18e.
#
# icet 4.0, tools.get_wyckoff_sites, "can also be applied to supercells", and with map_occupations to alloys
# where one is "interested in the symmetry of the underlying structure". For the multiplicity it counts the
# atoms that are equivalent by those operations of the crystal which the supercell has, too. If it is not
# repeated by the same number along equivalent axes these are fewer, and a position falls apart. Oxygen in a
# perovskite of 2 x 1 x 1 cells is at 1c and 2c, of 1 x 2 x 3 cells at 1c, and the space group has neither.
# Who groups sites by their labels, as is done for a SiteOccupancyObserver, gets parts of a position for
# positions. No word is said.
#
# spglib 2.8.0, which icet asks, has the orbits of the crystal, too, as crystallographic_orbits beside the
# equivalent_atoms that icet takes.
#
# Seen: labels, with the number of atoms in the supercell, of icet and by the orbits of spglib. Exits non-zero
# if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "icet==4.0" "ase==3.29.0" "numpy==2.4.6" "spglib==2.8.0"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from collections import Counter

import numpy as np
import spglib
from ase.spacegroup import crystal
from icet.tools import get_wyckoff_sites


def alloy(atoms):
    """Every other of the first element's atoms is another one."""
    mixed = atoms.copy()
    mixed.symbols[np.flatnonzero(mixed.symbols == "Sr")[::2]] = "Ba"
    return mixed


def by_orbits(atoms):
    dataset = spglib.get_symmetry_dataset((atoms.cell[:], atoms.get_scaled_positions(), atoms.numbers))
    sizes = Counter(dataset.crystallographic_orbits.tolist())
    cells = np.linalg.det(dataset.transformation_matrix)
    return [
        f"{round(sizes[orbit] / cells)}{letter}"
        for orbit, letter in zip(dataset.crystallographic_orbits.tolist(), dataset.wyckoffs, strict=True)
    ]


def told(symbols, labels):
    counts = sorted(Counter(zip(symbols, labels, strict=True)).items())
    return ", ".join(f"{symbol} {label} {count}" for (symbol, label), count in counts)


CRYSTALS = {
    "SrTiO3": crystal(
        ["Sr", "Ti", "O"],
        [(0, 0, 0), (0.5, 0.5, 0.5), (0, 0.5, 0.5)],
        spacegroup=221,
        cellpar=[3.9, 3.9, 3.9, 90, 90, 90],
    ),
    "Al2O3": crystal(
        ["Al", "O"],
        [(0, 0, 0.352), (0.306, 0, 0.25)],
        spacegroup=167,
        cellpar=[4.76, 4.76, 12.99, 90, 90, 120],
    ),
    "YCo5": crystal(
        ["Y", "Co", "Co"],
        [(0, 0, 0), (1 / 3, 2 / 3, 0), (0.5, 0, 0.5)],
        spacegroup=191,
        cellpar=[4.94, 4.94, 3.98, 90, 90, 120],
    ),
}
for name, single in CRYSTALS.items():
    for repeats in [(1, 1, 1), (2, 2, 2), (2, 1, 1), (1, 2, 3)]:
        atoms = single.repeat(repeats)
        title = f"{name}, {' x '.join(map(str, repeats))}"
        print(f"{title}: icet {told(atoms.symbols, get_wyckoff_sites(atoms))}")
        print(f"{title}: spglib {told(atoms.symbols, by_orbits(atoms))}")
for repeats in [(2, 2, 2), (2, 2, 1)]:
    atoms = alloy(CRYSTALS["SrTiO3"].repeat(repeats))
    labels = get_wyckoff_sites(atoms, map_occupations=[["Sr", "Ba"], ["Ti"], ["O"]])
    print(f"(Ba,Sr)TiO3, {' x '.join(map(str, repeats))}: icet {told(atoms.symbols, labels)}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
SrTiO3, 1 x 1 x 1: icet O 3c 3, Sr 1a 1, Ti 1b 1
SrTiO3, 1 x 1 x 1: spglib O 3c 3, Sr 1a 1, Ti 1b 1
SrTiO3, 2 x 2 x 2: icet O 3c 24, Sr 1a 8, Ti 1b 8
SrTiO3, 2 x 2 x 2: spglib O 3c 24, Sr 1a 8, Ti 1b 8
SrTiO3, 2 x 1 x 1: icet O 1c 2, O 2c 4, Sr 1a 2, Ti 1b 2
SrTiO3, 2 x 1 x 1: spglib O 3c 6, Sr 1a 2, Ti 1b 2
SrTiO3, 1 x 2 x 3: icet O 1c 18, Sr 1a 6, Ti 1b 6
SrTiO3, 1 x 2 x 3: spglib O 3c 18, Sr 1a 6, Ti 1b 6
Al2O3, 1 x 1 x 1: icet Al 12c 12, O 18e 18
Al2O3, 1 x 1 x 1: spglib Al 12c 12, O 18e 18
Al2O3, 2 x 2 x 2: icet Al 12c 96, O 18e 144
Al2O3, 2 x 2 x 2: spglib Al 12c 96, O 18e 144
Al2O3, 2 x 1 x 1: icet Al 12c 24, O 12e 24, O 6e 12
Al2O3, 2 x 1 x 1: spglib Al 12c 24, O 18e 36
Al2O3, 1 x 2 x 3: icet Al 12c 72, O 12e 72, O 6e 36
Al2O3, 1 x 2 x 3: spglib Al 12c 72, O 18e 108
YCo5, 1 x 1 x 1: icet Co 2c 2, Co 3g 3, Y 1a 1
YCo5, 1 x 1 x 1: spglib Co 2c 2, Co 3g 3, Y 1a 1
YCo5, 2 x 2 x 2: icet Co 2c 16, Co 3g 24, Y 1a 8
YCo5, 2 x 2 x 2: spglib Co 2c 16, Co 3g 24, Y 1a 8
YCo5, 2 x 1 x 1: icet Co 1g 2, Co 2c 4, Co 2g 4, Y 1a 2
YCo5, 2 x 1 x 1: spglib Co 2c 4, Co 3g 6, Y 1a 2
YCo5, 1 x 2 x 3: icet Co 1g 6, Co 2c 12, Co 2g 12, Y 1a 6
YCo5, 1 x 2 x 3: spglib Co 2c 12, Co 3g 18, Y 1a 6
(Ba,Sr)TiO3, 2 x 2 x 2: icet Ba 1a 4, O 3c 24, Sr 1a 4, Ti 1b 8
(Ba,Sr)TiO3, 2 x 2 x 1: icet Ba 1a 2, O 1c 4, O 2c 8, Sr 1a 2, Ti 1b 4
EXPECTED
