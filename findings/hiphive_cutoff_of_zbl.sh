#!/usr/bin/env bash
# The repulsion of nuclei after Ziegler, Biersack and Littmark (ZBL) keeps atoms apart that other terms would
# let through each other. Given a cutoff, it is a function of the distance that is zero beyond the cutoff. The
# skin of a list of neighbours is only for speed: pairs a bit farther off are kept in the list so that it
# lasts for some steps, and those beyond the cutoff count for nothing.
#
# hiphive 1.5, ZBLCalculator(cutoff, skin), adds up every pair that is in the list. ASE's list adds the skin
# to both atoms of a pair, so that the repulsion reaches to the cutoff and twice the skin: with a cutoff of
# 3 Å and a skin of 1 Å, which is the default, to 5 Å. In silicon, second neighbours are counted with a cutoff
# well short of them. Which pairs are in the list depends on where the atoms were when it was made, so the
# same atoms have other energies as they come together, as they go apart, and at a start; forces likewise. A
# skin of 0 gives the right ones. No word is said, and the class has no docstring.
#
# Seen: energies, eV, of two atoms, each distance with a calculator of its own, and with one calculator as
# the atoms come together and go apart; and of a crystal, eV an atom. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "hiphive==1.5" "ase==3.29.0"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.neighborlist import neighbor_list
from hiphive.calculators.zbl import ZBLCalculator

CUTOFF = 3.0
SCREENING = [(0.18175, 3.19980), (0.50986, 0.94229), (0.28022, 0.40290), (0.02817, 0.20162)]
COULOMB = 14.399645  # eV Å


def by_hand(distances, charge=14):
    length = 0.46850 / (2 * charge**0.23)
    screened = sum(part * np.exp(-rate * distances / length) for part, rate in SCREENING)
    return COULOMB * charge**2 / distances * screened * (distances < CUTOFF)


def pair(distance):
    return Atoms("Si2", [(5, 5, 5), (5 + distance, 5, 5)], cell=[20, 20, 20], pbc=True)


def energy(atoms, calculator):
    atoms.calc = calculator
    return atoms.get_potential_energy()


DISTANCES = [5.1, 4.9, 4.5, 4.2, 3.9, 3.1, 2.9, 2.0]
one, moving = ZBLCalculator(CUTOFF), pair(DISTANCES[0])
together, apart = {}, {}
for told, order in ((together, DISTANCES), (apart, DISTANCES[::-1])):
    for distance in order:
        moving.positions[1, 0] = 5 + distance
        told[distance] = energy(moving, one)
for distance in DISTANCES:
    fresh, bare = (energy(pair(distance), ZBLCalculator(CUTOFF, skin=skin)) for skin in (1.0, 0.0))
    print(
        f"{distance} Å: by hand {by_hand(distance):.3f}; hiphive {fresh:.3f}, "
        f"together {together[distance]:.3f}, apart {apart[distance]:.3f}, no skin {bare:.3f}"
    )

silicon = bulk("Si", "diamond", 5.43, cubic=True) * (3, 3, 3)
distances = neighbor_list("d", silicon, 6.0)
shells = ", ".join(f"{shell:.2f}" for shell in np.unique(distances.round(2))[:3])
print(f"silicon: neighbours at {shells} Å")
told = ", ".join(
    f"skin {skin} Å {energy(silicon, ZBLCalculator(CUTOFF, skin=skin)) / len(silicon):.2f}"
    for skin in (0.0, 0.3, 0.5, 1.0)
)
print(f"silicon: by hand {by_hand(distances).sum() / 2 / len(silicon):.2f}; hiphive {told}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
5.1 Å: by hand 0.000; hiphive 0.000, together 0.000, apart 0.005, no skin 0.000
4.9 Å: by hand 0.000; hiphive 0.007, together 0.000, apart 0.007, no skin 0.000
4.5 Å: by hand 0.000; hiphive 0.015, together 0.000, apart 0.015, no skin 0.000
4.2 Å: by hand 0.000; hiphive 0.025, together 0.000, apart 0.025, no skin 0.000
3.9 Å: by hand 0.000; hiphive 0.044, together 0.044, apart 0.044, no skin 0.000
3.1 Å: by hand 0.000; hiphive 0.206, together 0.206, apart 0.206, no skin 0.000
2.9 Å: by hand 0.310; hiphive 0.310, together 0.310, apart 0.310, no skin 0.310
2.0 Å: by hand 2.407; hiphive 2.407, together 2.407, apart 2.407, no skin 2.407
silicon: neighbours at 2.35, 3.84, 4.50 Å
silicon: by hand 2.05; hiphive skin 0.0 Å 2.05, skin 0.3 Å 2.05, skin 0.5 Å 2.35, skin 1.0 Å 2.44
EXPECTED
