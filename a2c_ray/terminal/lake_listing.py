"""The runs of a lake, a line each."""

from __future__ import annotations

from a2c_ray.controls import harmless
from a2c_ray.lake import Lake, RunInventory, inventory
from a2c_ray.terminal.console import size_text

HEADINGS = (
    "run", "system", "status", "glasses", "relaxed", "products", "parts", "size", "changed",
)  # fmt: skip


def listing(address: str) -> str:
    """A table of all runs in a lake.

    Args:
        address: of the lake.

    Raises:
        NoLakeError: there is no lake.
    """
    rows = [HEADINGS, *(tuple(map(harmless, _cells(run))) for run in inventory(Lake(address)))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _cells(run: RunInventory) -> tuple[str, ...]:
    return (
        run.run_id,
        run.system,
        run.status or "-",
        str(run.n_glasses),
        str(run.n_relaxed),
        str(run.n_products),
        str(run.n_parts),
        size_text(run.size),
        run.changed.astimezone().strftime("%Y-%m-%d %H:%M"),
    )
