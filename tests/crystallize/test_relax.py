"""Batched relaxation: minima, outcomes, isolation, compilations."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import replace

import jax
import numpy as np
import pytest
from ase.constraints import FixAtoms
from pymatgen.core import Lattice, Structure
from structures import read_structures

from a2c_ray import find_subcells, relax
from a2c_ray.cells import Cell, pack
from a2c_ray.crystallize.overlaps import minimum_distances
from a2c_ray.crystallize.relax import relax_cells
from a2c_ray.potentials.neighbors import Capacity
from a2c_ray.relaxation.batching import Relaxer, Usage
from a2c_ray.relaxation.outcome import Outcome
from a2c_ray.relaxation.shapes import Shape
from a2c_ray.relaxation.slots import RelaxSettings, advance, new_slots


def strained_diamonds(diamond: Structure, n: int) -> list[Structure]:
    """Primitive and conventional cells, distorted."""
    rng = np.random.default_rng(2)
    structures = []
    for k in range(n):
        structure = diamond.get_primitive_structure() if k % 2 else diamond.copy()
        strain = np.eye(3) + rng.normal(0, 0.03, (3, 3))
        structure.lattice = structure.lattice.matrix @ strain
        structure.perturb(0.1, seed=0)
        structures.append(structure)
    return structures


def test_distorted_diamond_relaxes_to_the_analytic_minimum(silicon, diamond):
    relaxed = relax(strained_diamonds(diamond, 6), silicon, max_steps=500)
    assert [r.index for r in relaxed] == list(range(6))
    for result in relaxed:
        assert result.outcome is Outcome.CONVERGED
        assert result.energy_per_atom == pytest.approx(-4.33660, abs=2e-4)
        assert result.structure.volume / len(result.structure) == pytest.approx(
            5.431**3 / 8, rel=5e-3
        )
        assert result.max_force < 0.02
        assert result.max_stress < 3e-4


def test_atoms_of_ase_are_structures_too(silicon, diamond):
    [structure, *_] = strained_diamonds(diamond, 1)
    atoms = structure.to_ase_atoms()
    one, other = relax([structure, atoms], silicon, max_steps=20, cell="shape")
    assert one.energy == pytest.approx(other.energy, abs=1e-5)
    assert one.cell.volume == pytest.approx(structure.volume, rel=1e-5)
    atoms.pbc = (True, True, False)
    with pytest.raises(ValueError, match="not periodic in all three directions"):
        relax([atoms], silicon)
    with pytest.raises(TypeError, match="in a list, found PeriodicSite"):
        relax(structure, silicon)
    with pytest.raises(ValueError, match="'some' is not a valid Freedom"):
        relax([structure], silicon, cell="some")


def test_fixed_atoms_move_which_is_said(silicon, diamond):
    atoms = diamond.to_ase_atoms()
    relax([diamond, atoms], silicon, max_steps=0)
    movable = [None, [True, True, False], *[[True] * 3] * 6]
    fixed = diamond.copy(site_properties={"selective_dynamics": movable})
    atoms.set_constraint(FixAtoms([0]))
    with pytest.warns(UserWarning, match="not kept: atoms are fixed in 2 cells, and move"):
        relax([diamond, atoms, fixed], silicon, max_steps=0)


def test_a_batch_gives_what_each_cell_gives_alone(silicon, diamond):
    structures = strained_diamonds(diamond, 4)[::2]
    together = relax(structures, silicon, max_steps=40, force_tol=0.0)
    for structure, result in zip(structures, together, strict=True):
        alone = relax([structure], silicon, max_steps=40, force_tol=0.0)[0]
        assert alone.steps == result.steps == 40
        assert alone.energy == pytest.approx(result.energy, abs=1e-3)


def test_bad_cells_end_with_an_outcome_and_harm_no_other(silicon, diamond):
    coincident = Structure(Lattice.cubic(5.0), ["Si", "Si"], [[0, 0, 0], [0, 0, 1e-9]])
    broken = diamond.copy()
    cells = [Cell.from_structure(s) for s in (coincident, *strained_diamonds(diamond, 2))]
    nan = Cell.from_structure(broken)
    cells.append(nan._replace(positions=np.full_like(nan.positions, np.nan)))
    shapes = (Shape(8, Capacity(32, 125)),)
    results = sorted(Relaxer(silicon, shapes=shapes).relax(cells), key=lambda r: r.index)
    assert len(results) == 4
    assert not results[0].outcome.is_valid
    assert not results[3].outcome.is_valid
    alone = list(Relaxer(silicon, shapes=shapes).relax(cells[1:3]))
    for result in results[1:3]:
        assert result.outcome is Outcome.CONVERGED
        twin = next(r for r in alone if r.index == result.index - 1)
        assert result.energy == pytest.approx(twin.energy, abs=1e-4)


def test_short_lists_grow_until_a_cell_fits(silicon, diamond):
    cells = [Cell.from_structure(s) for s in strained_diamonds(diamond, 4)]
    tight = Relaxer(silicon, shapes=(Shape(8, Capacity(8, 64)),))
    results = list(tight.relax(cells))
    assert sorted(r.index for r in results) == [0, 1, 2, 3]
    assert all(r.outcome is Outcome.CONVERGED for r in results)


def test_a_steady_queue_compiles_nothing(silicon, diamond, caplog):
    shapes = (Shape(2, Capacity(24, 343)), Shape(8, Capacity(24, 125)))
    relaxer = Relaxer(silicon, RelaxSettings(max_steps=30), shapes, batch_atoms=16)
    cells = [Cell.from_structure(s) for s in strained_diamonds(diamond, 24)]
    watched = replace(relaxer, watch=lambda *_: None)
    assert len(list(watched.relax(cells))) == 24
    n_programs = advance._cache_size()
    with jax.log_compiles(), caplog.at_level(logging.WARNING):
        assert len(list(relaxer.relax(cells[::-1]))) == 24
        # Nor do other numbers, or a host that looks at every step.
        other = replace(relaxer, settings=RelaxSettings(9, 0.1, 0.01, pressure=0.01))
        assert all(end.steps <= 9 for end in other.relax(cells))
        assert len(list(watched.relax(cells))) == 24
    assert advance._cache_size() == n_programs
    assert not [r for r in caplog.records if "Finished XLA compilation" in r.message]


def test_slots_are_looked_after_when_one_has_finished(silicon, diamond):
    distorted = strained_diamonds(diamond, 1)[0]
    cells = pack([Cell.from_structure(diamond), Cell.from_structure(distorted)], 8)
    slots = new_slots(cells, np.full(2, -np.inf), "lbfgs")
    settings, capacity = RelaxSettings(), Capacity(24, 125)
    nobody = Relaxer(silicon).arrivals([None, None], [], 8)
    slots, n_steps, _ = advance(
        silicon.model, silicon.parameters, slots, nobody, capacity, settings, 50
    )
    assert slots.outcome.tolist() == [Outcome.CONVERGED, Outcome.RUNNING]
    assert n_steps == 1


def test_a_short_queue_fills_its_slots_evenly(silicon, diamond):
    cells = [Cell.from_structure(s) for s in strained_diamonds(diamond, 20)[::2]]
    usage = Usage()
    relaxer = Relaxer(silicon, RelaxSettings(5, 0.0, 0.0), batch_atoms=64, usage=usage)
    assert len(list(relaxer.relax(cells))) == 10
    assert usage.most_slots == 5
    assert usage.slot_steps == 2 * 5 * 6


def test_a_cell_larger_than_any_shape_is_refused(silicon, diamond):
    relaxer = Relaxer(silicon, shapes=(Shape(4, Capacity(24, 125)),))
    with pytest.raises(ValueError, match="cell 0 has 8 atoms, the largest shape 4"):
        list(relaxer.relax([Cell.from_structure(diamond)]))


def test_subcells_of_a_glass(silicon):
    rng = np.random.default_rng(0)
    glass = Structure(Lattice.cubic(8.0), ["Si"] * 16, rng.random((16, 3)))
    subcells = find_subcells(glass, 3, 4)
    subcells = subcells[subcells.n_atoms == 4][:20]
    relaxed = relax(subcells, silicon, max_steps=60)
    assert [r.index for r in relaxed] == list(range(20))
    for k, result in enumerate(relaxed):
        assert len(result.cell.numbers) == subcells.n_atoms[k]


@pytest.mark.slow
def test_raw_subcells_all_end_with_an_outcome(sevennet):
    """64 subcells of amorphous TiO2, overlaps included."""
    records = read_structures("tio2_subcells64.json")
    structures = [structure for _, structure in records]
    cells = [Cell.from_structure(structure) for structure in structures]
    crystal = Structure.from_spacegroup(
        "P4_2/mnm", Lattice.tetragonal(4.59, 2.96), ["Ti", "O"], [[0, 0, 0], [0.305, 0.305, 0]]
    )
    shape = Shape(max(len(cell.numbers) for cell in cells), Capacity(192, 512))
    relaxer = Relaxer(sevennet, RelaxSettings(max_steps=4), (shape,), batch_atoms=64)
    for distances in (None, minimum_distances(crystal)):
        results = list(relax_cells(relaxer, cells, distances))
        assert sorted(r.index for r in results) == list(range(64))
        outcomes = Counter(r.outcome for r in results)
        assert Outcome.RUNNING not in outcomes
        for result in results:
            assert result.outcome.is_valid == bool(
                np.isfinite(result.energy) and result.outcome in (2, 3)
            )
    assert outcomes[Outcome.MAX_STEPS] + outcomes[Outcome.CONVERGED] >= 60


def test_float64_is_float64(silicon, silicon_f64, diamond):
    """Forces are relaxed away as single precision cannot, and energies are those of `evaluate`."""
    strained = diamond.copy()
    strained.perturb(0.05, seed=0)
    tight = {"max_steps": 300, "force_tol": 1e-9, "stress_tol": 1e-9}
    (double,) = relax([strained], silicon_f64, **tight)
    assert double.outcome is Outcome.CONVERGED
    (exact,) = silicon_f64.evaluate([double.structure])
    assert double.energy == pytest.approx(exact.energy, abs=1e-10)
    (single,) = relax([strained], silicon, **tight)
    assert single.outcome is Outcome.MAX_STEPS


@pytest.mark.parametrize("name", ["force_tol", "stress_tol", "pressure"])
def test_limits_that_are_no_numbers_are_refused(silicon, diamond, name):
    with pytest.raises(ValueError, match=f"{name} must be .*, not nan"):
        relax([diamond], silicon, **{name: float("nan")})
