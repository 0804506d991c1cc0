#!/usr/bin/env bash
# Between the first and the last of N frames of a trajectory lie N - 1 intervals, and N - n windows are n
# intervals long. The mean square displacement (MSD) at a time is the mean over the windows that are so long,
# and of atoms that move straight on at a speed v it is (v t)², whichever windows there are.
#
# kinisi 2.1.0 puts the first frame before itself once more, be it read from ASE, MDAnalysis or an XDATCAR, so
# that nothing moves during the first interval. By default it tells the MSD up to "the full simulation length"
# (https://github.com/kinisi-dev/kinisi/blob/main/kinisi/parser.py): it goes on one interval further. At each
# time one window is an interval too short, so that the MSD is too small, most where windows are few: at the
# end of a trajectory, and everywhere in short ones, as first-principles dynamics has them. The last value is
# that of the interval before, told for a time that was not simulated. Diffusion coefficients are fits to
# these values. No word is said. MDAnalysis 2.11.0, EinsteinMSD, is right.
#
# Seen: times and MSD, Å², of lithium that moves by 0.6 Å a frame among oxygen at rest. Exits non-zero if any
# line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "kinisi==2.1.0" "ase==3.29.0" \
    "pymatgen==2026.10.24" "MDAnalysis==2.11.0"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import MDAnalysis
import numpy as np
import scipp as sc
from ase import Atoms
from ase.io import write
from kinisi.analyze import DiffusionAnalyzer
from MDAnalysis.analysis.msd import EinsteinMSD
from pymatgen.io.vasp.outputs import Xdatcar

STEP = 0.6  # Å a frame
SETTINGS = {
    "specie": "Li",
    "time_step": 1.0 * sc.Unit("fs"),
    "step_skip": 1 * sc.units.dimensionless,
    "progress": False,
}


def positions(frames):
    rng = np.random.default_rng(0)
    start, ways = rng.uniform(0, 10, (16, 3)), rng.normal(size=(8, 3))
    ways *= STEP / np.linalg.norm(ways, axis=1)[:, np.newaxis]
    moves = np.vstack([ways, np.zeros((8, 3))])
    return np.array([start + frame * moves for frame in range(frames)])


def of_kinisi(make, trajectory):
    analyzer = make(trajectory, **SETTINGS)
    return analyzer.dt.values, analyzer.msd.values


def of_mdanalysis(places):
    universe = MDAnalysis.Universe.empty(len(places[0]), trajectory=True)
    universe.load_new(places)
    msd = EinsteinMSD(universe.atoms[:8], fft=False).run()
    return np.arange(1, len(places)), msd.results.timeseries[1:]


def told(name, times, values):
    chosen = [0, len(times) // 2, -2, -1] if len(times) > 3 else range(len(times))
    return f"  {name}: " + "; ".join(f"{times[i]:.0f} fs {values[i]:.2f}" for i in chosen)


for count in (3, 11, 101):
    places = positions(count)
    frames = [Atoms("Li8O8", places[frame], cell=[10, 10, 10], pbc=True) for frame in range(count)]
    for frame in frames:
        frame.wrap()
    write("XDATCAR", frames, format="vasp-xdatcar")
    times = np.arange(1, count)
    print(f"{count} frames")
    print(told("by hand", times, (STEP * times) ** 2))
    print(told("MDAnalysis", *of_mdanalysis(places)))
    print(told("kinisi, from ASE", *of_kinisi(DiffusionAnalyzer.from_ase, frames)))
    print(told("kinisi, from XDATCAR", *of_kinisi(DiffusionAnalyzer.from_xdatcar, Xdatcar("XDATCAR"))))
PYTHON
diff "$folder/seen" - <<'EXPECTED'
3 frames
  by hand: 1 fs 0.36; 2 fs 1.44
  MDAnalysis: 1 fs 0.36; 2 fs 1.44
  kinisi, from ASE: 1 fs 0.24; 2 fs 0.90; 3 fs 1.44
  kinisi, from XDATCAR: 1 fs 0.24; 2 fs 0.90; 3 fs 1.44
11 frames
  by hand: 1 fs 0.36; 6 fs 12.96; 9 fs 29.16; 10 fs 36.00
  MDAnalysis: 1 fs 0.36; 6 fs 12.96; 9 fs 29.16; 10 fs 36.00
  kinisi, from ASE: 1 fs 0.33; 6 fs 12.30; 10 fs 32.58; 11 fs 36.00
  kinisi, from XDATCAR: 1 fs 0.33; 6 fs 12.30; 10 fs 32.58; 11 fs 36.00
101 frames
  by hand: 1 fs 0.36; 51 fs 936.36; 99 fs 3528.36; 100 fs 3600.00
  MDAnalysis: 1 fs 0.36; 51 fs 936.36; 99 fs 3528.36; 100 fs 3600.00
  kinisi, from ASE: 1 fs 0.36; 51 fs 935.65; 100 fs 3564.18; 101 fs 3600.00
  kinisi, from XDATCAR: 1 fs 0.36; 51 fs 935.65; 100 fs 3564.18; 101 fs 3600.00
EXPECTED
