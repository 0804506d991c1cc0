"""Figures of runs by name: from the lake through the analysis to a figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from pymatgen.util.string import latexify, latexify_spacegroup

from a2c_ray.errors import InputError
from a2c_ray.results import NothingThereError, ProductResult, RunResults

if TYPE_CHECKING:
    from pymatgen.core import Structure

    from a2c_ray.analysis.distributions import RadialDistribution
    from a2c_ray.analysis.morphology import GlassMorphology
    from a2c_ray.figures.emergence import Emergence
    from a2c_ray.figures.energy_volume import MarkedProduct


R_MAX = 10.0
"""Å."""

BELOW_EDGE = 0.97
"""Of the edge of a box."""

GLASS_SMEARING, CRYSTAL_SMEARING = 0.05, 0.1
"""Å; of distances in glasses, to smooth the noise, and in crystals, as if atoms moved."""

CRYSTAL_ANGLE_SMEARING = 3.0
"""Degrees."""

MOST_PHASES = 5
"""Polymorphs that are drawn if none are named."""


@dataclass(frozen=True)
class Wanted:
    """What of a run is to be drawn; None and empty leave the choice to the figure.

    glass: id.
    products: ids; most figures show one.
    subcell: id.
    formula: reduced.
    end_members: of a hull, reduced formulas.
    phases: names of polymorphs.
    transition: two polymorphs whose transition pressure is marked.
    measured: file of a powder pattern.
    wavelength: of X-rays, by name, such as CuKa, or in Å.
    """

    glass: str | None = None
    products: tuple[str, ...] = ()
    subcell: str | None = None
    formula: str | None = None
    end_members: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    transition: tuple[str, ...] = ()
    measured: Path | None = None
    wavelength: str = "CuKa"

    @property
    def product(self) -> str | None:
        """The one product, if any is named.

        Raises:
            InputError: several are.
        """
        if len(self.products) > 1:
            raise InputError(f"this figure shows one product, not {len(self.products)}")
        return next(iter(self.products), None)


def draw(kind: str, runs: Sequence[RunResults], wanted: Wanted) -> Figure:
    """Draw a figure.

    Args:
        kind: a key of `OF_ONE_RUN` or `OF_SEVERAL_RUNS`.
        runs: of one lake; most figures are of one run.
        wanted: what of them.

    Raises:
        InputError: the runs do not have what is asked for.
    """
    if kind in OF_SEVERAL_RUNS:
        return OF_SEVERAL_RUNS[kind](runs, wanted)
    if len(runs) > 1:
        raise InputError(f"a figure of {kind} is of one run, not of {len(runs)}")
    return OF_ONE_RUN[kind](runs[0], wanted)


def plot_md(run: RunResults, wanted: Wanted) -> Figure:
    """Log of a melt-quench."""
    from a2c_ray.figures.md_trace import md_trace_figure

    return md_trace_figure(run.trace(wanted.glass))


def plot_products(run: RunResults, wanted: Wanted) -> Figure:
    """Energy against volume of the relaxed subcells, products marked."""
    from a2c_ray.figures.energy_volume import energy_volume_figure
    from a2c_ray.results.energy_volume import energy_volume_map

    mapped = energy_volume_map(run, wanted.formula)
    marked = [marked_product(p) for p in run.products_so_far if p.row.formula == mapped.formula]
    return energy_volume_figure(mapped.formula, mapped.volume, mapped.energy, mapped.number, marked)


def marked_product(product: ProductResult) -> MarkedProduct:
    """A product as maps of energy against volume mark it."""
    from a2c_ray.figures.energy_volume import MarkedProduct

    row = product.row
    return MarkedProduct(
        row.volume_per_atom,
        row.energy_per_atom,
        row.polymorph or latexify_spacegroup(row.space_group),
        row.polymorph is not None,
    )


def plot_rdf(run: RunResults, wanted: Wanted) -> Figure:
    """Radial distribution functions of a glass, over those of a product if one is named."""
    from a2c_ray.figures.distributions import radial_figure

    frames = run.snapshots(wanted.glass)
    if wanted.product is None:
        return radial_figure(_glass_order(frames))
    product = run.product(wanted.product)
    crystal = _crystal_order(product.structure, frames)
    label = latexify_spacegroup(product.row.space_group)
    return radial_figure(_glass_order(frames), crystal, label)


def plot_emerged(runs: Sequence[RunResults], wanted: Wanted) -> Figure:
    """Glasses beside products of theirs, the lowest if none is named, and the order of both."""
    from a2c_ray.figures.emergence import emergence_figure

    there = {product.row.product_id for run in runs for product in run.products}
    if missing := set(wanted.products) - there:
        raise NothingThereError(f"the runs have no product {', '.join(sorted(missing))}")
    return emergence_figure(
        [
            _emergence(run, product)
            for run in runs
            for product in [p for p in run.products if p.row.product_id in wanted.products]
            or [run.product()]
        ]
    )


def _emergence(run: RunResults, product: ProductResult) -> Emergence:
    """A product of a run beside the glass that its lowest subcell was cut from."""
    from a2c_ray.analysis.symmetry import conventional_cell
    from a2c_ray.figures.emergence import Emergence

    row = product.row
    glass = run.glass(run.relaxed(row.subcell_id).row.glass_id)
    frames = run.frames(glass)
    group = f"{latexify(row.formula)}, {latexify_spacegroup(row.space_group)}"
    return Emergence(
        glass.structure.to_ase_atoms(),
        conventional_cell(product.structure).to_ase_atoms(),
        f"glassy {latexify(run.formula)}",
        row.polymorph or group,
        _glass_order(frames),
        _crystal_order(product.structure, frames),
    )


def _glass_order(frames: Sequence[Structure]) -> RadialDistribution:
    from a2c_ray.analysis.distributions import rdf

    return rdf(frames, _r_max(frames), smearing=GLASS_SMEARING)


def _crystal_order(crystal: Structure, frames: Sequence[Structure]) -> RadialDistribution:
    """As far as that of a glass."""
    from a2c_ray.analysis.distributions import rdf

    return rdf(crystal, _r_max(frames), smearing=CRYSTAL_SMEARING)


def _r_max(frames: Sequence[Structure]) -> float:
    """Beyond the edge of the box every atom would see its own images."""
    return min(R_MAX, BELOW_EDGE * min(frames[0].lattice.abc))


def plot_angles(run: RunResults, wanted: Wanted) -> Figure:
    """Bond-angle distributions of a glass, over those of a product if one is named."""
    from a2c_ray.analysis.bond_angles import bond_angles, possible_bonds
    from a2c_ray.figures.distributions import angle_figure

    glass = bond_angles(run.snapshots(wanted.glass))
    if wanted.product is None:
        return angle_figure(glass)
    product = run.product(wanted.product)
    bonds = possible_bonds(product.structure, glass.bond_lengths)
    crystal = bond_angles(product.structure, bonds, smearing=CRYSTAL_ANGLE_SMEARING)
    return angle_figure(glass, crystal, latexify_spacegroup(product.row.space_group))


def plot_structure_factor(run: RunResults, wanted: Wanted) -> Figure:
    """Structure factor of a glass."""
    from a2c_ray.analysis.structure_factor import structure_factor
    from a2c_ray.figures.distributions import structure_factor_figure

    return structure_factor_figure(structure_factor(run.snapshots(wanted.glass)))


def plot_coordination(run: RunResults, wanted: Wanted) -> Figure:
    """Coordination numbers of a glass by its most electronegative element."""
    from a2c_ray.analysis.coordination import coordination
    from a2c_ray.figures.distributions import coordination_figure

    frames = run.snapshots(wanted.glass)
    *others, anion = sorted(frames[0].composition.element_composition)
    centers = others or [anion]
    return coordination_figure(
        [coordination(frames, center.symbol, anion.symbol) for center in centers]
    )


def plot_hull(run: RunResults, wanted: Wanted) -> Figure:
    """Formation energies of what emerged, and their hull."""
    from a2c_ray.figures.hull import hull_figure
    from a2c_ray.results.hull import run_hull

    return hull_figure(run_hull(run, wanted.end_members), run.formula)


def plot_xrd(run: RunResults, wanted: Wanted) -> Figure:
    """Powder pattern of a product, under a measured one if given."""
    from a2c_ray.analysis.diffraction import powder_pattern, read_pattern
    from a2c_ray.analysis.symmetry import conventional_cell
    from a2c_ray.figures.diffraction import diffraction_figure

    measured = read_pattern(wanted.measured) if wanted.measured else None
    product = run.product(wanted.product)
    pattern = powder_pattern(conventional_cell(product.structure), wanted.wavelength)
    formula, group = product.row.formula, product.row.space_group
    label = f"{latexify(formula)} {latexify_spacegroup(group)}"
    return diffraction_figure(pattern, measured, label=label)


def plot_path(run: RunResults, wanted: Wanted) -> Figure:
    """Transformation path of a subcell, of the lowest product's if none is named."""
    from a2c_ray.recompute.trace import trace_subcell
    from a2c_ray.recompute.trace_files import compare_with_glass, trace_figure

    subcell = wanted.subcell or run.product(wanted.product).row.subcell_id
    trace = trace_subcell(run.lake.store.address, subcell)
    return trace_figure(trace, compare_with_glass(trace))


