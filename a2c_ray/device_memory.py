"""What fits a device, from what compiled programs say they need."""

from __future__ import annotations

from collections.abc import Callable

import jax

USABLE = 0.85
"""Fraction of a device's free memory that a program may take; the rest is for fragments."""

MARGIN = 0.95
"""Slots are cut to this fraction of what would just fit if memory grew in proportion."""


def free_memory() -> int | None:
    """Bytes a program may take on the device; None where memory is the host's."""
    statistics = getattr(jax.devices()[0], "memory_stats", lambda: None)()
    if not statistics or "bytes_limit" not in statistics:
        return None
    return int(USABLE * (statistics["bytes_limit"] - statistics.get("bytes_in_use", 0)))


def program_memory(compiled: jax.stages.Compiled) -> int:
    """Bytes that a compiled program needs while it runs, arguments and results included.

    0 where the compiler does not say.
    """
    need = compiled.memory_analysis()
    if need is None:
        return 0
    return (
        need.temp_size_in_bytes
        + need.argument_size_in_bytes
        + need.output_size_in_bytes
        - need.alias_size_in_bytes
    )


def fitting_slots(n_slots: int, needed: Callable[[int], int], budget: int) -> int:
    """The wanted number of slots, or as many as fit; at least one.

    Args:
        n_slots: wanted.
        needed: bytes that a program for so many slots needs; each call may compile.
        budget: bytes.
    """
    while n_slots > 1 and (need := needed(n_slots)) > budget:
        n_slots = max(1, min(n_slots - 1, int(MARGIN * n_slots * budget / need)))
    return n_slots


def is_out_of_memory(error: jax.errors.JaxRuntimeError) -> bool:
    """Whether a program has failed for want of the device's memory."""
    return str(error).startswith("RESOURCE_EXHAUSTED")
