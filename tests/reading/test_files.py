"""Files of all kinds, whole and broken: each structure, or a line that says which and why not."""

from __future__ import annotations

import bz2
import gzip
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ase import Atoms
from ase.build import bulk
from ase.constraints import FixAtoms
from ase.db import connect
from ase.io import Trajectory, read, write
from pymatgen.core import DummySpecies, Lattice, Structure
from pymatgen.io.cif import CifWriter
from pymatgen.io.vasp import Poscar

from a2c_ray.lake import Store, mark_version, structure_columns, write_part
from a2c_ray.reading.files import PIPE, InputFile, find_files, read_files
from a2c_ray.reading.frames import Frame, Problem


def silicon(seed: int, cubic: bool = True) -> Atoms:
    atoms = bulk("Si", cubic=cubic)
    atoms.rattle(0.05, seed=seed)
    return atoms


def frames_in(*paths) -> list:
    found = find_files(map(str, paths))
    assert not found.problems
    return list(read_files(found.files))


def problems_in(path) -> list[tuple[int | None, str]]:
    told = frames_in(path)
    assert all(isinstance(each, Problem) for each in told)
    assert all("\n" not in str(each) for each in told)
    return [(each.index, each.reason) for each in told]


def check_same(frames, originals, atol=1e-7):
    assert [type(frame) for frame in frames] == [Frame] * len(originals)
    assert [frame.index for frame in frames] == list(range(len(originals)))
    for frame, atoms in zip(frames, originals, strict=True):
        np.testing.assert_array_equal(frame.atoms.numbers, atoms.numbers)
        np.testing.assert_allclose(frame.atoms.cell, atoms.cell, atol=atol)
        apart = frame.atoms.get_scaled_positions() - atoms.get_scaled_positions()
        np.testing.assert_allclose(apart - np.round(apart), 0.0, atol=atol)


@pytest.fixture
def originals() -> list[Atoms]:
    """Of different sizes, named and labelled."""
    made = [silicon(k, cubic=bool(k % 2)) for k in range(4)]
    for k, atoms in enumerate(made):
        atoms.info["name"] = f"cell {k}"
        atoms.set_tags(range(len(atoms)))
    return made


@pytest.mark.parametrize("name", ["pile.extxyz", "pile.xyz", "pile.extxyz.gz", "pile.xyz.bz2"])
def test_extended_xyz(tmp_path, originals, name):
    write(tmp_path / "plain.extxyz", originals)
    text = (tmp_path / "plain.extxyz").read_bytes()
    packed = {".gz": gzip.compress, ".bz2": bz2.compress}
    (tmp_path / name).write_bytes(packed.get((tmp_path / name).suffix, bytes)(text))
    frames = frames_in(tmp_path / name)
    check_same(frames, originals)
    assert [frame.name for frame in frames] == [f"cell {k}" for k in range(4)]
    np.testing.assert_array_equal(frames[1].atoms.get_tags(), range(8))


@pytest.mark.parametrize(
    "name", ["12", "0012345", "12e4567890", "1e5", "InF", "NaN", "2.10", "2.1", "1_000", "F", "T"]
)
@pytest.mark.parametrize("quote", ["", '"'])
def test_names_that_look_like_numbers(tmp_path, name, quote):
    write(tmp_path / "a.extxyz", silicon(0))
    text = (tmp_path / "a.extxyz").read_text()
    entries = f'note="old id=3" id={quote}{name}{quote} name pbc='
    (tmp_path / "a.extxyz").write_text(text.replace("pbc=", entries))
    [frame] = frames_in(tmp_path / "a.extxyz")
    assert frame.name == str(frame.atoms.info["id"]) == name


def test_a_pipe_is_extended_xyz_whatever_its_file_is_called(tmp_path, originals):
    write(tmp_path / "spool", originals, format="extxyz")
    found = find_files([PIPE], tmp_path / "spool")
    assert found.files == (InputFile(tmp_path / "spool", PIPE),)
    frames = list(read_files(found.files))
    check_same(frames, originals)
    assert {frame.file for frame in frames} == {"-"}


