"""Labelled structures as Parquet."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from labels import labelled_silicon

from a2c_ray.training.label_files import read_labels, write_labels
from a2c_ray.training.labelled import DataError, check_labelled
from a2c_ray.training.readers import read_data_sets


@pytest.fixture
def data(silicon_f64):
    first, second = labelled_silicon(silicon_f64, 2)
    return [first, second._replace(stress=None, source="made by hand")]


@pytest.fixture
def file(data, tmp_path):
    write_labels(data, tmp_path / "labels.parquet")
    return tmp_path / "labels.parquet"


def test_what_is_written_is_read(data, file):
    for structure, again in zip(data, read_labels(file), strict=True):
        np.testing.assert_allclose(again.cell.lattice, structure.cell.lattice, atol=1e-12)
        np.testing.assert_allclose(again.cell.positions, structure.cell.positions, atol=1e-12)
        np.testing.assert_array_equal(again.cell.numbers, structure.cell.numbers)
        np.testing.assert_array_equal(again.forces, structure.forces)
        assert again.energy == structure.energy
        assert again.source == structure.source
    assert again.stress is None
    np.testing.assert_array_equal(read_labels(file)[0].stress, data[0].stress)


def test_a_folder_is_all_its_files(data, file):
    write_labels(data, file.with_name("more.parquet"))
    assert len(read_labels(file.parent)) == 4
    unstressed = pq.read_table(file).drop_columns("stress")
    pq.write_table(unstressed, file.with_name("before.parquet"))
    read = read_labels(file.parent)
    assert [labelled.stress is None for labelled in read] == [True, True, False, True, False, True]


def test_a_folder_without_any_is_told(tmp_path):
    with pytest.raises(DataError, match="holds no Parquet file"):
        read_labels(tmp_path)


def test_what_cannot_be_used_is_one_line(file):
    table = pq.read_table(file)
    forces = table["forces"].to_pylist()
    coords = table["frac_coords"].to_pylist()
    species = pa.array([["Si"] * 8, ["Qq"] * 2], pa.list_(pa.string()))
    broken = {
        "has no column forces": table.drop_columns("forces"),
        "row 1: energy is null": table.set_column(4, "energy", pa.array([1.0, None])),
        "row 1: 'Qq'": table.set_column(2, "species", species),
        "row 0: could not convert": table.set_column(4, "energy", pa.array(["low", "high"])),
        "row 1: cannot reshape": table.set_column(
            3, "frac_coords", pa.array([coords[0], coords[1][:3]])
        ),
    }
    for message, rows in broken.items():
        pq.write_table(rows, file)
        with pytest.raises(DataError, match=message) as caught:
            read_labels(file)
        assert "\n" not in str(caught.value)
    holes = pa.array([[None, *forces[0][1:]], forces[1]])
    pq.write_table(table.set_column(5, "forces", holes), file)
    with pytest.raises(DataError, match="forces not finite"):
        check_labelled(read_labels(file))
    file.write_bytes(file.read_bytes()[:-30])
    with pytest.raises(DataError, match=r"cannot read .*labels\.parquet"):
        read_labels(file)


def test_stresses_in_other_units_are_told(data, file):
    pressed = data[0]._replace(stress=100.0 * np.eye(3))
    write_labels([pressed], file)
    with pytest.raises(DataError, match="a stress of 100 eV/Å³"):
        read_data_sets([file])
