"""One run of a lake: its glasses, their molecular dynamics, its products, its relaxed subcells.

results = RunResults.open("lake")          # the latest run
glass = results.glasses[0]
rdf(results.snapshots(glass.glass_id))
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from a2c_ray.analysis.floors import Floors, floors_of
from a2c_ray.errors import InputError
from a2c_ray.lake import (
    Lake,
    LimitRow,
    ProductRow,
    RelaxedRow,
    RescoredRow,
    RunRow,
    last_attempts,
    structure_from_row,
)
from a2c_ray.lake.energies import FLOORS, IS_HOLE
from a2c_ray.units import GPA_PER_EV_A3

if TYPE_CHECKING:
    from pymatgen.core import Structure

    from a2c_ray.relaxation.cell_filter import Freedom

GLASSES = "SELECT * FROM amorphous WHERE outcome = 'glass' ORDER BY glass_id"

SNAPSHOTS = """
SELECT frac_coords FROM md_trace
WHERE glass_id = $glass_id AND thermostat = $t_low AND frac_coords IS NOT NULL ORDER BY step
"""

TRACE = """
SELECT step, time_fs, thermostat, temperature, energy_per_atom, pressure, conserved_per_atom
FROM md_trace WHERE glass_id = $glass_id ORDER BY step
"""

PRODUCTS = "SELECT * FROM products ORDER BY formula, delta_mev < 0, delta_mev, product_id"

RESCORED = """
SELECT rescored.* FROM rescored SEMI JOIN products USING (product_id, subcell_id)
QUALIFY row_number() OVER (
    PARTITION BY product_id, potential, potential_fingerprint, is_relaxed ORDER BY rescored_at DESC
) = 1
ORDER BY rescored_at, product_id
"""

LIMITS = "SELECT * FROM limits ORDER BY is_glass DESC, name"

LOWEST = f"""
WITH floors AS ({FLOORS}), cells AS (
    SELECT *, coalesce(enthalpy_per_atom, energy_per_atom) AS ranked FROM relaxed
), crystals AS (
    SELECT subcell_id, formula, ranked FROM cells JOIN floors USING (formula) WHERE NOT {IS_HOLE}
    QUALIFY row_number() OVER (PARTITION BY formula ORDER BY ranked, subcell_id) = 1
)
SELECT relaxed.* FROM relaxed SEMI JOIN crystals USING (subcell_id) ORDER BY formula
"""

COMMONEST = """
SELECT formula FROM relaxed GROUP BY formula ORDER BY count(*) DESC, formula LIMIT 1
"""

SUBCELL = "SELECT * FROM relaxed WHERE subcell_id = $subcell_id"


class UnknownRunError(InputError):
    """A run that is not in the lake."""


class NothingThereError(InputError):
    """A run has nothing of what is asked for."""


@dataclass(frozen=True)
class GlassResult:
    """A glass of a run.

    glass_id: identifies it.
    structure: after the last step.
    energy_per_atom: of the structure, eV.
    pressure: mean over the last 200 steps at T_low, GPa.
    t_high, t_low: K.
    density: g/cm³.
    volume_per_atom: Å³.
    seed: of positions and velocities.
    """

    glass_id: str
    structure: Structure
    energy_per_atom: float
    pressure: float
    t_high: float
    t_low: float
    density: float
    volume_per_atom: float
    seed: int


@dataclass(frozen=True)
class ProductResult:
    """A product of a run, with its row of the lake; `a2c lake columns` says what is in it."""

    structure: Structure
    row: ProductRow


@dataclass(frozen=True)
class RelaxedResult:
    """A relaxed subcell of a run, with its row of the lake."""

    structure: Structure
    row: RelaxedRow


@dataclass(frozen=True)
class RunResults:
    """One run of a lake.

    lake: shows this run only.
    run_id, system: identify it.
    attempt: the last one.
    """

    lake: Lake
    run_id: str
    system: str
    attempt: RunRow

    @classmethod
    def open(cls, address: str | Path = "lake", run_id: str | None = None) -> RunResults:
        """Open a run.

        Args:
            address: of the lake.
            run_id: None for the run that was started last.

        Raises:
            NoLakeError: there is no lake.
            UnknownRunError: the run is not in it; the message lists those that are.
        """
        everything = Lake(address)
        attempt = find_attempt(last_attempts(everything), run_id)
        lake = Lake(everything.store, attempt.run_id)
        return cls(lake, attempt.run_id, attempt.system, attempt)

    @classmethod
    def alone(cls, lake: Lake, run_id: str) -> RunResults:
        """Of a lake that shows one run only, so that damage to others does not matter.

        Raises:
            UnknownRunError: the run is not in it.
        """
        attempt = find_attempt(last_attempts(lake), run_id)
        return cls(lake, run_id, attempt.system, attempt)

    @cached_property
    def settings(self) -> dict[str, Any]:
        """All settings of the run."""
        return json.loads(self.attempt.config)

    @cached_property
    def glasses(self) -> list[GlassResult]:
        """All glasses, by id.

        Raises:
            NothingThereError: there is none yet.
        """
        names = GlassResult.__dataclass_fields__
        glasses = [
            GlassResult(structure=_plain(row), **{n: row[n] for n in names if n != "structure"})
            for row in _rows(self.lake, GLASSES)
        ]
        if not glasses:
            raise NothingThereError(f"run {self.run_id} has no glass yet")
        return glasses

    def glass(self, glass_id: str | None = None) -> GlassResult:
        """One glass; the first without an id.

        Raises:
            NothingThereError: the run has no such glass.
        """
        chosen = [g for g in self.glasses if glass_id in (None, g.glass_id)]
        if not chosen:
            there = ", ".join(glass.glass_id for glass in self.glasses[:5])
            more = ", ..." if len(self.glasses) > 5 else ""
            raise NothingThereError(
                f"run {self.run_id} has no glass {glass_id!r}; there are: {there}{more}"
            )
        return chosen[0]

    def frames(self, glass: GlassResult) -> list[Structure]:
        """Snapshots of a glass at T_low, or its last structure if no step was at T_low."""
        try:
            return self.snapshots(glass.glass_id)
        except NothingThereError:
            return [glass.structure]

    def snapshots(self, glass_id: str | None = None) -> list[Structure]:
        """A glass at every tenth of its last 200 steps at T_low.

        Raises:
            NothingThereError: the run has no such glass, or none of its steps were at T_low.
        """
        from pymatgen.core import Structure

        glass = self.glass(glass_id)
        of_glass = {"glass_id": glass.glass_id, "t_low": glass.t_low}
        frames = self.lake.sql(SNAPSHOTS, of_glass).fetchall()
        if not frames:
            raise NothingThereError(f"glass {glass.glass_id} has no snapshots at T_low")
        lattice, species = glass.structure.lattice, glass.structure.species
        return [Structure(lattice, species, np.reshape(row[0], (-1, 3))) for row in frames]

    def trace(self, glass_id: str | None = None) -> dict[str, np.ndarray]:
        """Columns of `md_trace` of a glass, but for the snapshots.

        Raises:
            NothingThereError: the run has no such glass.
        """
        glass = self.glass(glass_id)
        return self.lake.sql(TRACE, {"glass_id": glass.glass_id}).fetchnumpy()

    @cached_property
    def products(self) -> list[ProductResult]:
        """All products, lowest of each formula first.

        Raises:
            NothingThereError: there is none yet.
        """
        products = [
            ProductResult(_plain(row), ProductRow(**row)) for row in _rows(self.lake, PRODUCTS)
        ]
        if not products:
            raise NothingThereError(f"run {self.run_id} has no products yet")
        return products

    def lowest_products(self, n: int) -> list[ProductResult]:
        """The lowest n products of each formula.

        Raises:
            NothingThereError: there is none yet.
        """
        seen: Counter[str] = Counter()
        lowest = []
        for product in self.products:
            seen[product.row.formula] += 1
            if seen[product.row.formula] <= n:
                lowest.append(product)
        return lowest

    @property
    def products_so_far(self) -> list[ProductResult]:
        """As `products`, but none if there is none yet."""
        try:
            return self.products
        except NothingThereError:
            return []

    def rescored(self) -> list[RescoredRow]:
        """What other potentials have said of the products, the last word of each; by time."""
        return [RescoredRow(**row) for row in _rows(self.lake, RESCORED)]

    def limits(self) -> list[LimitRow]:
        """Glasses and known polymorphs as far as `a2c plot limit` has relaxed them, by name."""
        return [LimitRow(**row) for row in _rows(self.lake, LIMITS)]

    @property
    def glasses_so_far(self) -> list[GlassResult]:
        """As `glasses`, but none if there is none yet."""
        try:
            return self.glasses
        except NothingThereError:
            return []

    def product(self, product_id: str | None = None) -> ProductResult:
        """One product; without an id the lowest of the glasses' own formula, or else the first.

        Raises:
            NothingThereError: the run has no such product.
        """
        chosen = [p for p in self.products if product_id in (None, p.row.product_id)]
        if not chosen:
            there = ", ".join(product.row.product_id for product in self.products[:5])
            raise NothingThereError(
                f"run {self.run_id} has no product {product_id!r}; there are: {there}"
            )
        return next((p for p in chosen if p.row.formula == self.formula), chosen[0])

    @property
    def has_glasses(self) -> bool:
        """Whether its cells are cut from glasses; otherwise they were given."""
        return "system.formula" in self.settings

    @property
    def pressure(self) -> float:
        """That its cells are relaxed under, eV/Å³."""
        names = ("relax.pressure", "crystallize.pressure")
        return sum(self.settings.get(name, 0.0) for name in names) / GPA_PER_EV_A3

    @property
    def freedom(self) -> Freedom:
        """What of its cells changes as they are relaxed."""
        from a2c_ray.relaxation.cell_filter import Freedom  # which imports JAX

        return Freedom.of_setting(self.settings.get("relax.cell", True))

    @cached_property
    def formula(self) -> str:
        """Reduced formula of the glasses, or the commonest of given cells.

        Raises:
            NothingThereError: none of the given cells is relaxed yet.
        """
        from pymatgen.core import Composition

        if self.has_glasses:
            return Composition(self.settings["system.formula"]).reduced_formula
        found = self.lake.sql(COMMONEST).fetchall()
        if not found:
            raise NothingThereError(f"run {self.run_id} has no relaxed cell yet")
        return found[0][0]

    @cached_property
    def floors(self) -> Floors:
        """Where the crystals of each formula begin, under its potential."""
        return floors_of(self.lake, "relaxed")

    def lowest_relaxed(self) -> list[RelaxedResult]:
        """The lowest relaxed subcell of each formula, of which no hole is one.

        Raises:
            NothingThereError: nothing has relaxed soundly yet.
        """
        lowest = self.relaxed_rows(LOWEST, self.floors.parameters)
        if not lowest:
            raise NothingThereError(f"run {self.run_id} has no relaxed subcell yet")
        return lowest

    def relaxed(self, subcell_id: str) -> RelaxedResult:
        """One relaxed subcell.

        Raises:
            NothingThereError: the run has no such subcell.
        """
        found = self.relaxed_rows(SUBCELL, {"subcell_id": subcell_id})
        if not found:
            raise NothingThereError(f"run {self.run_id} has no relaxed subcell {subcell_id!r}")
        return found[0]

    def relaxed_rows(
        self, query: str, parameters: dict[str, Any] | None = None
    ) -> list[RelaxedResult]:
        """Relaxed subcells that a query selects, with all columns of `relaxed`."""
        return [
            RelaxedResult(_plain(row), RelaxedRow(**row))
            for row in _rows(self.lake, query, parameters)
        ]


def find_attempt(attempts: list[RunRow], run_id: str | None) -> RunRow:
    """The attempt at one run; the first without an id.

    Raises:
        UnknownRunError: there is none.
    """
    for attempt in attempts:
        if run_id in (None, attempt.run_id):
            return attempt
    if run_id is None:
        raise UnknownRunError("the lake has no run yet")
    there = ", ".join(attempt.run_id for attempt in attempts) or "none"
    raise UnknownRunError(f"no run {run_id!r} in the lake; there are: {there}")


def _rows(lake: Lake, query: str, parameters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    return lake.sql(query, parameters).to_arrow_table().to_pylist()


def _plain(row: dict[str, Any]) -> Structure:
    structure = structure_from_row(row)
    structure.properties = {}
    return structure
