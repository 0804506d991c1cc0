#!/usr/bin/env bash
# The coordinates in an input of Gaussian are in Å, or in bohr if the route says Units=AU or Units=Bohr
# (https://gaussian.com/units/). Those of Q-Chem are in bohr if input_bohr is true
# (https://manual.q-chem.com/5.2/Ch3.S3.html), those of ORCA if the keywords hold Bohrs
# (https://www.faccts.de/docs/orca/6.1/manual/contents/essentialelements/coordinates.html). Of the same water
#
# - ASE 3.29.0 takes bohr for Å in inputs of Gaussian, format gaussian-in, and of ORCA, read_geom_orcainp;
# - pymatgen 2026.10.24 does so in inputs of Gaussian, GaussianInput, and of Q-Chem, QCInput.
#
# The unit is read: it is among the parameters that ASE attaches if asked and in route_parameters and rem of
# pymatgen, so that an input written from all this is the same again. Atoms and Molecule, which are in Å
# (https://ase-lib.org/ase/units.html), are 1.89 times too large for all else: distances, bonds, other formats
# and other programs. None says a word.
#
# Seen: the distance of O and H, Å, where 0.96 is right. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "pymatgen==2026.10.24" "pymatgen-core==2026.10.16"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from io import StringIO

from ase.io import read
from ase.io.orca import read_geom_orcainp
from pymatgen.io.gaussian import GaussianInput
from pymatgen.io.qchem.inputs import QCInput

ANGSTROM = "O 0.0 0.0 0.0\nH 0.0 0.7571 0.5861\nH 0.0 -0.7571 0.5861\n"
BOHR = "O 0.0 0.0 0.0\nH 0.0 1.4307 1.1076\nH 0.0 -1.4307 1.1076\n"


def ase_gaussian(text):
    return read(StringIO(text), format="gaussian-in").get_distance(0, 1)


def ase_orca(text):
    return read_geom_orcainp(StringIO(text)).get_distance(0, 1)


def pymatgen_gaussian(text):
    return GaussianInput.from_str(text).molecule.get_distance(0, 1)


def pymatgen_qchem(text):
    return QCInput.from_str(text).molecule.get_distance(0, 1)


def gaussian(keyword, atoms):
    return f"# hf/sto-3g {keyword}\n\nwater\n\n0 1\n{atoms}\n"


def qchem(keyword, atoms):
    return f"$molecule\n 0 1\n{atoms}$end\n\n$rem\n job_type sp\n method hf\n basis sto-3g\n{keyword}$end\n"


def orca(keyword, atoms):
    return f"! HF STO-3G {keyword}\n*xyz 0 1\n{atoms}*\n"


PROGRAMS = {
    "Gaussian": (gaussian, ["units=ang"], ["units=au", "units=bohr"], [ase_gaussian, pymatgen_gaussian]),
    "Q-Chem": (qchem, [" input_bohr false\n"], [" input_bohr true\n"], [pymatgen_qchem]),
    "ORCA": (orca, ["Angs"], ["Bohrs"], [ase_orca]),
}
for program, (made, small, large, readers) in PROGRAMS.items():
    for keyword in ["", *small, *large]:
        text = made(keyword, BOHR if keyword in large else ANGSTROM)
        told = ", ".join(f"{reader.__name__.split('_')[0]} {reader(text):.2f}" for reader in readers)
        print(f"{program}, {keyword.strip() or 'no keyword'}: {told}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
Gaussian, no keyword: ase 0.96, pymatgen 0.96
Gaussian, units=ang: ase 0.96, pymatgen 0.96
Gaussian, units=au: ase 1.81, pymatgen 1.81
Gaussian, units=bohr: ase 1.81, pymatgen 1.81
Q-Chem, no keyword: pymatgen 0.96
Q-Chem, input_bohr false: pymatgen 0.96
Q-Chem, input_bohr true: pymatgen 1.81
ORCA, no keyword: ase 0.96
ORCA, Angs: ase 0.96
ORCA, Bohrs: ase 1.81
EXPECTED
