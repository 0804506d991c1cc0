#!/usr/bin/env bash
# Selective dynamics in a POSCAR, "F T F", lets an atom move along the second vector of the cell only
# (https://vasp.at/wiki/POSCAR). ASE 3.29.0 reads this as FixScaled, which is to "fix atoms in the directions
# of the unit vectors" (https://ase-lib.org/ase/constraints.html), and constrains positions as that says.
#
# - Of a force it should leave what pulls along the free vectors. It multiplies by the matrix of the cell
#   where the transposed one belongs, the same only where that is symmetric, as of rectangular cells and of
#   the fcc primitive cell of ase.build.bulk. In hexagonal cells, and in the same primitive cell turned to its
#   standard form, a part of the force across comes in. The atom rests where this cancels the rest, the
#   relaxation says that it has converged, and half an eV/Å still pulls along b.
# - Momenta are treated as forces are. In all oblique cells velocities point away from b.
#
# Nothing is refused and nothing warned of.
#
# Seen: copper, EMT, of which one atom, out of place, may move along b only. Angle of its velocity to b, what
# FIRE says, where along b the atom ends, where the energy is lowest in a scan, Å, and the force along b,
# eV/Å. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0"
cd "$folder"
OMP_NUM_THREADS=1 "$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase.build import bulk, fcc111
from ase.calculators.emt import EMT
from ase.constraints import FixScaled
from ase.io import read, write
from ase.optimize import FIRE
from scipy.optimize import minimize_scalar

primitive = bulk("Cu").repeat(2)
standard = primitive.copy()
standard.set_cell(primitive.cell.standard_form()[0], scale_atoms=True)
CELLS = {
    "cubic": bulk("Cu", cubic=True).repeat(2),
    "rectangular slab": fcc111("Cu", (2, 2, 3), vacuum=6, orthogonal=True),
    "hexagonal slab": fcc111("Cu", (2, 2, 3), vacuum=6),
    "primitive": primitive,
    "primitive, standard form": standard,
}


def selected(atoms):
    """The last atom out of place and free along b, the others fixed, by way of a POSCAR."""
    last = len(atoms) - 1
    fractions = atoms.get_scaled_positions()
    fractions[last] += (0.03, 0.05, 0)
    atoms.set_scaled_positions(fractions)
    atoms.set_constraint([FixScaled(range(last)), FixScaled([last], mask=(True, False, True))])
    write("POSCAR", atoms, format="vasp", direct=True)
    return read("POSCAR", format="vasp")


for name, whole in CELLS.items():
    atoms = selected(whole)
    atoms.calc = EMT()
    start, b = atoms.positions[-1].copy(), atoms.cell[1] / np.linalg.norm(atoms.cell[1])

    def energy(shift):
        other = atoms.copy()
        other.set_constraint()
        other.positions[-1] = start + shift * b
        other.calc = EMT()
        return other.get_potential_energy()

    atoms.set_velocities(np.ones((len(atoms), 3)))
    velocity = atoms.get_velocities()[-1]
    angle = np.degrees(np.arccos(min(1.0, abs(velocity @ b) / np.linalg.norm(velocity))))
    atoms.set_momenta(None)
    converged = FIRE(atoms, logfile=None).run(fmax=0.01, steps=300)
    shift = (atoms.positions[-1] - start) @ b
    lowest = minimize_scalar(energy, bounds=(-1, 0.5), method="bounded").x
    force = atoms.get_forces(apply_constraint=False)[-1] @ b
    print(
        f"{name}: {angle:.0f}°, {'converged' if converged else 'not converged'},",
        f"at {shift:.2f}, lowest at {lowest:.2f}, force {abs(force):.1f}",
    )
PYTHON
diff "$folder/seen" - <<'EXPECTED'
cubic: 0°, converged, at -0.36, lowest at -0.36, force 0.0
rectangular slab: 0°, converged, at -0.22, lowest at -0.22, force 0.0
hexagonal slab: 57°, converged, at -0.25, lowest at -0.33, force 0.5
primitive: 35°, converged, at -0.33, lowest at -0.33, force 0.0
primitive, standard form: 57°, converged, at -0.26, lowest at -0.33, force 0.6
EXPECTED
