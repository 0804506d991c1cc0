"""Crystals that look the same."""

from __future__ import annotations

from a2c_ray.analysis.twins import difference


def test_in_what_twins_differ(rutile):
    larger = rutile.copy()
    larger.lattice = larger.lattice.matrix * [[1.03], [1.03], [1.02]]
    assert difference(larger, rutile) == "a 4.76 Å, not 4.62"
    longer = rutile.copy()
    longer.lattice = [[4.62, 0, 0], [0, 4.62, 0], [0, 0, 3.30]]
    assert difference(longer, rutile) == "c 3.30 Å, not 3.05"
    moved = rutile.copy()
    for site in range(2, 6):
        sign = 1 if rutile[site].frac_coords[0] < 0.5 else -1
        moved.translate_sites([site], [0.001 * sign, 0, 0])
    assert difference(moved, rutile) == "atoms elsewhere in the same cell"
    assert difference(rutile * (1, 1, 1), rutile) == "atoms elsewhere in the same cell"