def plot_learning(run: RunResults, wanted: Wanted) -> Figure:
    """Errors of a run's own student as it was trained, one round after the other."""
    from a2c_ray.figures.learning_curve import learning_curve_figure
    from a2c_ray.results.proof import learning_of

    history = learning_of(run.lake)
    if not history:
        raise NothingThereError(f"run {run.run_id} has trained no student of its own")
    return learning_curve_figure(history)


def plot_parity(run: RunResults, wanted: Wanted) -> Figure:
    """Energies of a run's own student against its teacher's."""
    from a2c_ray.figures.parity import parity_figure
    from a2c_ray.results.proof import parity_of, proof_of

    energies, others = parity_of(run.lake)
    if not len(energies):
        raise NothingThereError(f"run {run.run_id} has judged no student of its own")
    proof = proof_of(run.lake)
    return parity_figure(energies, others, proof.refined_within if proof else None)


def plot_recall(run: RunResults, wanted: Wanted) -> Figure:
    """How early the products of a run come in the order of its own student."""
    from a2c_ray.figures.recall import recall_figure
    from a2c_ray.results.proof import recall_of

    shares, n_products = recall_of(run.lake)
    if not len(shares):
        raise NothingThereError(f"no student of run {run.run_id} has screened what it has found")
    return recall_figure(shares, n_products)


