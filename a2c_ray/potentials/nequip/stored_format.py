"""The format of potentials on disk, as far as one asks whether they are there; see `storage`."""

from __future__ import annotations

import json
from pathlib import Path

CONFIG_FILE = "config.json"

FORMAT = 2
"""Of the parameters' names and shapes; folders of another are fetched again."""


def is_outdated(folder: Path) -> bool:
    """Whether a potential was stored in an earlier format."""
    try:
        return json.loads((folder / CONFIG_FILE).read_text()).get("format", 1) < FORMAT
    except (OSError, ValueError, AttributeError):
        return False  # not outdated but broken: `load_nequip` says how