def test_broken_frames_of_extended_xyz_spoil_no_other(tmp_path, originals):
    write(tmp_path / "good.extxyz", originals)
    texts = []
    for k in range(4):
        write(tmp_path / "one.extxyz", originals[k])
        texts.append((tmp_path / "one.extxyz").read_text())
    unknown = texts[0].replace("Si ", "Zz ")
    letters = texts[1].replace("Si   ", "Si  x", 1)
    short = "\n".join(texts[3].splitlines()[:-1]) + "\n"
    broken = [texts[0], letters, "\n", texts[1], short, texts[2], "what is this\n", unknown]
    (tmp_path / "pile.extxyz").write_text("".join([*broken, texts[3], short]))
    told = frames_in(tmp_path / "pile.extxyz")
    assert [type(each) for each in told] == [
        Frame, Problem, Frame, Problem, Frame, Problem, Problem, Frame, Problem,
    ]  # fmt: skip
    assert [each.index for each in told] == list(range(9))
    assert "8 atoms announced, 7 there" in told[3].reason
    assert "expected a number of atoms, found 'what is this'" in told[5].reason
    assert "Zz" in told[6].reason
    assert [each.name for each in told if isinstance(each, Frame)] == [
        "cell 0", "cell 1", "cell 2", "cell 3",
    ]  # fmt: skip


@pytest.mark.parametrize("symbol", ["14", "D", "13C", "Si4+", "O1", "VEC1"])
def test_what_is_no_element_is_told_as_it_stands_there(tmp_path, symbol):
    lines = '1\nLattice="5 0 0 0 5 0 0 0 5" Properties=species:{}:1:pos:R:3\n{} 0 0 0\n'
    (tmp_path / "it.xyz").write_text(lines.format("S", symbol))
    assert problems_in(tmp_path / "it.xyz") == [(0, f"'{symbol}' is not the symbol of an element")]
    (tmp_path / "it.xyz").write_text(lines.format("I", 14))
    [(_, reason)] = problems_in(tmp_path / "it.xyz")
    assert reason == "species that are numbers: name their column Z, or give symbols"


def test_trajectories_and_databases(tmp_path, originals):
    originals[2].set_constraint(FixAtoms([0]))
    with Trajectory(tmp_path / "pile@1.traj", "w") as trajectory:  # no index, for ASE's iread
        for atoms in originals:
            trajectory.write(atoms)
    check_same(frames_in(tmp_path / "pile@1.traj"), originals, 1e-12)
    with connect(tmp_path / "pile.db") as database:
        for atoms in originals:
            database.write(atoms, name=atoms.info["name"], band_gap=1.2)
        del database[2]
        database.write(originals[1])
    frames = frames_in(tmp_path / "pile.db")
    check_same(frames, [originals[k] for k in (0, 2, 3, 1)], 1e-12)
    assert [frame.name for frame in frames] == ["1 cell 0", "3 cell 2", "4 cell 3", "5"]
    assert frames[0].atoms.info["band_gap"] == 1.2
    for name in ("text.db", "text.traj"):
        (tmp_path / name).write_text("no such thing" * 100)
        [(index, reason)] = problems_in(tmp_path / name)
        assert index is None
        assert reason.startswith("no ")


