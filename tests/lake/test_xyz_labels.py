"""Labels are read back by ASE as they were, or told to be left out."""

from __future__ import annotations

import numpy as np
from ase.build import bulk
from ase.io import read, write

from a2c_ray.lake.xyz_labels import as_entries


def test_entries_that_ase_could_not_read_are_changed(tmp_path):
    entries = {"a=b": 1, "my key": 2, "a\tc": 3, 4: 4, "": 5, "pbc": "x", "Lattice": "5"}
    entries |= {"texts": ["a\nb", 'c "d"', "\\"], "both": {"a": [np.int64(1), "F"]}}
    entries |= {"array": np.array(["a b", "c"]), "numbers": np.arange(3)}
    atoms = bulk("Si")
    atoms.info = as_entries(entries)
    write(tmp_path / "out.xyz", atoms, format="extxyz")
    info = read(tmp_path / "out.xyz").info
    assert info.pop("numbers").tolist() == [0, 1, 2]
    assert info == {
        "a_b": 1, "my key": 2, "a_c": 3, "4": 4, "_": 5,
        "texts": ["a\nb", 'c "d"', "\\"], "both": {"a": [1, "F"]}, "array": ["a b", "c"],
    }  # fmt: skip
