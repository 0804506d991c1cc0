"""Units without a potential: parts put together, and a run ranked."""

from __future__ import annotations

from dataclasses import dataclass

from a2c_ray.analysis.ranking import Product
from a2c_ray.campaign.destination import Destination
from a2c_ray.campaign.plan import Plan
from a2c_ray.campaign.point import Point
from a2c_ray.campaign.products import rank_run, write_products
from a2c_ray.campaign.unit import CampaignUnit
from a2c_ray.cluster.unit import OnProgress
from a2c_ray.lake import merge_parts, merge_run, remove_checkpoints


@dataclass(frozen=True, eq=False)
class MergeUnit(CampaignUnit):
    """Parts of a glass, all of whose subcells are relaxed, put together."""

    plan: Plan
    glass_id: str
    destination: Destination

    potential = None

    def __str__(self) -> str:
        return f"parts of {self.glass_id}"

    def run(self, potential: None, on_progress: OnProgress) -> None:
        """Merge them."""
        to = self.destination
        merge_parts(to.store, self.plan.screening_table, to.system, to.run_id, self.glass_id)


@dataclass(frozen=True, eq=False)
class RankUnit(CampaignUnit):
    """All that a run has relaxed, ranked.

    plan: of the run.
    is_complete: whether no part will be added; its parts are then merged.
    destination: see there.
    """

    plan: Plan
    is_complete: bool
    destination: Destination

    potential = None

    def __str__(self) -> str:
        return f"products of {self.plan.run_id}"

    def run(self, potential: None, on_progress: OnProgress) -> RankReport:
        """Write products into the lake and as CIF files."""
        to = self.destination
        to.check()
        if self.is_complete:
            merge_run(to.store, to.system, to.run_id)
            remove_checkpoints(to.store, to.run_id)
        lake = to.open_lake()
        products = rank_run(lake, self.plan.ranking)
        return RankReport(products, write_products(lake, self.plan, products))

    def take(self, report: RankReport, point: Point) -> None:
        """The point is ranked."""
        point.status.products = report.products
        point.status.paths = report.paths


@dataclass(frozen=True)
class RankReport:
    """Products of a run, and a file of each."""

    products: list[Product]
    paths: list[str]
