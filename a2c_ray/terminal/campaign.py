"""A campaign from start to finish, with what a user sees of it."""

from __future__ import annotations

import logging
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import ray
from rich.console import Console

from a2c_ray.campaign.done import clean_up
from a2c_ray.campaign.driver import Campaign, CampaignError
from a2c_ray.campaign.live import LiveStatus
from a2c_ray.campaign.metrics import show_status
from a2c_ray.campaign.plan import Plan
from a2c_ray.campaign.reach import out_of_reach
from a2c_ray.campaign.record import RunRecord
from a2c_ray.campaign.status import PointStatus
from a2c_ray.campaign.tidying import Tidying
from a2c_ray.cluster.head_watch import watching_head
from a2c_ray.cluster.nodes import start_ray
from a2c_ray.cluster.resources import Resources
from a2c_ray.errors import FAILED, FINISHED, INTERRUPTED, InputError
from a2c_ray.lake import Lake, Store, run_lock
from a2c_ray.potentials.catalogue import PotentialChoice
from a2c_ray.potentials.potential import Potential
from a2c_ray.reading.pile import Pile
from a2c_ray.results.confidence import confidence_lines
from a2c_ray.results.proof import proof_lines
from a2c_ray.results.run import RunResults
from a2c_ray.results.trust import judge_run, remarks, verdicts
from a2c_ray.terminal.campaign_progress import Display, point_table
from a2c_ray.terminal.console import duration, stop_signals_call
from a2c_ray.terminal.log import LOG_FILE, logging_to
from a2c_ray.terminal.tables import SHOWN_PRODUCTS, product_table, verdict
from a2c_ray.units import counted

LOG = logging.getLogger(__name__)

SHOWN_REMARKS = 2
"""Of what is unusual, on the terminal."""


@dataclass(frozen=True)
class Finished:
    """A campaign that has come to its end.

    plans: of its points.
    stores: of the lake of each, by run id.
    points: what has become of each.
    elapsed_s: time it took, s.
    """

    plans: Sequence[Plan]
    stores: Mapping[str, Store]
    points: Mapping[str, PointStatus]
    elapsed_s: float


def check_distinct(plans: Sequence[Plan]) -> None:
    """Refuse a sweep that would do the same twice.

    Raises:
        InputError: two points are the same run.
    """
    seen: dict[str, int] = {}
    for k, plan in enumerate(plans):
        if plan.run_id in seen:
            raise InputError(
                f"jobs {seen[plan.run_id]} and {k} of the sweep are the same run ({plan.run_id}): "
                "they differ in nothing that is computed"
            )
        seen[plan.run_id] = k


def run_campaign(
    plans: Sequence[Plan],
    potentials: dict[PotentialChoice, Potential],
    resources: Resources,
    console: Console,
    folder: Path,
    command: str,
    piles: Mapping[str, Pile] | None = None,
    report: Callable[[Console, Finished], int] | None = None,
) -> int:
    """Do what is missing of a campaign, rank all of it and show the products.

    Args:
        plans: one for each point.
        potentials: of the plans.
        resources: to use.
        console: to show progress and products on.
        folder: for the log.
        command: that repeats, and so resumes, this campaign.
        piles: given cells of plans without glasses, by run id.
        report: shows what has come of it and returns the exit status; `show_products` if not given.

    Returns:
        Exit status: 0, 1 if something failed, 130 if it was interrupted.

    Raises:
        RunLockedError: another process works on one of the runs.
        CampaignError: the campaign cannot go on.
    """
    stores = {plan.run_id: Store.at(plan.lake) for plan in plans}
    with ExitStack() as stack:
        for run_id, store in stores.items():
            stack.enter_context(run_lock(store, run_id))
        stack.enter_context(logging_to(console, folder / LOG_FILE))
        console.print(_title(plans, piles or {}), highlight=False)
        _say_out_of_reach(console, plans)
        start_ray(resources.address, resources.dashboard)
        stack.callback(ray.shutdown)
        finished = _run(plans, stores, potentials, resources, console, piles or {}, command)
        if finished is None:
            message = f"Interrupted; what was finished is kept. Resume with: {command}"
            console.print(message, soft_wrap=True, highlight=False)
            return INTERRUPTED
        return (report or show_products)(console, finished)


