#!/usr/bin/env bash
# The polarization of a ferroelectric is the change of its dipole from the nonpolar crystal on, over the
# volume. VASP writes the dipoles of ions and of electrons, p[ion] and p[elc], along Cartesian axes.
#
# pymatgen 2026.10.24, Polarization.from_outcars_and_structures, makes it of OUTCARs. The module says that
# VASP's dipoles are Cartesian, and that the class can convert them to the directions of the lattice
# (https://pymatgen.org/pymatgen.analysis.ferroelectricity.html). By default it converts those of the
# electrons only, which suits calc_ionic of its own. Those of the ions, from the same file, are taken as if
# they were along a, b and c, and are added to the others. In cells of right angles, along the axes, nothing
# is amiss. In rhombohedral and other primitive cells the polarization has another size or direction, and
# depends on how the cell is turned. No word is said. calc_ionic_from_zval=True, which is recommended as VASP
# counts ions in another way, is right. So is the class with p_ions_in_cartesian=True, which this method
# cannot be told.
#
# Seen: polarizations, µC/cm², of Ge (4 electrons, Born charge 6) that moves by 0.3 Å from amid Te, and the
# angle between them and its way. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pymatgen==2026.10.24"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from pathlib import Path

import numpy as np
from pymatgen.analysis.ferroelectricity.polarization import Polarization
from pymatgen.core import Lattice, Structure
from pymatgen.io.vasp.outputs import Outcar

BORN, IONS = 6, {"Ge": 4, "Te": 6}
MOVE = 0.3  # Å
OUTCAR = """\
   VRHFIN =Ge: s2p2
   VRHFIN =Te: s2p4
   k-points           NKPTS =     10   k-points in BZ     NKDIM =     10   number of bands    NBANDS=     10
   total plane-waves  NPLWV =     32768
   IBRION =     -1    ionic relax: 0-MD 1-quasi-New 2-CG
   LCALCPOL=      T    polarization
   ZVAL   =   4.00  6.00
 Ionic dipole moment: p[ion]=({ions[0]:12.5f}{ions[1]:12.5f}{ions[2]:12.5f} ) electrons Angst
 Total electronic dipole moment: p[elc]=({rest[0]:12.5f}{rest[1]:12.5f}{rest[2]:12.5f} ) electrons Angst
"""


def step(lattice, move):
    """A crystal with its Ge moved, and what VASP writes of it; an electron counts as positive there."""
    middle = lattice.get_cartesian_coords([0.5, 0.5, 0.5])
    ions = -IONS["Ge"] * move - IONS["Te"] * middle
    Path("OUTCAR").write_text(OUTCAR.format(ions=ions, rest=(IONS["Ge"] - BORN) * move))
    structure = Structure(lattice, ["Ge", "Te"], [move, middle], coords_are_cartesian=True)
    return Outcar("OUTCAR"), structure


def told(polarization, lattice, way):
    units = lattice.matrix / np.array(lattice.lengths)[:, np.newaxis]
    change = polarization.get_polarization_change().ravel() @ units
    size = polarization.get_polarization_change_norm()
    angle = np.degrees(np.arccos(np.clip(change @ way / np.linalg.norm(change), -1, 1)))
    return f"{size:.1f}, {angle:.0f}°"


def threefold(edge, angle):
    """A rhombohedral cell with its threefold axis along z, as VASP's users often have it."""
    across = 2 * edge * np.sin(np.radians(angle) / 2) / np.sqrt(3)
    along = np.sqrt(edge**2 - across**2)
    turns = np.radians([0, 120, 240])
    return Lattice(np.column_stack([across * np.cos(turns), across * np.sin(turns), np.full(3, along)]))


LATTICES = {
    "tetragonal": (Lattice.tetragonal(5.9, 6.1), (0, 0, 1)),
    "rhombohedral, pymatgen's axes": (Lattice.rhombohedral(4.31, 57.9), (1, 1, 1)),
    "rhombohedral, threefold axis along z": (threefold(4.31, 57.9), (1, 1, 1)),
    "face-centred": (Lattice([(0, 3, 3), (3, 0, 3), (3, 3, 0)]), (1, 1, 1)),
}
for name, (lattice, direction) in LATTICES.items():
    way = lattice.get_cartesian_coords(direction)
    way /= np.linalg.norm(way)
    steps = [step(lattice, part * MOVE * way) for part in np.linspace(0, 1, 7)]
    outcars, structures = zip(*steps, strict=True)
    electrons, ions = [outcar.p_elec for outcar in outcars], [outcar.p_ion for outcar in outcars]
    print(f"{name}: by hand {1602.1766 * BORN * MOVE / lattice.volume:.1f}")
    for made, polarization in {
        "from_outcars": Polarization.from_outcars_and_structures(outcars, structures),
        "from_outcars, ZVAL": Polarization.from_outcars_and_structures(outcars, structures, True),
        "p_ions_in_cartesian": Polarization(electrons, ions, structures, True, True),
    }.items():
        print(f"  {made}: {told(polarization, lattice, way)}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
tetragonal: by hand 13.6
  from_outcars: 13.6, 0°
  from_outcars, ZVAL: 13.6, 0°
  p_ions_in_cartesian: 13.6, 0°
rhombohedral, pymatgen's axes: by hand 53.5
  from_outcars: 66.0, 8°
  from_outcars, ZVAL: 53.5, 0°
  p_ions_in_cartesian: 53.5, 0°
rhombohedral, threefold axis along z: by hand 53.5
  from_outcars: 51.4, 23°
  from_outcars, ZVAL: 53.5, 0°
  p_ions_in_cartesian: 53.5, 0°
face-centred: by hand 53.4
  from_outcars: 68.2, 0°
  from_outcars, ZVAL: 53.4, 0°
  p_ions_in_cartesian: 53.4, 0°
EXPECTED
