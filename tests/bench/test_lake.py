"""The benchmark of the lake reports what was read."""

from __future__ import annotations

import json

from a2c_ray.cli import main


def test_the_command(capsys):
    arguments = ["--rows", "3000", "--glasses", "3", "--repeats", "1", "--json"]
    assert main(["bench", "lake", *arguments]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["what"], result["rows"], result["glasses"]) == ("lake", 3000, 3)
    assert result["open_s"] > 0.0
    assert result["query_s"] > 0.0
    assert 3 * 10 <= result["query_rows"] <= 3000


def test_the_other_benchmarks_need_structures(capsys):
    assert main(["bench", "relax"]) == 2
    assert "--structures" in capsys.readouterr().err