def _run(
    plans: Sequence[Plan],
    stores: Mapping[str, Store],
    potentials: dict[PotentialChoice, Potential],
    resources: Resources,
    console: Console,
    piles: Mapping[str, Pile],
    command: str,
) -> Finished | None:
    """What has come of it; None if it was interrupted."""
    for plan in plans:
        clean_up(stores[plan.run_id], plan)
    records = [RunRecord.begin(plan, stores[plan.run_id], potentials) for plan in plans]
    campaign = Campaign(plans, stores, potentials, resources, piles)
    live = LiveStatus(stores)
    tidying = Tidying(stores.values())
    display = Display(console)

    def stop() -> None:
        campaign.stop()
        display.note("Finishing what is in flight; Ctrl-C again ends at once.")

    def give_up() -> NoReturn:
        _end_without_head(campaign, records, display, command)

    with (
        _recorded_if_stopped(campaign, records),
        display,
        watching_head(resources.address, give_up),
        stop_signals_call(stop),
    ):
        for status in campaign.run():
            display.show(status)
            show_status(status)
            live.show(status)
            tidying.tidy()
    live.write(campaign.status)
    points = campaign.status.points
    if not campaign.is_finished:
        for record in records:
            is_ranked = points[record.plan.run_id].products is not None
            _close(record, points[record.plan.run_id], "finished" if is_ranked else "interrupted")
        return None
    for record in records:
        _close(record, points[record.plan.run_id], "finished")
    return Finished(plans, stores, points, display.elapsed)


def _close(record: RunRecord, point: PointStatus, status: str) -> None:
    failed = status == "finished" and point.failures
    record.write("failed" if failed else status, point.failures)


@contextmanager
def _recorded_if_stopped(campaign: Campaign, records: Sequence[RunRecord]) -> Iterator[None]:
    """Record runs of a campaign that cannot go on, unless even that is impossible."""
    try:
        yield
    except Exception as error:
        for record in records:
            failures = campaign.status.points[record.plan.run_id].failures
            try:
                record.write("failed", [*failures, str(error)])
            except OSError:  # the lake is full, which the error says
                break
        raise


def _end_without_head(
    campaign: Campaign, records: Sequence[RunRecord], display: Display, command: str
) -> NoReturn:
    """End this process, whose main thread may be in a call of Ray's that does not return."""
    message = "the head of the Ray cluster is gone; what is finished is kept"
    with suppress(Exception):
        display.close()
    with suppress(Exception), _recorded_if_stopped(campaign, records):
        raise CampaignError(message)
    LOG.error("%s", message)
    print(f"a2c: {message}. Resume with: {command}", file=sys.stderr, flush=True)
    sys.stdout.flush()
    os._exit(FAILED)


def _title(plans: Sequence[Plan], piles: Mapping[str, Pile]) -> str:
    glasses = counted(sum(len(plan.glasses) for plan in plans), "glass")
    if len(plans) > 1:
        return f"{len(plans)} points, {glasses}"
    plan = plans[0]
    names = dict.fromkeys(c.name for c in (plan.potential, plan.screening, plan.refinement))
    pile = piles.get(plan.run_id)
    what = f"{plan.composition}, {glasses}" if pile is None else counted(len(pile), "cell")
    return f"{plan.run_id}: {what}, {', '.join(names)}"


def _say_out_of_reach(console: Console, plans: Sequence[Plan]) -> None:
    """What no point can find, while there is time to change the settings."""
    reasons: dict[str, str] = {}
    within_reach: set[str] = set()
    for plan in plans:
        out = out_of_reach(plan)
        reasons |= out
        within_reach |= set(plan.expected) - set(out)
    for name, reason in reasons.items():
        if name not in within_reach:
            console.print(f"out of reach: {name}: {reason}", highlight=False, soft_wrap=True)


