"""Which files a module of the user's own depends on."""

from __future__ import annotations

import sys
from importlib.util import spec_from_file_location
from pathlib import Path

from a2c_ray.potentials.own_sources import own_sources


def write(folder: Path, **modules: str) -> None:
    for name, text in modules.items():
        path = folder / f"{name.replace('__in__', '/')}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


def names(module: str, *folders: Path) -> list[str]:
    files = own_sources(module, [*map(str, folders)])
    return [str(file.relative_to(folders[0])) for file in files]


def test_what_a_module_imports_counts_too(tmp_path):
    write(
        tmp_path,
        factory="import helper, numpy\n\ndef make():\n    from deep import value",
        helper="import factory  # and back",
        deep="import os.path, a2c_ray",
        stranger="1",
    )
    assert names("factory", tmp_path) == ["deep.py", "factory.py", "helper.py"]


def test_all_of_a_package_counts(tmp_path):
    write(tmp_path, own__in____init__="", own__in__parts="from . import more", own__in__more="")
    write(tmp_path, user="from own.parts import x")
    assert names("user", tmp_path) == ["own/__init__.py", "own/more.py", "own/parts.py", "user.py"]
    assert names("own.parts", tmp_path) == ["own/__init__.py", "own/more.py", "own/parts.py"]


def test_what_is_installed_has_a_version(tmp_path):
    installed = tmp_path / "site-packages"
    installed.mkdir()
    write(installed, theirs="1")
    write(tmp_path, factory="import theirs")
    assert names("factory", tmp_path, installed) == ["factory.py"]
    assert own_sources("ase.calculators.emt", [str(Path(__file__).parent)]) == []


def test_what_cannot_be_parsed_counts_alone(tmp_path):
    write(tmp_path, broken="import helper\n(", helper="")
    assert names("broken", tmp_path) == ["broken.py"]


def test_folders_that_are_packages_without_saying_so(tmp_path):
    write(tmp_path, space__in__calc="import beside__in__x".replace("__in__", "."), beside__in__x="")
    assert names("space.calc", tmp_path) == ["beside/x.py", "space/calc.py"]


def test_packages_that_a_finder_of_their_own_finds(tmp_path, monkeypatch):
    """As setuptools makes them editable."""
    write(tmp_path, elsewhere="1")

    class Finder:
        @staticmethod
        def find_spec(name, path=None, target=None):
            file = tmp_path / "elsewhere.py"
            return spec_from_file_location(name, file) if name == "edited" else None

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder])
    assert names("edited", tmp_path) == ["elsewhere.py"]
