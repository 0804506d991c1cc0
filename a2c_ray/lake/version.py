"""The version of a lake's tables, so that an older program does not read a newer lake wrongly."""

from __future__ import annotations

import json

from a2c_ray.errors import InputError
from a2c_ray.lake.schemas import VERSION
from a2c_ray.lake.store import Store

FILE = "lake.json"


class NewerLakeError(InputError):
    """A lake written by a later a2c-ray."""


class DamagedVersionError(InputError):
    """The file that tells the version cannot be read."""


def check_version(store: Store) -> None:
    """Refuse a lake that is newer than this program.

    Raises:
        NewerLakeError: it is; the message tells both versions.
    """
    version = _version(store)
    if version > VERSION:
        raise NewerLakeError(
            f"{store.address} has tables of version {version}, and this a2c-ray knows {VERSION}: "
            "upgrade it with `pip install --upgrade a2c-ray`"
        )


def mark_version(store: Store) -> None:
    """Check a lake that is to be written to, and note the version of what is written."""
    check_version(store)
    if _version(store) < VERSION:
        text = json.dumps({"tables": VERSION}) + "\n"
        store.write(FILE, lambda file: file.write(text.encode()))


def _version(store: Store) -> int:
    try:
        return int(json.loads(store.read(FILE))["tables"])
    except FileNotFoundError:
        return 0
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedVersionError(
            f"{store.path(FILE)} is damaged: delete it, and the next run writes it again"
        ) from error
