"""What is compiled ahead is what is needed later."""

from __future__ import annotations

from campaigns import small_plan
from glasses import SHARED, destination, silicon_glass
from runs import relax_unit

from a2c_ray.campaign.compile_unit import CompileUnit
from a2c_ray.cells import Cell
from a2c_ray.crystallize.overlaps import minimum_distances
from a2c_ray.crystallize.relax import relax_cells
from a2c_ray.relaxation.batching import Relaxer
from a2c_ray.relaxation.slots import advance


def test_subcells_find_their_programs(tmp_path, silicon, diamond):
    plan = small_plan(tmp_path, "crystallize.max_subcells=9")
    unit = relax_unit(plan, plan.glasses[0], silicon_glass(), destination(plan))
    seen = []
    before = advance._cache_size()
    CompileUnit(plan, unit.shapes, SHARED).run(silicon, lambda *done: seen.append(done))
    n_programs = advance._cache_size()
    assert seen[-1] == (2 * len(unit.shapes), 2 * len(unit.shapes))
    assert n_programs - before <= 2 * len(unit.shapes)

    relaxer = Relaxer(silicon, plan.crystallization.relaxation, unit.shapes)
    diamond.perturb(0.05, seed=0)
    sizes = [shape.n_atoms for shape in unit.shapes]
    cells = [Cell.from_structure(diamond)] * (max(sizes) >= len(diamond))
    cells += [Cell.from_structure(diamond.get_primitive_structure())]
    ends = list(relax_cells(relaxer, cells, minimum_distances(diamond)))
    assert all(end.outcome.is_valid and end.steps for end in ends)
    assert advance._cache_size() == n_programs
