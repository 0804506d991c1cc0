#!/usr/bin/env bash
# ASE 3.29.0: a frame of an extended XYZ file with a position of NaN (a molecular dynamics that blew up,
# say) has energy and forces in the file, and none once it is read: get_property(...,
# allow_calculation=False) is None and get_potential_energy raises PropertyNotImplementedError, since the
# positions differ from themselves and the stored results are taken for those of other atoms. A script
# that keeps the frames with labels leaves it out without a word; one that looks for NaN among what it
# has kept finds none. The numbers are in `atoms.calc.results`.
#
# Seen: the table below. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0"
"$folder/venv/bin/python" - "$folder" <<'PYTHON' | tee "$folder/seen"
import sys
from pathlib import Path

from ase.io import read

FRAME = """1
Lattice="4 0 0 0 4 0 0 0 4" Properties=species:S:1:pos:R:3:forces:R:3 energy=-1.0
Si {x} 0 0 0 0 0
"""
path = Path(sys.argv[1]) / "one.extxyz"
for x in ("0.0", "nan"):
    path.write_text(FRAME.format(x=x))
    atoms = read(path)
    label = atoms.calc.get_property("energy", atoms, allow_calculation=False)
    try:
        energy = atoms.get_potential_energy()
    except Exception as error:
        energy = type(error).__name__
    print(f"x = {x}: get_property {label}, get_potential_energy {energy},", end=" ")
    print(f"in the file {atoms.calc.results['energy']}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
x = 0.0: get_property -1.0, get_potential_energy -1.0, in the file -1.0
x = nan: get_property None, get_potential_energy PropertyNotImplementedError, in the file -1.0
EXPECTED
