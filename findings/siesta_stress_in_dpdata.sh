#!/usr/bin/env bash
# SIESTA prints the stress of a crystal as the derivative of its energy by strain over the volume: positive
# where the crystal is stretched, and the line below, the pressure, is minus a third of the trace
# (siesta_analysis and state_analysis in its sources, Psol = -(s11 + s22 + s33)/3,
# https://gitlab.com/siesta-project/siesta). VASP and Quantum ESPRESSO print it positive where the crystal is
# compressed. A virial, of DeePMD and of dpdata, is minus the derivative of the energy by strain, positive
# where the crystal is compressed; dpdata 1.1.0 itself hands a virial to ASE as minus the stress times the
# volume. It reads virials from VASP and Quantum ESPRESSO as they are meant. From SIESTA, `siesta/output` and
# `siesta/aimd_output`, it multiplies what is printed by the volume as for those: with the wrong sign.
# Energies of a potential that is trained on them fall as the crystal is compressed where they should rise,
# and a data set from two codes contradicts itself. ASE 3.29.0 reads the FORCE_STRESS of the same run with its
# own sign, which is SIESTA's. None says a word.
#
# Seen: of one silicon crystal under 5 GPa, and another under -5 GPa, the pressure, GPa, that SIESTA prints,
# what follows from what each reader returns, and what is left where dpdata hands the atoms to ASE. Exits
# non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "dpdata==1.1.0"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from pathlib import Path

import ase.io
import dpdata
import numpy as np
from ase.build import bulk
from ase.io.siesta_output import OutputReader
from ase.units import Bohr, GPa, Ry

SILICON = bulk("Si", "diamond", 5.3, cubic=True)
VOLUME = SILICON.get_volume()
SHEAR = 0.3  # GPa, so that there are six numbers


def tensor(pressure):
    """Stress, GPa, positive where the crystal is stretched."""
    return -pressure * np.eye(3) + SHEAR * (1 - np.eye(3))


def rows(numbers, start="", digits=6):
    return [start + "".join(f"{number:{digits + 6}.{digits}f}" for number in row) for row in numbers]


def siesta(pressure, prefix):
    """What SIESTA prints: of a single point with `siesta:` in each row, of molecular dynamics without."""
    count = len(SILICON)
    stress = tensor(pressure) * GPa
    units = {"Ry/Bohr**3": pressure * GPa / (Ry / Bohr**3), "eV/Ang**3": pressure * GPa, "kBar": 10 * pressure}
    names = [" Species number:            1  Label: Si Atomic number:          14"]
    names += [f"initatomlists: Number of atoms, orbitals, and projectors:  {count}   104   128"]
    names += ["redata: Number of Atomic Species         =        1"]
    atoms = ["outcoor: Atomic coordinates (Ang):                  "]
    atoms += [f"{x:14.8f}{y:14.8f}{z:14.8f}   1{k:8d}  Si" for k, (x, y, z) in enumerate(SILICON.positions, 1)]
    cell = ["", "outcell: Unit cell vectors (Ang):", *rows(SILICON.cell), ""]
    cell += [f"outcell: Cell volume (Ang**3)        :{VOLUME:12.4f}", ""]
    energy = ["siesta: E_KS(eV) =             -862.5000", ""]
    forces = ["siesta: Atomic forces (eV/Ang):"]
    forces += [f"{prefix}{k:6d}    0.000000    0.000000    0.000000" for k in range(1, count + 1)]
    forces += [prefix + 40 * "-", f"{prefix}   Tot    0.000000    0.000000    0.000000"]
    head = "siesta: Stress tensor (static) (eV/Ang**3):"
    tail = ["", f"siesta: Pressure (static): {10 * pressure:19.8f}  kBar", ""]
    if prefix:
        tail = ["", f"siesta: Cell volume = {VOLUME:17.6f} Ang**3", "", "siesta: Pressure (static):"]
        tail += ["siesta:                Solid            Molecule  Units"]
        tail += [f"siesta:     {number:18.8f} {number:18.8f}  {unit}" for unit, number in units.items()] + [""]
    return "\n".join([*names, "", *atoms, *cell, *energy, *forces, "", head, *rows(stress, prefix or "     "), *tail])


def quantum_espresso(pressure):
    kbar = -10 * tensor(pressure)
    stress = [one + two for one, two in zip(rows(kbar * GPa / 10 / (Ry / Bohr**3), digits=8), rows(kbar, digits=2))]
    forces = [f"     atom{k:5d} type  1   force =     0.00000000    0.00000000    0.00000000" for k in range(1, 9)]
    forces = ["     Forces acting on atoms (cartesian axes, Ry/au):", "", *forces, ""]
    head = f"     total   stress  (Ry/bohr**3)                   (kbar)     P={10 * pressure:12.2f}"
    return "\n".join(["!    total energy              =     -63.39200000 Ry", "", *forces, head, *stress, "", ""])


def input_of_espresso():
    cell = ["CELL_PARAMETERS angstrom", *rows(SILICON.cell)]
    atoms = ["ATOMIC_POSITIONS angstrom"] + [f"Si {x:.6f} {y:.6f} {z:.6f}" for x, y, z in SILICON.positions]
    return "\n".join(["&SYSTEM", "ibrav = 0", "nat = 8", "ntyp = 1", "/", *cell, "", *atoms, ""])


def of_virial(path, **how):
    system = dpdata.LabeledSystem(path, **how)
    virial = system["virials"][0]
    handed = system.to_ase_structure()[0].get_stress(voigt=False)
    return np.trace(virial) / 3 / VOLUME / GPa, -np.trace(handed) / 3 / GPa


def with_ase(pressure):
    """Of FORCE_STRESS, which SIESTA writes in Ry/bohr³ and Ry/bohr."""
    stress = tensor(pressure) * GPa / (Ry / Bohr**3)
    numbers = [" -63.392", *rows(stress, digits=9), "  8"]
    numbers += ["   1    14    0.000000000    0.000000000    0.000000000  Si"] * 8
    Path("FORCE_STRESS").write_text("\n".join(numbers) + "\n")
    stress = OutputReader(prefix="silicon", directory=Path(".")).read_forces_stress()["stress"]
    return -stress[:3].mean() / GPa


KINDS = {"single.out": "siesta/output", "dynamics.out": "siesta/aimd_output", "silicon.out": "qe/pw/scf"}
for pressure in (5.0, -5.0):
    Path("single.out").write_text(siesta(pressure, "siesta: "))
    Path("dynamics.out").write_text(siesta(pressure, ""))
    Path("silicon.in").write_text(input_of_espresso())
    Path("silicon.out").write_text(quantum_espresso(pressure))
    (printed,) = [line for line in Path("single.out").read_text().splitlines() if line.endswith("kBar")]
    print(f"SIESTA prints {float(printed.split()[1]) / 10:+.1f}; ASE {with_ase(pressure):+.1f}")
    for path, kind in KINDS.items():
        told, handed = of_virial(path, fmt=kind)
        print(f"  dpdata, {kind}: {told:+.1f}, handed to ASE {handed:+.1f}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
SIESTA prints +5.0; ASE +5.0
  dpdata, siesta/output: -5.0, handed to ASE -5.0
  dpdata, siesta/aimd_output: -5.0, handed to ASE -5.0
  dpdata, qe/pw/scf: +5.0, handed to ASE +5.0
SIESTA prints -5.0; ASE -5.0
  dpdata, siesta/output: +5.0, handed to ASE +5.0
  dpdata, siesta/aimd_output: +5.0, handed to ASE +5.0
  dpdata, qe/pw/scf: -5.0, handed to ASE -5.0
EXPECTED