def plot_morphology(runs: Sequence[RunResults], wanted: Wanted) -> Figure:
    """Temperature and pressure of glasses, and how often polymorphs emerged from them."""
    from a2c_ray.analysis.morphology import grid_points
    from a2c_ray.figures.morphology import morphology_figure
    from a2c_ray.results.morphology import glass_morphologies

    glasses = glass_morphologies(runs)
    pressure = _transition_pressure(runs[0], wanted.transition)
    return morphology_figure(
        grid_points(glasses), _phases(glasses, wanted), transition_pressure=pressure
    )


def _transition_pressure(run: RunResults, polymorphs: Sequence[str]) -> float | None:
    """Of two polymorphs under the potential of a run, GPa; None if none are named."""
    from a2c_ray.recompute.run_potential import run_potential
    from a2c_ray.recompute.transition import transition_pressure

    if not polymorphs:
        return None
    if len(polymorphs) != 2:
        raise InputError(f"a transition is between two polymorphs, not {len(polymorphs)}")
    potential = run_potential(run.settings)
    one, other = polymorphs
    return transition_pressure(potential, one, other)


def plot_appearance(runs: Sequence[RunResults], wanted: Wanted) -> Figure:
    """Which polymorphs appeared under which density and temperature."""
    from a2c_ray.analysis.morphology import appearances, grid_points
    from a2c_ray.figures.appearance import appearance_figure
    from a2c_ray.results.morphology import glass_morphologies

    glasses = glass_morphologies(runs, n_snapshots=0)
    found = appearances(grid_points(glasses), _phases(glasses, wanted))
    if not found:
        raise NothingThereError("no polymorph of the library emerged, and --phases names none")
    return appearance_figure(found)


def _phases(glasses: Sequence[GlassMorphology], wanted: Wanted) -> dict[str, tuple[str, ...]]:
    """Polymorphs that were asked for, or the most frequent ones."""
    from a2c_ray.analysis.morphology import phases_of

    if wanted.phases:
        return {name: (name,) for name in wanted.phases}
    return dict(list(phases_of(glasses).items())[:MOST_PHASES])


def plot_limit(runs: Sequence[RunResults], wanted: Wanted) -> Figure:
    """Glasses over the known polymorphs; what was not relaxed before is relaxed and kept."""
    from a2c_ray.figures.amorphous_limit import limit_figure
    from a2c_ray.recompute.amorphous_limit import relax_missing
    from a2c_ray.results.amorphous_limit import amorphous_limits

    return limit_figure(amorphous_limits([row for run in runs for row in relax_missing(run)]))


OF_ONE_RUN: dict[str, Callable[[RunResults, Wanted], Figure]] = {
    "rdf": plot_rdf,
    "angles": plot_angles,
    "sq": plot_structure_factor,
    "coordination": plot_coordination,
    "md": plot_md,
    "products": plot_products,
    "hull": plot_hull,
    "path": plot_path,
    "xrd": plot_xrd,
    "learning": plot_learning,
    "parity": plot_parity,
    "recall": plot_recall,
}

OF_SEVERAL_RUNS: dict[str, Callable[[Sequence[RunResults], Wanted], Figure]] = {
    "emerged": plot_emerged,
    "morphology": plot_morphology,
    "appearance": plot_appearance,
    "limit": plot_limit,
}