def show_products(console: Console, finished: Finished) -> int:
    """Show the products of a campaign; returns the exit status."""
    plans, stores, points = finished.plans, finished.stores, finished.points
    name = plans[0].run_id if len(plans) == 1 else f"{len(plans)} points"
    console.print(f"{name} done in {duration(finished.elapsed_s)}", highlight=False)
    if len(plans) > 1:
        console.print(point_table(list(points.values())))
        say_trust(console, stores)
        columns = ", ".join(dict.fromkeys(map(ranked_column, plans)))
        selection = f"run_id, formula, {columns}, space_group, polymorph FROM products"
        say_where(console, stores[plans[0].run_id], selection)
    else:
        _report_point(console, plans[0], stores[plans[0].run_id], points[plans[0].run_id])
    for point in points.values():
        for failure in point.failures:
            console.print(f"failed: {failure}", highlight=False)
    ranked = all(point.products for point in points.values())
    failed = any(point.failures for point in points.values())
    return FAILED if failed or not ranked else FINISHED


def _report_point(console: Console, plan: Plan, store: Store, point: PointStatus) -> None:
    if not point.products:
        console.print("No product: nothing relaxed to a sound structure.")
        say_trust(console, {plan.run_id: store})
        return
    console.print(product_table(point.products, plan.pressure))
    reasons = out_of_reach(plan)
    for name in plan.expected:
        found = verdict(name, point.products)
        where = f"{found}: {reasons[name]}" if name in reasons else found
        console.print(f"expected: {where}", highlight=False)
    _say_proof(console, plan, store)
    _say_confidence(console, plan, store)
    say_trust(console, {plan.run_id: store})
    for path in point.paths[:SHOWN_PRODUCTS]:
        console.print(f"CIF:      {path}", soft_wrap=True, highlight=False)
    if len(point.paths) > SHOWN_PRODUCTS:
        console.print(f"          and {len(point.paths) - SHOWN_PRODUCTS} more there")
    ranked = ranked_column(plan)
    say_where(
        console,
        store,
        f"formula, {ranked}, volume_per_atom, outcome, steps FROM relaxed "
        f"WHERE run_id = '{plan.run_id}' ORDER BY {ranked} LIMIT 20",
    )
    say_report(console, store, plan.run_id)


def ranked_column(plan: Plan) -> str:
    """Of the lake, by which crystals of a run are ranked."""
    return "enthalpy_per_atom" if plan.pressure else "energy_per_atom"


def _say_proof(console: Console, plan: Plan, store: Store) -> None:
    """What may be lost of a run that has trained its own student."""
    for line in proof_lines(Lake(store, plan.run_id)) if plan.self_taught else []:
        console.print(f"student:  {line}", soft_wrap=True, highlight=False)


def _say_confidence(console: Console, plan: Plan, store: Store) -> None:
    """How often the lowest was found, what more subcells might find, and how it was melted."""
    results = RunResults.alone(Lake(store, plan.run_id), plan.run_id)
    for line in confidence_lines(results):
        console.print(f"sure:     {line}", soft_wrap=True, highlight=False)


def say_trust(console: Console, stores: Mapping[str, Store]) -> None:
    """What is unusual about runs, or that nothing is."""
    judged = {run_id: judge_run(Lake(store, run_id)) for run_id, store in stores.items()}
    first = next(iter(judged.values()))
    if len(judged) == 1:
        lines = verdicts(first)
    else:
        found = [(run_id, remarks(trust)) for run_id, trust in judged.items()]
        lines = [f"{run_id}: {line}" for run_id, told in found for line in told[:1]]
        lines = lines or verdicts(first)
    for line in lines[:SHOWN_REMARKS]:
        console.print(f"trust:    {line}", soft_wrap=True, highlight=False)
    if len(lines) > SHOWN_REMARKS:
        console.print(f"          and {len(lines) - SHOWN_REMARKS} more, see a2c report")


def say_report(console: Console, store: Store, run_id: str) -> None:
    """How to get the page of a run."""
    report = f"a2c report {run_id}{_lake_option(store.address)}"
    console.print(f"report:   {report}", soft_wrap=True, highlight=False)


def say_where(console: Console, store: Store, selection: str) -> None:
    """Where the results are, and how to select from them."""
    where = store.root if store.is_local else store.address
    console.print(f"lake:     {where}", soft_wrap=True, highlight=False)
    query = f'a2c sql "SELECT {selection}"{_lake_option(store.address)}'
    console.print(f"look on:  {query}", soft_wrap=True, highlight=False)


def _lake_option(lake: str) -> str:
    return "" if lake == "lake" else f" --lake {shlex.quote(lake)}"
