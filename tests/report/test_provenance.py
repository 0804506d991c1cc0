"""Whom a report cites."""

from __future__ import annotations

import pytest

from a2c_ray.report.provenance import citations

GRIMME_2010, GRIMME_2011 = "J. Chem. Phys. 132, 154104", "J. Comput. Chem. 32, 1456"
R2SCAN, ZIEGLER = "J. Chem. Phys. 154, 061101", "Ziegler"


@pytest.mark.parametrize(
    ("potential", "cited"),
    [
        ("sevennet-0", set()),
        ("sevennet-0+d3", {GRIMME_2010, GRIMME_2011}),
        ("sevennet-0+d3-zero", {GRIMME_2010}),
        ("sevennet-0+zbl+d3", {GRIMME_2010, GRIMME_2011, ZIEGLER}),
        ("sevennet-mf-0-r2scan+d3", {GRIMME_2010, GRIMME_2011, R2SCAN}),
    ],
)
def test_what_was_added_to_a_potential_is_cited(potential, cited):
    text = "\n".join(citations(potential))
    every = {GRIMME_2010, GRIMME_2011, R2SCAN, ZIEGLER}
    assert {reference for reference in every if reference in text} == cited
    assert "Scalable parallel algorithm" in text
