#!/usr/bin/env bash
# ASE 3.29.0, ase.io.extxyz: texts in the comment line of an extended XYZ file come back as other
# types. Written as str, "F" and "T" are read as truth values, "12" as an integer, "1e5", "inf" and "nan"
# as floats, "1 2" as an array of ints; quotes around the value change nothing. A formula such as
# "F" (fluorine), a symbol such as "T" or an id made of digits is hit. A text that begins with
# `_JSON ` and holds a JSON string is read back as that string.
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

from ase import Atoms
from ase.io import read, write

path = Path(sys.argv[1]) / "one.extxyz"
for text in ("F", "T", "12", "1e5", "inf", "nan", "1 2", "MgF2", '_JSON "F"'):
    atoms = Atoms("Si", cell=[4, 4, 4], pbc=True)
    atoms.info["note"] = text
    write(path, atoms)
    found = read(path).info["note"]
    print(f"{text!r} -> {type(found).__name__} {found}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
'F' -> bool False
'T' -> bool True
'12' -> int64 12
'1e5' -> float64 100000.0
'inf' -> float64 inf
'nan' -> float64 nan
'1 2' -> ndarray [1 2]
'MgF2' -> str MgF2
'_JSON "F"' -> str F
EXPECTED
