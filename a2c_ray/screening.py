"""One campaign from start to finish, with what a user sees of it."""

from __future__ import annotations

import logging
import shlex
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ray
from rich.console import Console
from rich.logging import RichHandler

from a2c_ray.analysis.ranking import Product
from a2c_ray.cluster.campaign import Campaign
from a2c_ray.cluster.crew import start_ray
from a2c_ray.cluster.plan import Plan
from a2c_ray.cluster.products import rank_run, write_products
from a2c_ray.cluster.record import RunRecord
from a2c_ray.console import SHOWN_PRODUCTS, Display, duration, product_table, verdict
from a2c_ray.lake import run_lock
from a2c_ray.potentials.potential import Potential

FINISHED, FAILED, INTERRUPTED = 0, 1, 130
"""Exit statuses."""


def screen(plan: Plan, potential: Potential, console: Console, command: str) -> int:
    """Do what is missing of a campaign, rank all of it and show the products.

    Args:
        plan: what to do.
        potential: the plan's.
        console: to show progress and products on.
        command: that repeats, and so resumes, this campaign.

    Returns:
        Exit status: 0, 1 if something failed, 130 if it was interrupted.

    Raises:
        RunLockedError: another process works on the same run.
    """
    with run_lock(plan.lake, plan.run_id):
        return _screen(plan, potential, console, command)


def _screen(plan: Plan, potential: Potential, console: Console, command: str) -> int:
    handler = RichHandler(console=console, show_path=False)
    logging.basicConfig(format="%(message)s", handlers=[handler])
    console.print(_title(plan), highlight=False)
    start_ray(plan.resources.address)
    try:
        record = RunRecord.begin(plan, potential)
        campaign = Campaign(plan, potential)
        with Display(console) as display, _ctrl_c_stops(campaign, display):
            for status in campaign.run():
                display.show(status)
        elapsed = display.elapsed
        if not campaign.is_finished:
            record.write("interrupted")
            message = f"Interrupted; what was finished is kept. Resume with: {command}"
            console.print(message, soft_wrap=True, highlight=False)
            return INTERRUPTED
        products = rank_run(plan)
        paths = write_products(plan, products)
        failures = campaign.status.failures
        record.write("failed" if failures else "finished")
    finally:
        ray.shutdown()
    _report(console, plan, products, paths, elapsed)
    for failure in failures:
        console.print(f"failed: {failure}", highlight=False)
    return FAILED if failures or not products else FINISHED


@contextmanager
def _ctrl_c_stops(campaign: Campaign, display: Display) -> Iterator[None]:
    """Ctrl-C finishes what is in flight; a second one ends at once."""

    def handle(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        campaign.stop()
        display.note("Finishing what is in flight; Ctrl-C again ends at once.")

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _title(plan: Plan) -> str:
    glasses = f"{len(plan.glasses)} glass{'es' if len(plan.glasses) > 1 else ''}"
    return f"{plan.run_id}: {plan.composition}, {glasses}, {plan.potential}"


def _report(
    console: Console, plan: Plan, products: list[Product], paths: list[Path], elapsed: float
) -> None:
    console.print(f"{plan.run_id} done in {duration(elapsed)}", highlight=False)
    if not products:
        console.print("No product: nothing relaxed to a sound structure.")
        return
    console.print(product_table(products))
    for name in plan.expected:
        console.print(f"expected: {verdict(name, products)}", highlight=False)
    lake = "" if str(plan.lake) == "lake" else f" --lake {shlex.quote(str(plan.lake))}"
    query = (
        "SELECT formula, energy_per_atom, volume_per_atom, outcome, steps FROM relaxed "
        f"WHERE run_id = '{plan.run_id}' ORDER BY energy_per_atom LIMIT 20"
    )
    console.print(f"lake:     {plan.lake.resolve()}", soft_wrap=True, highlight=False)
    for path in paths[:SHOWN_PRODUCTS]:
        console.print(f"CIF:      {path}", soft_wrap=True, highlight=False)
    if len(paths) > SHOWN_PRODUCTS:
        console.print(f"          and {len(paths) - SHOWN_PRODUCTS} more there")
    console.print(f'look on:  a2c sql "{query}"{lake}', soft_wrap=True, highlight=False)
