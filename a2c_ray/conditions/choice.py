"""A condition that has been chosen, and why."""

from __future__ import annotations

from typing import NamedTuple


class Choice(NamedTuple):
    """What was chosen where a user has given nothing.

    value: Å³ per atom, or K.
    reason: for people, a clause.
    """

    value: float
    reason: str
