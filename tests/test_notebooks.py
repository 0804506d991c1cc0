"""Every notebook runs from its first cell to its last, with sizes that take seconds."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from campaigns import SMALL as SMALL_SILICON
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(path.stem for path in FOLDER.glob("*.ipynb"))

SMALL = {
    "1_first_prediction": {
        "n_atoms": 12,
        "steps": {"melt": 20, "quench": 20, "equilibrate": 40},
        "n_subcells": 12,
    },
    "2_sql": {
        "settings": [*SMALL_SILICON, "crystallize.max_subcells=20"],
    },
    "3_tio2_anatase": {
        "settings": [
            "system=tio2",
            "crystallize.stoichiometry=true",
            "melt_quench.n_atoms=12",
            "melt_quench.steps=[20,20,40]",
            "melt_quench.replicas=1",
            "crystallize.max_subcells=12",
        ],
    },
    "4_boron_nitride_under_pressure": {
        "settings": [
            "system=bn",
            "melt_quench.density=[2.0,3.2]",
            "melt_quench.t_high=1500",
            "melt_quench.max_conditions=null",
            "melt_quench.replicas=1",
            "melt_quench.n_atoms=8",
            "melt_quench.steps=[20,20,20]",
            "crystallize.max_atoms=2",
            "crystallize.max_subcells=4",
        ],
    },
    "5_calcium_carbonate": {
        "sweep": [
            "system=caco3",
            "melt_quench.density=2.27,2.61",
            "melt_quench.n_atoms=10",
            "melt_quench.t_high=500",
            "melt_quench.steps=[20,20,20]",
            "melt_quench.replicas=1",
            "crystallize.max_atoms=5",
            "crystallize.max_subcells=2",
        ],
    },
    "6_iron_boron_decomposition": {
        "settings": [
            "system=fe80b20",
            "melt_quench.n_atoms=10",
            "melt_quench.steps=[20,20,20]",
            "melt_quench.replicas=1",
            "crystallize.max_atoms=3",
            "crystallize.max_subcells=30",
        ],
    },
    "7_own_system_and_potential": {
        "n_atoms": 16,
        "steps": {"melt": 40, "quench": 40, "equilibrate": 40},
        "n_subcells": 20,
    },
}
"""Values of names that a notebook's cell of parameters sets."""


def read(name: str) -> nbformat.NotebookNode:
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def parameters(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    (cell,) = (c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    return cell


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_it_is_kept_without_outputs(name):
    for cell in read(name).cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_it_has_the_parameters_that_are_made_small(name):
    assert set(SMALL[name]) <= set(compile_names(parameters(read(name)).source))


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_it_runs(name, tmp_path, monkeypatch):
    monkeypatch.setenv("JAX_PLATFORMS", "cpu")
    notebook = read(name)
    small = [f"{key} = {value!r}" for key, value in SMALL[name].items()]
    parameters(notebook).source += "\n" + "\n".join(small)
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()


def compile_names(source: str) -> list[str]:
    """Names that a cell sets."""
    names: dict = {}
    exec(source, names)
    return [name for name in names if not name.startswith("__")]