def test_all_blocks_of_a_cif_even_of_one_name(tmp_path, diamond, rutile):
    title = "data_global\n_publ_section_title\n;\ndata_inside of a text\n;\n"
    texts = [str(CifWriter(s, symprec=p)) for s, p in ((diamond, 0.1), (rutile, None))]
    broken = texts[0].replace("_cell_length_a", "_cell_size_a")
    both = texts[1].replace("data_MgF2", "data_Si")
    (tmp_path / "three.cif").write_text(title + texts[0] + broken + both)
    diamond_frame, problem, rutile_frame = frames_in(tmp_path / "three.cif")
    assert (diamond_frame.index, diamond_frame.name) == (0, "Si")
    assert (rutile_frame.index, rutile_frame.name) == (2, "Si")
    assert problem.index == 1
    assert len(diamond_frame.atoms) == 8  # the cell of the file, not the primitive one
    assert rutile_frame.atoms.get_chemical_formula() == "F4Mg2"
    (tmp_path / "title.cif").write_text(title)
    assert problems_in(tmp_path / "title.cif") == [(None, "no block with atoms")]


def test_poscar_contcar_and_vasp(tmp_path, rutile):
    shuffled = rutile.copy()
    shuffled.perturb(0.05, seed=0)
    for name in ("POSCAR", "CONTCAR_relaxed", "cell.vasp", "POSCAR.gz"):
        text = Poscar(shuffled).get_str(significant_figures=10).encode()
        (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith("gz") else text)
        check_same(frames_in(tmp_path / name), [read(tmp_path / "POSCAR")])
    old = "old format\n1.0\n5 0 0\n0 5 0\n0 0 5\n1\nDirect\n0 0 0\n"
    (tmp_path / "POSCAR").write_text(old)
    [(index, reason)] = problems_in(tmp_path / "POSCAR")
    assert index == 0
    assert "no line of elements" in reason


def test_json_of_pymatgen_and_of_others(tmp_path, diamond, rutile):
    ours = {"lattice": diamond.lattice.matrix.tolist(), "species": ["Si"] * 8}
    ours["frac_coords"] = diamond.frac_coords.tolist()
    one, two = diamond.as_dict(), rutile.as_dict()
    contents = {
        "one.json": (one, [None]),
        "list.json": ([one, two], [None, None]),
        "entries.json": ([{"structure": one, "energy": 1.0}], ["0 structure"]),
        "ours.json": ({"structures": [ours, ours]}, ["structures 0", "structures 1"]),
        "mptrj.json": ({"mp-1": {"a": {"structure": two, "force": []}}}, ["mp-1 a structure"]),
        "decimal.json": ({"1000041": one, "12": {"structure": two}}, ["1000041", "12 structure"]),
        "ids.json": (
            [{"mp_id": "mp-1", "structure": one}, {"id": 7, "a": [one]}, one | {"label": "x"}],
            ["mp-1 structure", "7 a 0", "x"],
        ),
        "document.json": ({"energy": 1, "entry_id": "e", "structure": two}, ["e structure"]),
        "broken.json": ([one, {"lattice": 1, "sites": []}, two], [None] * 3),
    }
    for name, (content, names) in contents.items():
        (tmp_path / name).write_text(json.dumps(content))
        told = frames_in(tmp_path / name)
        assert [getattr(each, "name", None) for each in told] == names, name
        assert [each.index for each in told] == list(range(len(names)))
        assert len(told[-1].atoms) in (6, 8)
    (tmp_path / "lines.json").write_text("".join(f'{{"a": {json.dumps(c)}}}\n' for c in (one, two)))
    assert [frame.name for frame in frames_in(tmp_path / "lines.json")] == ["a", "1 a"]
    documents = ({"mp_id": f"mp-{k}", "structure": one} for k in range(2))
    (tmp_path / "ids.json").write_text("\n".join(map(json.dumps, documents)))
    assert [frame.name for frame in frames_in(tmp_path / "ids.json")] == [
        "mp-0 structure", "mp-1 structure",
    ]  # fmt: skip
    (tmp_path / "both.json").write_text(json.dumps(one) + json.dumps(two) + "?")
    *frames, problem = frames_in(tmp_path / "both.json")
    assert [len(frame.atoms) for frame in frames] == [8, 6]
    assert problem.reason == "no JSON follows its end, but '?'"
    (tmp_path / "none.json").write_text('{"1": {"cell": [], "numbers": []}}')
    [(_, reason)] = problems_in(tmp_path / "none.json")
    assert reason.startswith("no structures: what is read are objects with lattice and sites, as ")
    (tmp_path / "cut.json").write_text(json.dumps([one, two])[:-20])
    told = frames_in(tmp_path / "cut.json")
    assert isinstance(told[0], Frame)
    assert str(told[1]).endswith("cut.json: the JSON ends early or is damaged")


