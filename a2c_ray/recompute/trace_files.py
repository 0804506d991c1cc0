"""What `a2c trace` leaves: the path as files, and its summary."""

from __future__ import annotations

import csv
from pathlib import Path

from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write
from matplotlib.figure import Figure

from a2c_ray.analysis.polymorphs import identify
from a2c_ray.analysis.symmetry import TOLERANCES, space_groups
from a2c_ray.analysis.transformation import Transformation, follow
from a2c_ray.crystallize.recording import Recording
from a2c_ray.figures.relaxing_cell import write_animation
from a2c_ray.figures.style import write_figure
from a2c_ray.figures.transformation import transformation_figure
from a2c_ray.recompute.trace import AGREEMENT, SubcellTrace

COLUMNS = ("step", "energy_per_atom", "volume_per_atom", "max_force", "max_stress")
"""Of path.csv: eV, Å³, eV/Å, eV/Å³."""


def write_trace(trace: SubcellTrace, folder: Path) -> Transformation:
    """Write path.extxyz, path.csv, path.gif, path.pdf and path.png into a folder.

    Args:
        trace: to write.
        folder: made if it is not there; files of these names are replaced.

    Returns:
        The comparison with the glass that is drawn.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = trace.recording
    steps = range(path.n_steps + 1)
    frames = [_frame(path, step) for step in steps]
    write(folder / "path.extxyz", frames)
    with (folder / "path.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        columns = (path.energy_per_atom, path.volume_per_atom, path.max_force, path.max_stress)
        writer.writerows(zip(steps, *(column.tolist() for column in columns), strict=True))
    write_animation(frames, path.energy_per_atom, folder / "path.gif")
    transformation = compare_with_glass(trace)
    figure = trace_figure(trace, transformation)
    for ending in ("pdf", "png"):
        write_figure(figure, folder / f"path.{ending}")
    return transformation


def compare_with_glass(trace: SubcellTrace) -> Transformation:
    """Bonds and angles along a path beside those of its glass."""
    path = trace.recording
    structures = [path.cell(step).structure for step in range(path.n_steps + 1)]
    return follow(structures, path.energy_per_atom, trace.snapshots)


def trace_figure(trace: SubcellTrace, transformation: Transformation) -> Figure:
    """The figure of a path."""
    shown = [_frame(trace.recording, step) for step in transformation.shown]
    return transformation_figure(shown, transformation)


def _frame(path: Recording, step: int) -> Atoms:
    """One configuration as ASE has them, with its energy."""
    cell = path.cell(step)
    atoms = Atoms(cell.numbers, positions=cell.positions, cell=cell.lattice, pbc=True)
    atoms.info = {
        "step": step,
        "max_force": float(path.max_force[step]),
        "max_stress": float(path.max_stress[step]),
    }
    atoms.calc = SinglePointCalculator(atoms, energy=float(path.energy[step]))
    return atoms


def describe(trace: SubcellTrace, transformation: Transformation) -> list[str]:
    """Lines of a summary."""
    path, energy = trace.recording, trace.recording.energy_per_atom
    end = path.cell(-1).structure
    match = identify(end)
    rise = transformation.largest_rise
    course = (
        "downhill all the way"
        if transformation.is_downhill
        else (f"with rises of up to {_mev(rise)}")
    )
    return [
        f"path     {trace.row.formula}, {len(end)} atoms, {path.n_steps} steps of "
        f"{trace.optimizer}, {path.outcome.label}",
        f"energy   {energy[0]:.4f} to {energy[-1]:.4f} eV/atom, {course}",
        f"bonds    shorter than in the glass: {_spurious(transformation)}",
        f"end      {space_groups(end)[TOLERANCES[-1]]}, "
        f"{match.polymorph.name if match else 'no known polymorph'}",
        f"lake     {_agreement(trace)}",
        *(f"note     {remark}" for remark in trace.remarks),
    ]


def _spurious(transformation: Transformation) -> str:
    """Which pairs have too short bonds, and how long."""
    last = transformation.last_spurious
    return ", ".join(f"{'-'.join(pair)} to step {last[pair]}" for pair in last) or "none"


def _agreement(trace: SubcellTrace) -> str:
    difference = trace.difference
    if difference == 0.0:
        return "the same energy, to the last bit"
    if abs(difference) < AGREEMENT:
        return f"the same energy, to {_mev(abs(difference))}"
    place = "above" if difference > 0 else "below"
    return f"this end is {_mev(abs(difference))} {place} the lake's"


def _mev(energy: float) -> str:
    return f"{1000 * energy:.3g} meV/atom"
