#!/usr/bin/env bash
# A dumbbell, the interstitial of many metals, is two atoms at either side of a site that one of them left.
# atomman 1.5.4, defect.dumbbell and defect.point, takes the "vector shift to apply to the atoms", either
# Cartesian or, with scale=True, "box-relative" (https://www.ctcms.nist.gov/potentials/atomman/, defect). A
# vector is a difference of two places, and where the box begins does not matter to it.
#
# With scale=True the origin of the box is added to the vector, as if it were a place. In boxes that begin at
# 0 all is right. Others are common: supersize((-2, 2), ...) makes them, and LAMMPS's files have xlo, ylo and
# zlo, which are odd numbers after a barostat. The dumbbell then has another length, or lies another way, or
# its two atoms are far from the site, on or beside other atoms, as two defects of another kind. No word is
# said. The Cartesian vector makes the dumbbell that was meant, in all boxes.
#
# Seen: <110> dumbbells in iron, of one crystal in boxes that begin at several places: the vector between the
# two atoms, how far each is from the site, and the shortest distance of any atoms, Å. Exits non-zero if any
# line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "atomman==1.5.4" "ase==3.29.0"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import atomman
import numpy as np
from ase.neighborlist import neighbor_list

A, SIZE = 2.86, 4
VECTOR = np.array([0.25, 0.25, 0.0]) * A
SITE = np.array([A, A, A])  # from the origin of the box


def crystal(origin):
    cell = atomman.System(
        box=atomman.Box.cubic(A),
        atoms=atomman.Atoms(pos=[(0, 0, 0), (0.5, 0.5, 0.5)]),
        scale=True,
        symbols="Fe",
    )
    if isinstance(origin, tuple):
        return cell.supersize(origin, origin, origin)
    crystal = cell.supersize(SIZE, SIZE, SIZE)
    vects, places = crystal.box.vects, crystal.atoms.pos + origin
    box = atomman.Box(vects=vects, origin=np.full(3, origin))
    return atomman.System(box=box, atoms=atomman.Atoms(pos=places), symbols="Fe", pbc=(True, True, True))


def told(system, scale):
    site = system.box.origin + SITE
    chosen = int(np.argmin(np.linalg.norm(system.atoms.pos - site, axis=1)))
    vector = VECTOR / (SIZE * A) if scale else VECTOR
    made = atomman.defect.point(system, "db", ptd_id=chosen, db_vect=vector, scale=scale)
    first, second = made.atoms.pos[-2:]
    atoms = made.dump("ase_Atoms")
    distances = neighbor_list("d", atoms, 3.0)
    away = np.linalg.norm(system.dvect(site, made.atoms.pos[-2:]), axis=1)
    way = np.array2string(second - first + 0.0, precision=2, suppress_small=True, floatmode="fixed")
    return f"{way}, {away[0]:.2f} and {away[1]:.2f} from the site, shortest {distances.min():.2f}"


for origin in (0.0, 0.1, -0.25 * A, (-1, 3), (-2, 2)):
    system = crystal(origin)
    print(f"box from {system.box.origin[0]:.3f} Å")
    for name, scale in (("Cartesian", False), ("box-relative", True)):
        print(f"  {name}: {told(system, scale)}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
box from 0.000 Å
  Cartesian: [1.43 1.43 0.00], 1.01 and 1.01 from the site, shortest 1.75
  box-relative: [1.43 1.43 0.00], 1.01 and 1.01 from the site, shortest 1.75
box from 0.100 Å
  Cartesian: [1.43 1.43 0.00], 1.01 and 1.01 from the site, shortest 1.75
  box-relative: [1.63 1.63 0.20], 1.16 and 1.16 from the site, shortest 1.59
box from -0.715 Å
  Cartesian: [1.43 1.43 0.00], 1.01 and 1.01 from the site, shortest 1.75
  box-relative: [ 0.00  0.00 -1.43], 0.71 and 0.71 from the site, shortest 1.43
box from -2.860 Å
  Cartesian: [1.43 1.43 0.00], 1.01 and 1.01 from the site, shortest 1.75
  box-relative: [-4.29 -4.29 -5.72], 4.17 and 4.17 from the site, shortest 1.01
box from -5.720 Å
  Cartesian: [1.43 1.43 0.00], 1.01 and 1.01 from the site, shortest 1.75
  box-relative: [-10.01 -10.01 -11.44], 9.10 and 9.10 from the site, shortest 1.01
EXPECTED
