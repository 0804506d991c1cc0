"""Parts of the lake that others have superseded, removed while campaigns run."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable

from a2c_ray.lake import Store, remove_superseded

LOG = logging.getLogger(__name__)

TIDY_S = 600.0
"""Time between two looks for such parts, s."""


class Tidying:
    """Removes superseded parts of lakes, those of earlier runs among them.

    Args:
        stores: of the lakes.
    """

    def __init__(self, stores: Iterable[Store]) -> None:
        self._stores = list({store.address: store for store in stores}.values())
        self._done = -TIDY_S

    def tidy(self) -> None:
        """Do so, unless it has been done a short while ago."""
        if time.monotonic() - self._done < TIDY_S:
            return
        for store in self._stores:
            try:
                remove_superseded(store)
            except OSError as error:  # those who write results will say what is wrong
                LOG.warning("superseded parts of %s stay: %s", store.address, error)
        self._done = time.monotonic()
