"""Source files of the user's own that a module depends on.

What is installed has a version; what a user writes changes under the same name.
"""

from __future__ import annotations

import ast
import sysconfig
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from pathlib import Path

INSTALLED = {"site-packages", "dist-packages"}
"""Folders of what has been installed, but for editable packages, which lie elsewhere."""

OURS = "a2c_ray"


def own_sources(module: str, search: Sequence[str]) -> list[Path]:
    """Files of a module and of all that it imports, neither Python's nor installed.

    Of a package all files count. Imports by names that are made as it runs are not seen.

    Args:
        module: dotted name.
        search: folders in which modules are found, in order.
    """
    files: list[Path] = []
    seen, waiting = {OURS}, {module.partition(".")[0]}
    while waiting:
        package = waiting.pop()
        seen.add(package)
        own = _files(package, search)
        files += own
        waiting |= {name for file in own for name in _imported(file)} - seen
    return sorted(files)


def _files(package: str, search: Sequence[str]) -> list[Path]:
    """Of a package or module, if it is the user's own."""
    spec = PathFinder.find_spec(package, search) or _found_elsewhere(package)
    if spec is None:
        return []
    if spec.submodule_search_locations is not None:
        folders = filter(_is_own, map(Path, spec.submodule_search_locations))
        return [file for folder in folders for file in folder.rglob("*.py")]
    is_own = spec.origin is not None and spec.has_location and _is_own(Path(spec.origin))
    return [Path(str(spec.origin))] if is_own else []


def _found_elsewhere(package: str) -> ModuleSpec | None:
    """By the finder of an editable package, which is in no folder that is searched."""
    try:
        return find_spec(package)
    except (ImportError, ValueError):
        return None


def _is_own(path: Path) -> bool:
    return not (INSTALLED & set(path.parts) or path.is_relative_to(sysconfig.get_path("stdlib")))


def _imported(file: Path) -> Iterator[str]:
    """Packages that a module imports, wherever in it."""
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):  # compiled, or not to be imported either
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
