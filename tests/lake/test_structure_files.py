"""Exported structures are those of the lake."""

from __future__ import annotations

import ase.io
import numpy as np
import pytest
from ase.db import connect
from pymatgen.core import Lattice, Structure
from pymatgen.io.ase import AseAtomsAdaptor
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

from a2c_ray.lake import Lake, NoStructureError, QueryError, Store, structure_columns, write_part
from a2c_ray.lake.structure_files import ExportError, export_structures

QUERY = "SELECT * EXCLUDE (subcell_ids) FROM products ORDER BY energy_per_atom DESC"
ENERGIES = [-5.3, -5.41234567]


@pytest.fixture
def structures(rutile, diamond):
    return [rutile, diamond.copy().perturb(0.1, seed=0)]


@pytest.fixture
def lake(structures, tmp_path):
    rows = [
        structure_columns(structure)
        | {"product_id": f"run1-{k}", "energy_per_atom": energy, "degenerate": k == 0}
        | {"space_group": "P4_2/mnm", "n_subcells": 3}
        for k, (structure, energy) in enumerate(zip(structures, ENERGIES, strict=True))
    ]
    write_part(Store.at(tmp_path / "lake"), "products", "MgF2", "run1", "products", rows)
    return Lake(tmp_path / "lake")


def assert_same(found: Structure, wanted: Structure, tolerance: float = 1e-7):
    assert found.species == wanted.species
    assert found.lattice.parameters == pytest.approx(wanted.lattice.parameters, abs=tolerance)
    shift = found.frac_coords - wanted.frac_coords
    assert np.abs(shift - np.round(shift)).max() < tolerance


def test_cif_files_are_named_after_their_ids(lake, structures, tmp_path):
    assert export_structures(lake, QUERY, "cif", tmp_path / "out") == 2
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["run1-0.cif", "run1-1.cif"]
    for name, wanted in zip(names, structures, strict=True):
        assert_same(Structure.from_file(tmp_path / "out" / name), wanted)


def test_a_crystal_in_a_left_handed_cell_is_not_mirrored(tmp_path):
    """Right-handed quartz, P3_121, whose mirror image is P3_221."""
    lattice = Lattice.hexagonal(4.91, 5.43)
    sites = [[0.465, 0, 1 / 3], [0.415, 0.272, 0.12 + 1 / 3]]
    quartz = Structure.from_spacegroup("P3_121", lattice, ["Si", "O"], sites)
    swapped = Structure(
        quartz.lattice.matrix[[1, 0, 2]], quartz.species, quartz.frac_coords[:, [1, 0, 2]]
    )
    assert np.linalg.det(swapped.lattice.matrix) < 0
    row = structure_columns(swapped) | {"product_id": "run1-0"}
    write_part(Store.at(tmp_path / "lake"), "products", "SiO2", "run1", "products", [row])
    export_structures(Lake(tmp_path / "lake"), "FROM products", "cif", tmp_path / "out")
    found = Structure.from_file(tmp_path / "out" / "run1-0.cif")
    assert SpacegroupAnalyzer(found).get_space_group_number() == 152


@pytest.mark.parametrize(
    ("column", "names"),
    [
        ("space_group AS glass_id", ["P4_2-mnm.cif", "P4_2-mnm_2.cif"]),
        ("energy_per_atom", ["000001.cif", "000002.cif"]),
    ],
)
def test_names_of_cif_files_are_unique(lake, tmp_path, column, names):
    query = f"SELECT {column}, lattice, species, frac_coords FROM products"
    export_structures(lake, query, "cif", tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names


def test_names_that_look_as_if_they_were_numbered_stay_unique(lake, tmp_path):
    names = "unnest(['Si', 'Si', 'Si_2']) AS product_id"
    query = f"SELECT {names}, lattice, species, frac_coords FROM products LIMIT 3"
    assert export_structures(lake, query, "cif", tmp_path / "out") == 3
    written = sorted(path.stem for path in (tmp_path / "out").iterdir())
    assert written == ["Si", "Si_2", "Si_2_2"]


def test_extxyz(lake, structures, tmp_path):
    assert export_structures(lake, QUERY, "extxyz", tmp_path / "out.xyz") == 2
    frames = ase.io.read(tmp_path / "out.xyz", ":", format="extxyz")
    for atoms, wanted, energy in zip(frames, structures, ENERGIES, strict=True):
        assert_same(AseAtomsAdaptor.get_structure(atoms), wanted)
        assert atoms.get_potential_energy() == pytest.approx(energy * len(wanted))
        assert atoms.info["energy_per_atom"] == pytest.approx(energy)
        assert atoms.info["run_id"] == "run1"
        assert atoms.info["space_group"] == "P4_2/mnm"
        assert atoms.info["n_subcells"] == 3
    assert [bool(atoms.info["degenerate"]) for atoms in frames] == [True, False]


def test_ase_database(lake, structures, tmp_path):
    assert export_structures(lake, QUERY, "ase-db", tmp_path / "out.db") == 2
    with connect(tmp_path / "out.db") as database:
        rows = list(database.select(sort="id"))
        assert [row.product_id for row in database.select(degenerate=True)] == ["run1-0"]
    for row, wanted, energy in zip(rows, structures, ENERGIES, strict=True):
        assert_same(AseAtomsAdaptor.get_structure(row.toatoms()), wanted)
        assert row.energy == pytest.approx(energy * len(wanted))
        assert row.key_value_pairs["space_group"] == "P4_2/mnm"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lake", "out.db"]


def test_rows_without_energy_have_none(lake, tmp_path):
    query = "SELECT lattice, species, frac_coords FROM products"
    export_structures(lake, query, "extxyz", tmp_path / "out.xyz")
    assert ase.io.read(tmp_path / "out.xyz").calc is None


@pytest.mark.parametrize("format", ["cif", "extxyz", "ase-db"])
def test_what_is_there_is_not_overwritten(lake, tmp_path, format):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(ExportError, match="is there already"):
        export_structures(lake, QUERY, format, tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.parametrize("format", ["cif", "extxyz", "ase-db"])
@pytest.mark.parametrize(
    ("query", "error", "told"),
    [
        (f"{QUERY} LIMIT 0", ExportError, "selects no row"),
        ("SELECT lattice FROM products", NoStructureError, "select lattice, species"),
        ("SELECT nothing FROM products", QueryError, "nothing"),
        ("SELECT *, error('late') FROM products", QueryError, "late"),
    ],
)
def test_a_failure_leaves_nothing(lake, tmp_path, format, query, error, told):
    with pytest.raises(error, match=told):
        export_structures(lake, query, format, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["lake"]


def test_a_name_that_ase_cannot_use_is_told(lake, tmp_path):
    query = 'SELECT *, 1 AS "a b" FROM products'
    with pytest.raises(ExportError, match="cannot hold row 1"):
        export_structures(lake, query, "ase-db", tmp_path / "out.db")


@pytest.mark.parametrize("format", ["extxyz", "ase-db"])
def test_numbers_of_any_type_are_numbers(lake, tmp_path, format):
    query = """SELECT sum(3::BIGINT) OVER () AS sum, 1.5::DECIMAL(4, 2) AS half,
        170141183460469231731687303715884105727::HUGEINT AS huge, DATE '2026-01-02' AS day,
        * EXCLUDE (subcell_ids) FROM products"""
    export_structures(lake, query, format, tmp_path / "out")
    if format == "extxyz":
        found = ase.io.read(tmp_path / "out", index=0, format="extxyz").info
    else:
        with connect(tmp_path / "out", type="db") as database:
            found = database.get(id=1).key_value_pairs
    values = [found[name] for name in ("sum", "half", "huge", "day")]
    assert values == [6, 1.5, pytest.approx(2.0**127), "2026-01-02"]


def test_a_total_energy_is_the_energy(lake, tmp_path):
    query = "SELECT *, energy_per_atom * n_atoms AS energy FROM products ORDER BY energy_per_atom"
    export_structures(lake, query, "extxyz", tmp_path / "out.xyz")
    export_structures(lake, query, "ase-db", tmp_path / "out.db")
    for file in ("out.xyz", "out.db"):
        atoms = ase.io.read(tmp_path / file, index=0)
        assert atoms.get_potential_energy() / len(atoms) == pytest.approx(min(ENERGIES))


@pytest.mark.parametrize(
    "text",
    [
        *("F", "T", "12", "1e5", "inf", "nan", "true", "MgF2", "a b", "1 2", "", " ", "a=b", "Å"),
        *("a\nb", "a b\rc", "a\tb", "a\\b", 'a "b"', 'a\n"\\b"', "_JSON {", "{a", "\u2028"),
    ],
)
def test_texts_are_read_back_as_they_are(lake, tmp_path, text):
    query = f"SELECT '{text}' AS note, lattice, species, frac_coords FROM products"
    export_structures(lake, query, "extxyz", tmp_path / "out.xyz")
    assert ase.io.read(tmp_path / "out.xyz", index=0).info["note"] == text


@pytest.mark.parametrize("text", ["0012", "1e5", "True", "False", "nan"])
def test_texts_that_look_like_numbers_are_data_of_an_ase_database(lake, tmp_path, text):
    query = f"SELECT '{text}' AS note, 'a 1' AS other, lattice, species, frac_coords FROM products"
    assert export_structures(lake, query, "ase-db", tmp_path / "out.db") == 2
    with connect(tmp_path / "out.db") as database:
        rows = list(database.select())
    assert [row.data["note"] for row in rows] == [text] * 2
    assert [row.key_value_pairs for row in rows] == [{"other": "a 1"}] * 2


@pytest.mark.parametrize("format", ["cif", "extxyz", "ase-db"])
@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ("['Qq', 'F'] AS species", "species holds 'Qq', which is no element"),
        ("'MgF' AS species", "species is 'MgF', not a list of symbols"),
        ("['Mg'] AS species", "frac_coords has 18 numbers, expected 3"),
        ("[0.0] AS lattice", "lattice has 1 numbers, expected 9"),
        ("repeat([0.0], 9) AS lattice", "lattice has no volume"),
        ("'here' AS lattice", "lattice is not a list of numbers"),
        ("repeat(['nan'::FLOAT], 18) AS frac_coords", "frac_coords holds .* not finite"),
        ("CASE WHEN false THEN lattice END AS lattice", "no structure without lattice"),
    ],
)
def test_a_row_that_is_no_crystal_is_named(lake, tmp_path, format, changed, told):
    query = f"SELECT * REPLACE ({changed}) FROM products WHERE product_id = 'run1-0'"
    with pytest.raises(NoStructureError, match=rf"^row 1 \(run1-0\): .*{told}"):
        export_structures(lake, query, format, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["lake"]
