"""Structures in JSON: pymatgen's, ours, and collections of such, however they are nested."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import IO, Any

from pymatgen.core import Lattice, Structure

from a2c_ray.reading.frames import (
    Found,
    Frame,
    Problem,
    atoms_of,
    attempt,
    isotopes,
    name_in,
    reason_of,
)
from a2c_ray.reading.json_members import json_documents

OF_ONE = frozenset(
    (
        *("@module", "@class", "@version", "lattice", "charge", "sites", "properties"),
        *("species", "frac_coords"),
    )
)
"""Keys with which an object begins that holds one structure; others have a text or number there."""


NONE = (
    "no structures: what is read are objects with lattice and sites, as pymatgen writes them, or "
    "with lattice, species and frac_coords"
)


def read_json(file: IO[str], source: str) -> Iterator[Found]:
    """All structures of a file.

    They are objects with `lattice` and `sites`, as pymatgen writes them, or `species` and
    `frac_coords`; those around them, such as entries of computations or of MPtrj and Alexandria,
    are gone through, and name what is in them: by keys, and in lists by ids or places.
    """
    n_found = 0
    try:
        for index, (name, content) in enumerate(_structures(file)):
            yield attempt(_frame, source, index, name, content)
            n_found += 1
    except (ValueError, RecursionError) as error:
        yield Problem(source, None, reason_of(error))
        return
    if not n_found:
        yield Problem(source, None, NONE)


def _structures(file: IO[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, members in enumerate(json_documents(file)):
        yield from _of_document(str(number or ""), members)


def _of_document(
    place: str, members: Iterator[tuple[str, Any]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    first = next(members, None)
    if first is None:
        return
    if first[0] in OF_ONE or not isinstance(first[1], Mapping | list):
        whole = dict(chain([first], members))
        for name, content in _within(_called(whole, place), whole):
            yield "" if name == place else name, content
        return
    for number, (key, value) in enumerate(chain([first], members)):
        is_place = key == str(number)
        called = _called(value, key) if is_place else key
        for name, content in _within(f"{place} {called}".strip(), value):
            yield "" if is_place and name == key else name, content


def _within(name: str, content: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Structures below a member of JSON, with the keys that lead there."""
    if isinstance(content, Mapping):
        if "lattice" in content and ("sites" in content or "species" in content):
            yield name, dict(content)
            return
        for key, value in content.items():
            yield from _within(f"{name} {key}".strip(), value)
    elif isinstance(content, list):
        for number, value in enumerate(content):
            if isinstance(value, Mapping | list):
                yield from _within(f"{name} {_called(value, str(number))}".strip(), value)


def _called(content: Any, place: str) -> str:
    """The name that an object gives itself; otherwise its place."""
    return (name_in(content) if isinstance(content, Mapping) else None) or place


def structure_from_json(content: dict[str, Any]) -> Structure:
    """A structure as pymatgen writes it, without what would have to be imported for it.

    Raises:
        KeyError, TypeError, ValueError: it is no such structure.
    """
    sites = content["sites"]
    properties = [site.get("properties") or {} for site in sites]
    shared = {name for name in set().union(*properties) if all(name in p for p in properties)}
    return Structure(
        Lattice.from_dict(content["lattice"]),
        [{s["element"]: s["occu"] for s in site["species"]} for site in sites],
        [site["abc"] for site in sites],
        site_properties={
            name: [p[name] for p in properties]
            for name in sorted(shared)
            if all(_is_plain(p[name]) for p in properties)
        },
        properties={k: v for k, v in (content.get("properties") or {}).items() if _is_plain(v)},
    )


def _is_plain(value: Any) -> bool:
    """Whether a value of JSON names no class."""
    if isinstance(value, Mapping):
        return not any(key.startswith("@") for key in value) and all(map(_is_plain, value.values()))
    return all(map(_is_plain, value)) if isinstance(value, list) else True


def _frame(source: str, index: int, name: str, content: dict[str, Any]) -> Frame:
    if "sites" in content:
        structure = structure_from_json(content)
    else:
        structure = Structure(content["lattice"], content["species"], content["frac_coords"])
    atoms = atoms_of(structure)
    name = name_in(structure.properties) or name
    return Frame(source, index, name or None, atoms, isotopes(structure))
