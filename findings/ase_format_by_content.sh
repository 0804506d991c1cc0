#!/usr/bin/env bash
# ASE 3.29.0, ase.io.read: the format of a file is guessed from its first bytes before its ending is
# looked at, also for `.xyz` and `.extxyz`. A sound extended XYZ file whose comment begins with "SLAB",
# "CRYSTAL" or "POLYMER" is taken for XSF, one that mentions "Program PWSCF" or "GAMESS" (as a note on
# where energies come from) for the output of these programs, and reading it fails, in words that have
# nothing to do with the file. With format="extxyz" all are read.
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
from ase.io.formats import filetype

FRAME = '1\n{note}Lattice="4 0 0 0 4 0 0 0 4" Properties=species:S:1:pos:R:3 energy=-1.0\nSi 0 0 0\n'
path = Path(sys.argv[1]) / "one.extxyz"
for note in ("", "SLAB ", "CRYSTAL ", "source='Program PWSCF' ", "source=GAMESS "):
    path.write_text(FRAME.format(note=note))
    try:
        found = f"{len(read(path))} atom"
    except Exception as error:
        found = type(error).__name__
    told = read(path, format="extxyz")
    print(f"{note!r} -> {filetype(str(path))}: {found}; told: {told.get_potential_energy()} eV")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
'' -> extxyz: 1 atom; told: -1.0 eV
'SLAB ' -> xsf: AssertionError; told: -1.0 eV
'CRYSTAL ' -> xsf: AssertionError; told: -1.0 eV
"source='Program PWSCF' " -> espresso-out: StopIteration; told: -1.0 eV
'source=GAMESS ' -> gamess-us-out: AttributeError; told: -1.0 eV
EXPECTED
