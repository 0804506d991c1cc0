#!/usr/bin/env bash
# pymatgen-core 2026.10.16, monty 2026.10.21: Structure.from_dict, and Structure.from_file of a .json,
# import the module that a site property names under "@module", and call `from_dict` of the class that it
# names under "@class". JSON of structures from elsewhere (data sets, attachments) is therefore not read
# as data only: a module of that name beside the script, say unpacked from the same archive, is run.
# Lattice, species and coordinates need none of it.
#
# Seen: the lines below. Exits non-zero if any differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pymatgen-core==2026.10.16" "monty==2026.10.21"
mkdir "$folder/archive"
cd "$folder/archive"
cat > beside_it.py <<'PYTHON'
print("the module is run")


class Thing:
    @classmethod
    def from_dict(cls, content):
        print("its class is called with", content)
        return cls()
PYTHON
cat > structure.json <<'JSON'
{"lattice": {"matrix": [[4, 0, 0], [0, 4, 0], [0, 0, 4]]},
 "sites": [{"species": [{"element": "Si", "occu": 1}], "abc": [0, 0, 0],
            "properties": {"note": {"@module": "beside_it", "@class": "Thing", "text": "hello"}}}]}
JSON
"$folder/venv/bin/python" -W ignore -c '
import sys
sys.path.insert(0, "")
from pymatgen.core import Structure
print(Structure.from_file("structure.json").formula)
' | tee "$folder/seen"
diff "$folder/seen" - <<'EXPECTED'
the module is run
its class is called with {'text': 'hello'}
Si1
EXPECTED
