#!/usr/bin/env bash
# A CHGCAR of VASP holds the density of electrons times the volume of the cell, a LOCPOT a potential in eV
# (https://vasp.at/wiki/CHGCAR, https://vasp.at/wiki/LOCPOT). Of cube files the manual of Gaussian 94, keyword
# Cube, says: "All values in the cube file are in atomic units". A density is in electrons per bohr³ there, as
# in those of PySCF (https://pyscf.org/_modules/pyscf/tools/cubegen.html), and what reads one takes it for
# that.
#
# pymatgen 2026.10.24, VolumetricData.to_cube, is to "write the total volumetric data to a cube file format"
# (https://pymatgen.org/pymatgen.io.html, common). It converts the lattice and the atoms to bohr, and writes
# the data as they are. Of a CHGCAR the density is too large by the volume of the cell in bohr³: a cell with
# two electrons has 864 of them, and a larger cell with the same two has more. Of a LOCPOT the potential is
# too large by 27.2. from_cube does not convert either: electrons per bohr³ from another program are taken for
# what a CHGCAR holds. Written and read again all is the same, so that nothing is seen. No word is said.
#
# Seen: two electrons in cells of 4 and 6 Å, and a potential of -10 eV, as ASE 3.29.0 reads them from the cube
# file. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "pymatgen==2026.10.24"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase.calculators.vasp import VaspChargeDensity
from ase.io.cube import read_cube, write_cube
from ase.units import Bohr, Hartree
from pymatgen.core import Lattice, Structure
from pymatgen.io.common import VolumetricData
from pymatgen.io.vasp.inputs import Poscar
from pymatgen.io.vasp.outputs import Chgcar, Locpot


def of_cube(name):
    with open(name) as file:
        cube = read_cube(file)
    return cube["atoms"], cube["data"]


for edge in (4.0, 6.0):
    helium = Structure(Lattice.cubic(edge), ["He"], [[0.5, 0.5, 0.5]])
    steps = np.arange(24) / 24 - 0.5
    x, y, z = np.meshgrid(steps, steps, steps, indexing="ij")
    density = np.exp(-(edge**2) * (x**2 + y**2 + z**2) / 0.5)
    density *= 2 / (density.mean() * edge**3)  # electrons per Å³
    Chgcar(Poscar(helium), {"total": density * edge**3}).write_file("CHGCAR")
    chgcar = Chgcar.from_file("CHGCAR")
    volume = chgcar.structure.volume
    of_ase = VaspChargeDensity("CHGCAR").chg[0]
    print(f"{edge:.0f} Å: pymatgen, CHGCAR {chgcar.data['total'].mean():.2f} electrons", end=", ")
    print(f"ASE {of_ase.mean() * volume:.2f}")
    chgcar.to_cube("pymatgen.cube")
    atoms, data = of_cube("pymatgen.cube")
    print(f"  cube file of pymatgen {data.mean() * volume / Bohr**3:.1f} electrons", end=", ")
    with open("ase.cube", "w") as file:
        write_cube(file, atoms, of_ase * Bohr**3)
    atoms, data = of_cube("ase.cube")
    print(f"that of ASE {data.mean() * volume / Bohr**3:.2f}", end=", ")
    again = VolumetricData.from_cube("ase.cube")
    print(f"read by pymatgen {again.data['total'].mean():.5f}")

flat = np.full((6, 6, 6), -10.0)
Locpot(Poscar(helium), {"total": flat}).to_cube("potential.cube")
print(f"-10 eV: cube file of pymatgen {of_cube('potential.cube')[1].mean() * Hartree:.1f} eV")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
4 Å: pymatgen, CHGCAR 2.00 electrons, ASE 2.00
  cube file of pymatgen 863.8 electrons, that of ASE 2.00, read by pymatgen 0.00463
6 Å: pymatgen, CHGCAR 2.00 electrons, ASE 2.00
  cube file of pymatgen 2915.3 electrons, that of ASE 2.00, read by pymatgen 0.00137
-10 eV: cube file of pymatgen -272.1 eV
EXPECTED
