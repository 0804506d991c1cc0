"""Array shapes that waste little."""

from __future__ import annotations

import numpy as np

from a2c_ray.cells import Cell
from a2c_ray.relaxation.shapes import choose_shapes, expected_room


def test_a_queue_fits_its_shapes(diamond):
    cells = [Cell(np.eye(3) * 4.0, np.zeros((1, 3)), np.array([14])), Cell.from_structure(diamond)]
    shapes = choose_shapes(cells, 5.0, 2)
    assert [shape.n_atoms for shape in shapes] == [1, 8]
    assert all(shape.capacity.edges >= 6 for shape in shapes)


def test_room_grows_with_density():
    loose = expected_room(6, 20.0, 5.0, 1.75)
    dense = expected_room(6, 10.0, 5.0, 1.75)
    assert dense.edges > loose.edges >= 4 / 3 * np.pi * 125 / 20
    assert expected_room(1, 10.0, 5.0, 1.75).images > expected_room(24, 10.0, 5.0, 1.75).images
