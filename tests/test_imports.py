"""The house: which module may import which, read from the imports in the source.

Imports inside functions and for type checkers count like all others: a circle is one wherever it is
closed.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "a2c_ray"

FLOORS = (
    (
        "errors",
        "units",
        "cache",
        "matrices",
        "cells",
        "padding",
        "compositions",
        "controls",
        "device_memory",
    ),
    ("potentials", "lake", "config", "radii"),
    ("relaxation", "cluster", "reading"),
    ("amorphous", "crystallize", "analysis", "training"),
    ("campaign", "results", "figures"),
    ("recompute", "bench", "conditions"),
    ("terminal", "report"),
    ("cli",),
)
"""Packages, and modules at the root, from the ground up."""

MAY_IMPORT = {
    "ray": (
        "cluster",
        "campaign",
        "bench.campaign",
        "bench.conformance",
        "training.remote",
        "terminal.campaign",
    ),
    "hydra": ("config",),
    "omegaconf": ("config",),
    "duckdb": ("lake", "terminal.sql_prompt"),
    "numba": (
        "potentials.foreign_calls",
        "potentials.nequip.convolution_loops",
        "potentials.nequip.image_loops",
        "potentials.nequip.radial_loops",
    ),
    "pyarrow": ("lake", "bench", "reading.parquet", "training.label_files", "training.metrics"),
}
"""Beginnings of the names of modules that may import a library."""

LIGHT = (
    "a2c_ray.lake",
    "a2c_ray.terminal.sql_prompt",
    "a2c_ray.terminal.lake_listing",
    "a2c_ray.terminal.run_status",
    "a2c_ray.potentials.catalogue",
    "a2c_ray.config",
    "a2c_ray.cli",
)
"""What commands that list and query need."""


def modules() -> dict[str, Path]:
    """Of the package, by their names within it; a package is named by its folder."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


MODULES = modules()


def imported(path: Path) -> Iterator[str]:
    """Full names of all modules, and of all names in them, that a module imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def own_imports(name: str) -> set[str]:
    """Modules of the package that one of them imports."""
    found = set()
    for full in imported(MODULES[name]):
        library, _, rest = full.partition(".")
        if library == "a2c_ray":
            module = rest if rest in MODULES else rest.rpartition(".")[0]
            if module in MODULES and module != name:
                found.add(module)
    return found


def room(name: str) -> str:
    """Package, or module at the root, of a module; "" for the root itself."""
    return name.partition(".")[0]


IMPORTS = {name: own_imports(name) for name in MODULES}

FLOOR_OF = {name: floor for floor, names in enumerate(FLOORS) for name in names}


def test_every_room_has_a_floor():
    assert {room(name) for name in MODULES} - {""} == set(FLOOR_OF)


def test_nothing_is_imported_upwards_or_across():
    wrong = [
        f"{name} -> {other}"
        for name, others in IMPORTS.items()
        for other in others
        if room(name) and room(other) and room(name) != room(other)
        if FLOOR_OF[room(other)] >= max(FLOOR_OF[room(name)], 1)
    ]
    assert not wrong


def test_the_root_imports_the_root_only():
    root = {name for name, path in MODULES.items() if path.parent == PACKAGE and name}
    assert {other for name in root for other in IMPORTS[name]} <= root


def test_no_circle_of_modules():
    TopologicalSorter(IMPORTS).prepare()


def test_no_circle_of_rooms():
    rooms: dict[str, set[str]] = {}
    for name, others in IMPORTS.items():
        rooms.setdefault(room(name), set()).update(map(room, others))
    rooms = {name: others - {name, ""} for name, others in rooms.items() if name}
    TopologicalSorter(rooms).prepare()


@pytest.mark.parametrize("library", MAY_IMPORT)
def test_libraries_are_imported_where_they_belong(library):
    users = {
        name
        for name, path in MODULES.items()
        if any(full.partition(".")[0] == library for full in imported(path))
    }
    assert users
    assert [n for n in users if not n.startswith(MAY_IMPORT[library])] == []


@pytest.mark.parametrize("module", LIGHT)
def test_what_lists_and_queries_waits_for_no_heavy_library(module):
    heavy = "{'jax', 'ray', 'flax', 'matplotlib', 'pandas', 'scipy'}"
    code = f"import sys, {module}; print(*sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_every_room_says_what_it_is_for():
    silent = [
        name
        for name, path in MODULES.items()
        if path.name == "__init__.py" and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []
