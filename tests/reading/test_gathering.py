"""What a pile is made of, and what is said of the rest."""

from __future__ import annotations

import pytest
from ase.build import bulk
from ase.constraints import FixAtoms
from ase.io import Trajectory, write
from piles import shaken

from a2c_ray.reading.files import find_files
from a2c_ray.reading.gathering import ChangedFileError, frames_of, gather


def test_cells_are_kept_in_order_and_the_rest_is_told(tmp_path, silicon):
    cells = shaken(6)
    cells[1].set_constraint(FixAtoms([0]))
    cells[2].pbc = False
    cells[4].info["name"] = cells[3].info["name"]
    with Trajectory(tmp_path / "a.traj", "w") as trajectory:
        for atoms in [*cells, bulk("Cu")]:
            trajectory.write(atoms)
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "more.dat").write_text("")
    found = find_files([str(tmp_path), str(tmp_path / "none"), str(tmp_path / "a.traj")])
    gathered = gather(found, silicon)
    file = str(tmp_path / "a.traj")
    assert gathered.pile.index.tolist() == [0, 1, 3, 4, 5]
    assert gathered.pile.order.tolist() == [0, 1, 2, 3, 4]
    assert [str(problem) for problem in gathered.problems] == [
        f"{tmp_path / 'none'}: no such file or folder",
        f"{file}, structure 2: no periodic cell: give it one, with pbc in all directions",
        f"{file}, structure 6: potential 'stillinger-weber' does not know Cu",
    ]
    left_out, again, fixed, twice = gathered.remarks
    assert again == "1 file given more than once, and read once"
    assert left_out.startswith("left out 2 files of other kinds in folders")
    assert fixed.startswith("constraints are not kept: atoms are fixed in 1 cell")
    assert twice == (
        f"one name twice: {file}, structure 3 (cell 3) and {file}, structure 4 (cell 3) "
        "are told apart by their place"
    )
    again = list(frames_of(gathered, silicon))
    assert [frame.index for frame in again] == gathered.pile.index.tolist()


def test_a_file_may_grow_until_it_is_read_again_but_not_change(tmp_path, silicon):
    cells, path = shaken(4), tmp_path / "a.extxyz"
    write(path, cells[:3])
    gathered = gather(find_files([str(path)]), silicon)
    write(path, cells)
    assert [frame.index for frame in frames_of(gathered, silicon)] == [0, 1, 2]
    for others in (cells[1:], cells[:2], [cells[2], *cells[1:]]):
        write(path, others)
        with pytest.raises(ChangedFileError, match=rf"{path} has changed since it was read"):
            list(frames_of(gathered, silicon))
    path.unlink()
    with pytest.raises(ChangedFileError):
        list(frames_of(gathered, silicon))


def test_what_is_said_of_single_cells_and_of_fixed_ones(tmp_path, silicon):
    head = "Si\n1.0\n5.4 0 0\n0 5.4 0\n0 0 5.4\nSi\n2\nSelective dynamics\nDirect\n"
    for name, flags in (("POSCAR_1", "T T F"), ("POSCAR_2", "T T T")):
        (tmp_path / name).write_text(f"{head}0 0 0 T T T\n.25 .25 .25 {flags}\nand more\n")
    fixed, *others = gather(find_files([str(tmp_path)]), silicon).remarks
    assert fixed.startswith("constraints are not kept: atoms are fixed in 1 cell")
    assert others == [
        f"{tmp_path / name}, structure 0: not read behind its coordinates: 'and more'"
        for name in ("POSCAR_1", "POSCAR_2")
    ]
