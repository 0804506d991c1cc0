#!/usr/bin/env bash
# Atoms on top of each other are too near for an unrelaxed gamma surface. matscipy 1.3.1,
# GammaSurface.generate_images, offers cell_strain for them, the "fractional strain to apply in z direction to
# cell only (0.1 = +10% strain; atoms aren't moved)". It adds the number to the height of the cell as one in
# Å: what is to be 10 % is a tenth of an ångström, 3.5 % of one cell of iron and 0.4 % of eight, and hardly
# parts the atoms. The energies of such images are taken for those of the strain that was asked for, or the
# strain for one that does not help. No word is said.
#
# Seen: of b.c.c. iron, (001), heights in Å without and with a cell_strain of 0.1, the strain they make, and
# the smallest distance of the images of a 3 x 3 grid, and by hand that of a cell that is higher by 10 %.
# Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "matscipy==1.3.1" "ase==3.29.0" "numpy==2.4.6"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase.neighborlist import neighbor_list
from matscipy.gamma_surface import GammaSurface


def smallest(images):
    return min(neighbor_list("d", image, 4.0).min() for image in images)


def higher(image, strain):
    """The image in a cell that is higher, the atoms where they were."""
    cell = image.cell[:].copy()
    cell[2, 2] *= 1 + strain
    other = image.copy()
    other.set_cell(cell, scale_atoms=False)
    return other


for count in (1, 2, 4, 8):
    surface = GammaSurface(2.87, np.array([0, 0, 1]), crystalstructure="bcc", symbol="Fe")
    plain = surface.generate_images(3, 3, z_reps=count)
    strained = surface.generate_images(3, 3, z_reps=count, cell_strain=0.1)
    before, after = plain[0].cell[2, 2], strained[0].cell[2, 2]
    print(
        f"{count} high: {before:.2f}, {after:.2f}, {100 * (after / before - 1):.1f} %, distance "
        f"{smallest(plain):.2f}, {smallest(strained):.2f}; by hand {before * 1.1:.2f}, distance "
        f"{smallest([higher(image, 0.1) for image in plain]):.2f}"
    )
PYTHON
diff "$folder/seen" - <<'EXPECTED'
1 high: 2.87, 2.97, 3.5 %, distance 1.44, 1.54; by hand 3.16, distance 1.72
2 high: 5.74, 5.84, 1.7 %, distance 1.44, 1.54; by hand 6.31, distance 2.01
4 high: 11.48, 11.58, 0.9 %, distance 1.44, 1.54; by hand 12.63, distance 2.49
8 high: 22.96, 23.06, 0.4 %, distance 1.44, 1.54; by hand 25.26, distance 2.49
EXPECTED