def test_parquet_with_the_columns_of_a_lake(tmp_path, diamond, rutile):
    rows = [structure_columns(s) | {"subcell_id": f"s{k}"} for k, s in enumerate([diamond, rutile])]
    rows.insert(1, rows[0] | {"lattice": None, "subcell_id": None})
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "rows.parquet")
    first, problem, last = frames_in(tmp_path / "rows.parquet")
    assert (first.name, last.name, last.index) == ("s0", "s1", 2)
    np.testing.assert_allclose(last.atoms.positions, rutile.cart_coords)
    assert str(problem).endswith("rows.parquet, structure 1: lattice is null")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "other.parquet")
    assert problems_in(tmp_path / "other.parquet") == [
        (None, "no column lattice, species, frac_coords")
    ]


def test_of_a_lake_its_relaxed_cells_each_once(silicon_lake, tmp_path):
    frames = frames_in(silicon_lake)
    assert len(frames) == len({frame.name for frame in frames}) == 60
    for name in ("part.a.parquet", "part.a.1.parquet", "part.b.parquet"):
        rows = pa.Table.from_pylist(
            [structure_columns(Structure(np.eye(3) * 3, ["Si"], [[0] * 3]))]
        )
        pq.write_table(rows, tmp_path / name)
    read_ones = find_files([str(tmp_path)]).files
    assert [file.path.name for file in read_ones] == ["part.a.parquet", "part.b.parquet"]


def test_a_lake_of_given_cells_alone_is_told_with_the_folder_to_give(tmp_path):
    store = Store.at(tmp_path / "lake")
    mark_version(store)
    [problem] = find_files([str(tmp_path / "lake")]).problems
    assert problem.reason == "a lake without relaxed subcells of glasses"
    row = structure_columns(Structure(np.eye(3) * 3, ["Si"], [[0] * 3])) | {"source_file": "a.cif"}
    write_part(store, "relaxed", "relax", "r", "g0", [row | {"subcell_id": "r-c0"}])
    [problem] = find_files([str(tmp_path / "lake")]).problems
    folder = tmp_path / "lake/relaxed/system=relax/run=r"
    assert problem.reason.endswith(f"give the folder of their run, such as {folder}")
    assert len(frames_in(folder)) == 1


def test_folders_are_walked_and_other_kinds_left_out(tmp_path, originals):
    folder = tmp_path / "pile"
    for place in (folder, folder / "b", folder / "a" / "deep", folder / ".hidden"):
        place.mkdir(parents=True, exist_ok=True)
        write(place / "cells.extxyz", originals)
    (folder / "README.md").write_text("about")
    (folder / "lake").mkdir()
    (folder / "lake" / "lake.json").write_text("{}")
    write(folder / "lake" / "cells.extxyz", originals)
    found = find_files([str(folder), str(folder / "b" / "cells.extxyz")])
    assert [file.path.relative_to(folder).as_posix() for file in found.files] == [
        "cells.extxyz",
        "a/deep/cells.extxyz",
        "b/cells.extxyz",
    ]
    assert [path.name for path in found.left_out] == ["README.md"]
    (tmp_path / "empty").mkdir()
    told = find_files([str(tmp_path / x) for x in ("empty", "none.cif", "pile/README.md")]).problems
    assert [problem.reason.partition(":")[0].partition(" without")[0] for problem in told] == [
        "a folder",
        "no such file or folder",
        "not of a known kind",
    ]


