#!/usr/bin/env bash
# In the files CONFIG, REVCON and HISTORY of DL_POLY, velocities are in Å/ps and forces in Da Å/ps²
# (https://userguide.mdanalysis.org/stable/formats/reference/config.html), as the source of ASE 3.29.0 says as
# well (https://ase-lib.org/_modules/ase/io/dlp4.html). ASE itself has eV, Å and Da, and so velocities in
# units of sqrt(eV/Da), 98 Å/ps (https://ase-lib.org/ase/units.html).
#
# What reads and writes these files in ASE, formats dlp4 and dlp-history, converts from and to atomic units
# instead, of bohr and hartree, and gives these out for its own. Forces that are read are 51 times too small:
# of 1 eV/Å, 0.0194 is left. Velocities that are read are 223 times too small, those written are 223 times too
# large: crystals that DL_POLY left at room temperature are at absolute zero in ASE, and a start at 300 K
# written by ASE has 15 million kelvins in DL_POLY. Read again by ASE it has 300 K, so that nothing is seen.
# Forces as labels for a potential are wrong likewise. No word is said. MDAnalysis 2.11.0 hands out the
# numbers as they are, in those units, as it says.
#
# Seen: an atom of argon with 3 Å/ps and 1 eV/Å, and crystals of 300 K. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "MDAnalysis==2.11.0"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import MDAnalysis
import numpy as np
from ase import units
from ase.build import bulk
from ase.io import read, write
from ase.md.velocitydistribution import MaxwellBoltzmannDistribution
from scipy import constants

DALTON = constants.value("atomic mass constant")
EV_PER_ANGSTROM = constants.e / 1e-10 / (DALTON * 1e-10 / 1e-24)  # in Da Å/ps², 9648.5
PS = 1000 * units.fs


def kelvins(masses, velocities):
    """Of velocities in Å/ps."""
    kinetic = DALTON * np.sum(masses * np.sum((100 * velocities) ** 2, axis=1))
    return kinetic / (3 * len(masses) * constants.k)


def with_mdanalysis(name):
    return MDAnalysis.Universe(name, format="CONFIG", topology_format="CONFIG").atoms


def config(symbols, positions, velocities, forces, edge):
    lines = ["argon", f"{2:10d}{1:10d}{len(symbols):10d}"]
    rows = [[edge, 0, 0], [0, edge, 0], [0, 0, edge]]
    for i, symbol in enumerate(symbols):
        rows += [f"{symbol:8s}{i + 1:10d}", positions[i], velocities[i], forces[i]]
    lines += [row if isinstance(row, str) else "".join(f"{x:20.8f}" for x in row) for row in rows]
    return "\n".join(lines) + "\n"


with open("CONFIG", "w") as file:
    file.write(config(["Ar"], np.zeros((1, 3)), [[3, 0, 0]], [[EV_PER_ANGSTROM, 0, 0]], 20.0))
seen = with_mdanalysis("CONFIG")
atoms = read("CONFIG", format="dlp4")
print(f"MDAnalysis: {seen.velocities[0, 0]:.4f} Å/ps, {seen.forces[0, 0] / EV_PER_ANGSTROM:.4f} eV/Å")
print(f"ASE: {atoms.get_velocities()[0, 0] * PS:.4f} Å/ps, {atoms.get_forces()[0, 0]:.4f} eV/Å")
hartree_per_bohr = units.Hartree / units.Bohr
print(f"1 eV/Å is {1 / hartree_per_bohr:.4f} hartree/bohr")

crystal = bulk("Ar", cubic=True) * (3, 3, 3)
MaxwellBoltzmannDistribution(crystal, temperature_K=300, force_temp=True, rng=np.random.default_rng(0))
masses = crystal.get_masses()
speeds = crystal.get_velocities() * PS
zeros = np.zeros_like(speeds)
with open("REVCON", "w") as file:
    file.write(config(crystal.get_chemical_symbols(), crystal.positions, speeds, zeros, crystal.cell[0, 0]))
print(f"of DL_POLY: MDAnalysis {kelvins(masses, with_mdanalysis('REVCON').velocities):.0f} K", end=", ")
print(f"ASE {read('REVCON', format='dlp4').get_temperature():.3f} K")
write("CONFIG", crystal, format="dlp4", levcfg=1)
hot = kelvins(masses, with_mdanalysis("CONFIG").velocities)
print(f"of ASE: MDAnalysis {hot / 1e6:.1f} million K", end=", ")
print(f"ASE {read('CONFIG', format='dlp4').get_temperature():.0f} K")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
MDAnalysis: 3.0000 Å/ps, 1.0000 eV/Å
ASE: 0.0135 Å/ps, 0.0194 eV/Å
1 eV/Å is 0.0194 hartree/bohr
of DL_POLY: MDAnalysis 300 K, ASE 0.006 K
of ASE: MDAnalysis 14.9 million K, ASE 300 K
EXPECTED
