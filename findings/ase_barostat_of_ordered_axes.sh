#!/usr/bin/env bash
# ase.md.nptberendsen.Inhomogeneous_NPTBerendsen (ASE 3.29.0) lets "the size of the unit cell ... change
# independently in the three directions" until the pressure along each is the one asked for
# (https://ase-lib.org/_modules/ase/md/nptberendsen.html). It makes the first vector of the cell longer or
# shorter by the pressure along x, the second by that along y, the third by that along z, wherever these
# vectors point. The same crystal in another of its cells is driven the wrong way: the vectors of copper in
# the order y, x, z, stretched along x, shrink along y, and the difference between the stresses grows
# exponentially where it should go away; likewise, more slowly, in the order z, x, y. In the primitive cell as
# ase.build.bulk makes it, of which no vector points along an axis, it grows, too. It is right where the
# vectors lie along x, y and z in this order. No cell is refused and none warned of.
#
# Seen: of copper, EMT, stretched by 1 % along x, at 1 K and no pressure, the largest less the smallest of
# the stresses along x, y and z, GPa, each 250 fs. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase import units
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.md.nptberendsen import Inhomogeneous_NPTBerendsen
from ase.md.velocitydistribution import MaxwellBoltzmannDistribution


def ordered(axes):
    atoms = bulk("Cu", cubic=True)
    atoms.cell = atoms.cell[axes]
    return atoms


def difference(atoms):
    return np.ptp(atoms.get_stress()[:3]) / units.GPa


CELLS = {
    "x, y, z": ordered([0, 1, 2]),
    "y, x, z": ordered([1, 0, 2]),
    "z, x, y": ordered([2, 0, 1]),
    "primitive": bulk("Cu"),
}
for name, atoms in CELLS.items():
    atoms.set_cell(atoms.cell * [1.01, 1, 1], scale_atoms=True)
    atoms.calc = EMT()
    MaxwellBoltzmannDistribution(atoms, temperature_K=1, rng=np.random.default_rng(0))
    dynamics = Inhomogeneous_NPTBerendsen(
        atoms,
        5 * units.fs,
        temperature_K=1,
        pressure_au=0.0,
        taut=50 * units.fs,
        taup=50 * units.fs,
        compressibility_au=1 / (140 * units.GPa),
    )
    told = [difference(atoms)]
    for _ in range(4):
        dynamics.run(50)
        told.append(difference(atoms))
    print(f"{name}:", ", ".join(f"{number:.1f}" for number in told), flush=True)
PYTHON
diff "$folder/seen" - <<'EXPECTED'
x, y, z: 0.5, 0.3, 0.1, 0.1, 0.0
y, x, z: 0.5, 1.1, 2.2, 4.0, 5.7
z, x, y: 0.5, 0.9, 1.1, 1.8, 2.7
primitive: 0.5, 0.9, 1.4, 2.4, 5.0
EXPECTED
