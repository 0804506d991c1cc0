"""A campaign whose lake is in an object store."""

from __future__ import annotations

import pytest
from campaigns import ROWS, SMALL, a2c

from a2c_ray.lake import Lake


@pytest.mark.slow
def test_a_campaign_writes_to_an_object_store_and_resumes_from_it(tmp_path, s3_lake):
    arguments = [
        "run",
        *SMALL,
        "crystallize.max_subcells=12",
        f'lake.path="{s3_lake}"',
    ]
    run = a2c(tmp_path, *arguments)
    output, _ = run.communicate(timeout=300)
    assert run.returncode == 0, output
    assert "CIF:      " in output
    lake = Lake(s3_lake)
    rows = lake.sql(ROWS).fetchall()
    assert len(rows) == 24
    assert [file.path for file in lake.store.files("cif")]
    assert not (tmp_path / "lake").exists()

    again = a2c(tmp_path, *arguments)
    output, _ = again.communicate(timeout=300)
    assert again.returncode == 0, output
    assert lake.sql(ROWS).fetchall() == rows
    assert lake.sql("SELECT count(*) FROM runs").fetchall() == [(2,)]
    status = a2c(tmp_path, "status", "--lake", s3_lake)
    assert "24/24" in status.communicate(timeout=60)[0]
