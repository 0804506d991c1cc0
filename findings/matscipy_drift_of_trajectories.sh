#!/usr/bin/env bash
# Nothing from outside pushes the atoms of a simulation: their centre of mass is to stay where it is, and
# where it does not, all atoms may be moved back by as much. matscipy 1.3.1, drift.RemoveDrift, is to "remove
# drift of the center of mass motion of an atomic system that may occur in periodic simulations"
# (https://libatoms.github.io/matscipy/generated/matscipy.drift.html). It takes a trajectory and returns
# its frames, by number.
#
# What it adds up is how far each frame is from the one before, and it changes the frames that it returns. Out
# of an ASE Trajectory these are copies, and all is well. Of frames in a list the one before has been moved
# back by then, so that a drift counts from the start at each frame and over again: read one after the
# other, they go the other way, about twice as far each time. Asked for the last frame first, all are right.
#
# What it removes is the mean over atoms, whatever their mass. Where light atoms move and heavy ones recoil
# nothing drifts, but the whole is pushed against the light ones, 0.05 Å for 0.1 Å in a hydride.
#
# Along an axis that is not periodic, atoms are put into the cell as well: of a slab that begins at the bottom
# of the cell the lowest layer ends on top once it vibrates below, and the way there is counted as drift.
#
# Seen: of palladium hydride, how far its centre of mass has moved since the first frame (the mean over atoms
# in brackets), Å; of three layers of copper, heights, Å. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "matscipy==1.3.1" "ase==3.29.0"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase.build import bulk, fcc111
from ase.geometry import find_mic
from ase.io import Trajectory, write
from matscipy.drift import RemoveDrift

COUNT = 5


def moved(frame, start):
    """How far the centre of mass has moved along x, and the mean over all atoms."""
    ways = find_mic(frame.positions - start.positions, frame.cell, frame.pbc)[0][:, 0]
    return np.average(ways, weights=start.get_masses()), ways.mean()


def told(name, frames, start):
    centres = np.round([moved(frame, start) for frame in frames], 2) + 0.0
    print(f"  {name}: " + ", ".join(f"{mass:.2f} ({mean:.2f})" for mass, mean in centres))


def without_drift(name, way_of_palladium, way_of_hydrogen):
    start = bulk("PdH", "rocksalt", a=4.09, cubic=True)
    ways = np.where(start.symbols == "Pd", way_of_palladium, way_of_hydrogen)
    frames = [start.copy() for _ in range(COUNT)]
    for number, frame in enumerate(frames):
        frame.positions[:, 0] += number * ways
    print(name)
    told("as simulated", frames, start)
    write("frames.traj", frames)
    free = RemoveDrift(Trajectory("frames.traj"))
    told("from a Trajectory", [free[i] for i in range(COUNT)], start)
    free = RemoveDrift([frame.copy() for frame in frames])
    told("from a list", [free[i].copy() for i in range(COUNT)], start)
    free = RemoveDrift([frame.copy() for frame in frames])
    told("from a list, last one first", [free[i].copy() for i in reversed(range(COUNT))][::-1], start)


def layers(name, *heights):
    frames = [fcc111("Cu", (1, 1, 3)) for _ in heights]
    for frame, height in zip(frames, heights):
        frame.cell[2] = (0, 0, 20)
        frame.positions[0, 2] = height
    write("frames.traj", frames)
    free = RemoveDrift(Trajectory("frames.traj"))
    print(name)
    for i, frame in enumerate(frames):
        before, after = (np.round(each.positions[:, 2], 2) + 0.0 for each in (frame, free[i]))
        print("  as simulated:", *before, "without drift:", *after)


PALLADIUM, HYDROGEN = bulk("PdH", "rocksalt", a=4.09).get_masses()
without_drift("all atoms drift by 0.1 Å a frame", 0.1, 0.1)
without_drift("hydrogen moves by 0.1 Å a frame, palladium recoils", -0.1 * HYDROGEN / PALLADIUM, 0.1)
layers("copper in vacuum, its lowest layer vibrates", 0.0, 0.05, 0.02, -0.05)
PYTHON
diff "$folder/seen" - <<'EXPECTED'
all atoms drift by 0.1 Å a frame
  as simulated: 0.00 (0.00), 0.10 (0.10), 0.20 (0.20), 0.30 (0.30), 0.40 (0.40)
  from a Trajectory: 0.00 (0.00), 0.00 (0.00), 0.00 (0.00), 0.00 (0.00), 0.00 (0.00)
  from a list: 0.00 (0.00), 0.00 (0.00), -0.10 (-0.10), -0.40 (-0.40), -1.10 (-1.10)
  from a list, last one first: 0.00 (0.00), 0.00 (0.00), 0.00 (0.00), 0.00 (0.00), 0.00 (0.00)
hydrogen moves by 0.1 Å a frame, palladium recoils
  as simulated: 0.00 (0.00), 0.00 (0.05), 0.00 (0.10), 0.00 (0.15), 0.00 (0.20)
  from a Trajectory: 0.00 (0.00), -0.05 (0.00), -0.10 (0.00), -0.15 (0.00), -0.20 (0.00)
  from a list: 0.00 (0.00), -0.05 (0.00), -0.15 (-0.05), -0.35 (-0.20), -0.74 (-0.54)
  from a list, last one first: 0.00 (0.00), -0.05 (0.00), -0.10 (0.00), -0.15 (0.00), -0.20 (0.00)
copper in vacuum, its lowest layer vibrates
  as simulated: 0.0 2.08 4.17 without drift: 0.0 2.08 4.17
  as simulated: 0.05 2.08 4.17 without drift: 0.03 2.07 4.15
  as simulated: 0.02 2.08 4.17 without drift: 0.01 2.08 4.16
  as simulated: -0.05 2.08 4.17 without drift: 13.3 -4.57 -2.48
EXPECTED
