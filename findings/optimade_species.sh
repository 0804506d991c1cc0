#!/usr/bin/env bash
# A structure of OPTIMADE names a species for each site, and says what it is in the list `species`, in any
# order. Nobody may take a name for a symbol, nor for that element if it happens to be one: what counts are
# the chemical symbols and fractions in `species`, also of a species called C that is titanium
# (https://github.com/Materials-Consortia/OPTIMADE/blob/master/optimade.rst, "species"). Of structures that
# optimade 1.5.0 holds for valid,
#
# - its own `as_ase`, `as_pymatgen` and `as_cif` return what is meant, or refuse fractions;
# - its own `as_jarvis` hands over the names in the list, one for each species rather than one for each
#   site, and `OptimadeAdaptor.from_optimade` of jarvis-tools 2026.6.12 hands over `elements`, of which there
#   is one each in alphabetical order. Zinc and sulphur change places, and where there are more sites than
#   species, the POSCAR that jarvis-tools writes is short of the others;
# - `OptimadeStructureAdapter` of pymatgen-core 2026.10.16 does not look at `species`. A site with 10 %
#   vacancies is full, titanium that is named C is carbon, and iron of two spins, named Fe1 and Fe2, is
#   iron of the charges 1 and 2.
#
# None says a word. Titanium named C, and the tenth of it that is vacant, are examples of the specification.
# Seen: what is at each site, of jarvis-tools in the POSCAR that it writes. Exits non-zero if any line
# differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "optimade==1.5.0" "ase==3.29.0" "pymatgen-core==2026.10.16" \
    "jarvis-tools==2026.6.12"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from ase.build import bulk
from ase.spacegroup import crystal
from jarvis.core.atoms import OptimadeAdaptor
from jarvis.io.vasp.inputs import Poscar
from optimade.adapters import Structure
from pymatgen.io.optimade import OptimadeStructureAdapter

NICKEL_ARSENIDE = crystal(
    ("Ni", "As"), [(0, 0, 0), (1 / 3, 2 / 3, 0.25)], spacegroup=194, cellpar=[3.62, 3.62, 5.03, 90, 90, 120]
)


def plain(symbol, name=None):
    return {"name": name or symbol, "chemical_symbols": [symbol], "concentration": [1.0]}


def resource(atoms, names, species, flags=()):
    found = Structure.ingest_from(atoms).attributes.model_dump()
    found["species_at_sites"], found["species"] = names, species
    found["structure_features"], found["last_modified"] = list(flags), "2026-01-01T00:00:00Z"
    return {"id": "1", "type": "structures", "attributes": found}


def of(atoms, *order):
    return resource(atoms, atoms.get_chemical_symbols(), [plain(symbol) for symbol in order])


ROCK_SALT = bulk("TiN", "rocksalt", 4.24)
VACANT = {"name": "Ti", "chemical_symbols": ["Ti", "vacancy"], "concentration": [0.9, 0.1]}
CASES = {
    "ZnS, species Zn, S": of(bulk("ZnS", "zincblende", 5.41), "Zn", "S"),
    "ZnS, species S, Zn": of(bulk("ZnS", "zincblende", 5.41), "S", "Zn"),
    "NiAs": of(NICKEL_ARSENIDE, "As", "Ni"),
    "CaF2": of(bulk("CaF2", "fluorite", 5.46), "Ca", "F"),
    "silicon": of(bulk("Si"), "Si"),
    "TiN, Ti named C": resource(ROCK_SALT, ["C", "N"], [plain("Ti", "C"), plain("N")]),
    "TiN, a tenth of Ti vacant": resource(ROCK_SALT, ["Ti", "N"], [VACANT, plain("N")], ["disorder"]),
    "bcc Fe, Fe1 and Fe2": resource(
        bulk("Fe", cubic=True), ["Fe1", "Fe2"], [plain("Fe", "Fe1"), plain("Fe", "Fe2")]
    ),
}


def with_ase(entry):
    return Structure(entry).as_ase.get_chemical_symbols()


def with_pymatgen(entry):
    return [site.species_string for site in Structure(entry).as_pymatgen]


def with_cif(entry):
    rows = [line.split() for line in Structure(entry).as_cif.splitlines()]
    return [row[0] if row[2] == "1.0000" else f"{row[0]}:{row[2]}" for row in rows if len(row) == 8]


def written(atoms):
    lines = Poscar(atoms).to_string().splitlines()
    counts = [int(count) for count in lines[6].split()]
    assert len(lines) == 8 + sum(counts)
    return [symbol for symbol, count in zip(lines[5].split(), counts) for _ in range(count)]


def with_jarvis(entry):
    return written(Structure(entry).as_jarvis)


def jarvis_itself(entry):
    return written(OptimadeAdaptor().from_optimade(entry))


def pymatgen_itself(entry):
    return [site.species_string for site in OptimadeStructureAdapter.get_structure(entry)]


READERS = {
    "as_ase": with_ase,
    "as_pymatgen": with_pymatgen,
    "as_cif": with_cif,
    "as_jarvis": with_jarvis,
    "jarvis": jarvis_itself,
    "pymatgen": pymatgen_itself,
}


def told(reader, entry):
    try:
        return "".join(reader(entry))
    except Exception:
        return "refused"


for name, entry in CASES.items():
    print(f"{name}:", "; ".join(f"{reader} {told(READERS[reader], entry)}" for reader in READERS))
PYTHON
diff "$folder/seen" - <<'EXPECTED'
ZnS, species Zn, S: as_ase ZnS; as_pymatgen ZnS; as_cif ZnS; as_jarvis ZnS; jarvis SZn; pymatgen ZnS
ZnS, species S, Zn: as_ase ZnS; as_pymatgen ZnS; as_cif ZnS; as_jarvis SZn; jarvis SZn; pymatgen ZnS
NiAs: as_ase NiNiAsAs; as_pymatgen NiNiAsAs; as_cif NiNiAsAs; as_jarvis AsNi; jarvis AsNi; pymatgen NiNiAsAs
CaF2: as_ase CaFF; as_pymatgen CaFF; as_cif CaFF; as_jarvis CaF; jarvis CaF; pymatgen CaFF
silicon: as_ase SiSi; as_pymatgen SiSi; as_cif SiSi; as_jarvis Si; jarvis Si; pymatgen SiSi
TiN, Ti named C: as_ase TiN; as_pymatgen TiN; as_cif TiN; as_jarvis CN; jarvis NTi; pymatgen CN
TiN, a tenth of Ti vacant: as_ase refused; as_pymatgen Ti:0.9N; as_cif Ti:0.9000N; as_jarvis refused; jarvis NTi; pymatgen TiN
bcc Fe, Fe1 and Fe2: as_ase FeFe; as_pymatgen FeFe; as_cif FeFe; as_jarvis Fe1Fe2; jarvis Fe; pymatgen Fe+Fe2+
EXPECTED