def coinciding() -> Atoms:
    """Two atoms at one place, seen across a face of the cell."""
    atoms = bulk("Si")
    atoms.positions[1] = atoms.positions[0] + atoms.cell[2] + [0.0, 0.0, -0.01]
    return atoms


UNUSABLE = {
    "no atoms": Atoms(cell=[3, 3, 3], pbc=True),
    "no periodic cell": Atoms("Si2", [[0, 0, 0], [0, 0, 2]]),
    "not periodic in all directions (pbc T T F)": Atoms("Si", cell=[3, 3, 9], pbc=(1, 1, 0)),
    "atom 1 is no element": Atoms("SiX", [[0, 0, 0], [0, 0, 2]], cell=[3, 3, 4], pbc=True),
    "a cell of no volume": Atoms("Si", cell=[[1, 0, 0], [0, 1, 0], [1, 1, 0]], pbc=True),
    "the position of atom 0 is not finite": Atoms("Si", [[0, np.nan, 0]], cell=[3, 3, 3], pbc=True),
    "atoms 0 and 1 coincide (0.010 Å)": coinciding(),
}


@pytest.mark.parametrize("reason", UNUSABLE)
def test_what_is_no_cell_that_can_be_computed(tmp_path, reason):
    with Trajectory(tmp_path / "pile.traj", "w") as trajectory:
        for atoms in (bulk("Si"), UNUSABLE[reason], bulk("Si")):
            trajectory.write(atoms)
    first, problem, last = frames_in(tmp_path / "pile.traj")
    assert isinstance(first, Frame)
    assert isinstance(last, Frame)
    assert problem.index == 1
    assert problem.reason.startswith(reason)


def test_sites_that_are_no_atoms(tmp_path):
    mixed = Structure(Lattice.cubic(5.5), [{"Si": 0.7, "Ge": 0.3}], [[0, 0, 0]])
    mixed.to(str(tmp_path / "mixed.cif"))
    assert problems_in(tmp_path / "mixed.cif") == [
        (0, "sites that are occupied in part, or by several elements")
    ]
    half = read(tmp_path / "mixed.cif", fractional_occupancies=True)
    write(tmp_path / "mixed.traj", half)
    assert problems_in(tmp_path / "mixed.traj")[0][1].startswith("sites that are occupied in part")
    sites = [["Si", DummySpecies("X")], [[0, 0, 0], [0.5, 0.5, 0.5]]]
    Structure(Lattice.cubic(5.4), *sites).to(str(tmp_path / "dummy.json"))
    assert "is no element" in problems_in(tmp_path / "dummy.json")[0][1]


@pytest.mark.parametrize("name", ["it.xyz", "it.cif", "it.json", "POSCAR", "it.xyz.gz"])
def test_a_mark_of_the_byte_order_is_no_text(tmp_path, name, diamond):
    text = {
        "it.xyz": '1\nLattice="5 0 0 0 5 0 0 0 5"\nSi 0 0 0\n',
        "it.cif": str(CifWriter(diamond)),
        "it.json": json.dumps(diamond.as_dict()),
        "POSCAR": str(Poscar(diamond)),
    }[name.removesuffix(".gz")].encode("utf-8-sig")
    (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith("gz") else text)
    [frame] = frames_in(tmp_path / name)
    assert isinstance(frame, Frame), frame


@pytest.mark.parametrize("first", ["species", "frac_coords", "name", "energy"])
def test_a_structure_in_json_may_begin_with_any_key(tmp_path, first):
    atoms = silicon(0)
    content = {
        "lattice": atoms.cell.tolist(),
        "species": atoms.get_chemical_symbols(),
        "frac_coords": atoms.get_scaled_positions().tolist(),
        "name": "it",
        "energy": -1.0,
    }
    content = {first: content[first]} | content
    (tmp_path / "it.json").write_text(json.dumps(content))
    check_same(frames_in(tmp_path / "it.json"), [atoms])
