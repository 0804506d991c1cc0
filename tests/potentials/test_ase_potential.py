"""ASE calculators as potentials, against ASE itself."""

from __future__ import annotations

import numpy as np
import pytest
from ase.calculators.emt import EMT
from ase.filters import FrechetCellFilter
from ase.optimize import BFGS
from pymatgen.core import Lattice, Structure

from a2c_ray.crystallize.relax import relax
from a2c_ray.errors import InputError
from a2c_ray.potentials.ase_potential import UnusableCalculatorError, ase_potential
from a2c_ray.potentials.loading import load_potential
from a2c_ray.potentials.potential import UnknownElementError
from a2c_ray.relaxation.outcome import Outcome

EMT_FACTORY = "ase.calculators.emt:EMT"


@pytest.fixture(scope="module")
def emt():
    return ase_potential(EMT_FACTORY, processes=2)


def alloy(seed: int, *symbols: str) -> Structure:
    """A strained face-centred cubic cell with shaken atoms."""
    rng = np.random.default_rng(seed)
    cell = Structure.from_spacegroup("Fm-3m", Lattice.cubic(3.8), ["Cu"], [[0, 0, 0]])
    for k, symbol in enumerate(symbols):
        cell[k] = symbol
    cell.apply_strain(rng.uniform(-0.03, 0.03, 3))
    moved = cell.cart_coords + rng.normal(0.0, 0.1, (len(cell), 3))
    return Structure(cell.lattice, cell.species, moved, coords_are_cartesian=True)


def test_it_gives_what_the_calculator_gives(emt):
    structures = [alloy(0), alloy(1, "Au", "Au"), alloy(2, "Pd").get_primitive_structure()]
    for structure, result in zip(structures, emt.evaluate(structures), strict=True):
        atoms = structure.to_ase_atoms()
        atoms.calc = EMT()
        assert result.energy == pytest.approx(atoms.get_potential_energy(), abs=1e-10)
        np.testing.assert_allclose(result.forces, atoms.get_forces(), atol=1e-10)
        np.testing.assert_allclose(result.stress, atoms.get_stress(voigt=False), atol=1e-12)


@pytest.mark.parametrize("dtype", ["float64", pytest.param("float32", marks=pytest.mark.slow)])
def test_relaxations_end_where_those_of_ase_end(dtype):
    potential = load_potential("ase", dtype, factory=EMT_FACTORY)
    starts = [alloy(seed, "Au") for seed in range(2)]
    for start, end in zip(starts, relax(starts, potential), strict=True):
        atoms = start.to_ase_atoms()
        atoms.calc = EMT()
        BFGS(FrechetCellFilter(atoms), logfile=None).run(fmax=1e-3, steps=200)
        assert end.outcome is Outcome.CONVERGED
        expected = atoms.get_potential_energy() / len(atoms)
        assert end.energy_per_atom == pytest.approx(expected, abs=2e-4)


def test_what_calculators_print_is_no_answer():
    potential = ase_potential("calculators:Talkative", processes=1)
    structure = alloy(3)
    expected = ase_potential(EMT_FACTORY, processes=1).evaluate([structure])[0].energy
    assert potential.evaluate([structure])[0].energy == expected


def test_a_cell_that_fails_or_kills_its_process_harms_no_other(caplog):
    potential = ase_potential("calculators:Mortal", processes=2)
    bad = [alloy(0, "Pd", "Pd", "Pd", "Pd"), alloy(0, "Ag", "Ag", "Ag", "Ag")]
    good = [alloy(seed, "Au") for seed in range(3)]
    results = potential.evaluate([good[0], *bad, *good[1:]])
    assert [bool(np.isfinite(r.energy)) for r in results] == [True, False, False, True, True]
    assert "process ended with status 7" in caplog.text
    assert "RuntimeError: no convergence" in caplog.text


def test_a_relaxation_that_fails_has_exploded():
    potential = ase_potential("calculators:Mortal", processes=1)
    good, bad = relax([alloy(1, "Au"), alloy(0, "Ag", "Ag", "Ag", "Ag")], potential)
    assert bad.outcome is Outcome.EXPLODED
    assert good.outcome is Outcome.CONVERGED


@pytest.mark.parametrize(
    ("factory", "arguments", "message"),
    [
        ("emt", {}, "'emt' is not of the form module:function"),
        ("nowhere:EMT", {}, "cannot import 'nowhere'"),
        ("ase.calculators.emt:Emt", {}, "has no function 'Emt'"),
        ("calculators:unwilling", {"colour": 1}, "fails: .*colour"),
        ("calculators:unwilling", {}, "calculators:unwilling fails: no licence for this code"),
    ],
)
def test_a_calculator_that_cannot_be_made_is_one_line(factory, arguments, message):
    with pytest.raises(UnusableCalculatorError, match=message) as caught:
        ase_potential(factory, arguments)
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match=r"potential\.factory=module:function"):
        load_potential("ase")


@pytest.mark.parametrize(
    ("factory", "symbol", "message"),
    [(EMT_FACTORY, "U", "cannot compute U"), ("calculators:Stressless", "Cu", "lacks a property")],
)
def test_what_a_calculator_cannot_compute_is_told_before(factory, symbol, message):
    potential = ase_potential(factory, processes=1)
    with pytest.raises(UnknownElementError, match=message):
        relax([Structure(3.0 * np.eye(3), [symbol], [[0, 0, 0]])], potential)


def test_arguments_and_versions_identify_it(emt):
    """Runs with other arguments are other runs."""
    other = ase_potential(EMT_FACTORY, {"asap_cutoff": True}, processes=1)
    assert other.fingerprint != emt.fingerprint
    assert ase_potential(EMT_FACTORY, processes=1).fingerprint == emt.fingerprint
    structure = alloy(0)
    assert other.evaluate([structure])[0].energy != emt.evaluate([structure])[0].energy


SOURCE = """
import numpy as np
from ase.calculators.emt import EMT

class ArrayEMT(EMT):
    def calculate(self, *arguments, **named):
        super().calculate(*arguments, **named)
        self.results["energy"] = np.{energy}

def make(weights=None):
    return ArrayEMT()
"""


@pytest.fixture
def own_module(tmp_path, monkeypatch):
    """Writes a module of the user's own, which is then found."""
    monkeypatch.chdir(tmp_path)

    def write(energy: str = 'array([self.results["energy"]])') -> str:
        (tmp_path / "own_calculator.py").write_text(SOURCE.format(energy=energy))
        return "own_calculator:make"

    return write


def test_an_energy_may_be_an_array_of_one_number(own_module):
    potential = ase_potential(own_module(), processes=1)
    atoms = alloy(0).to_ase_atoms()
    atoms.calc = EMT()
    assert potential.evaluate([alloy(0)])[0].energy == pytest.approx(atoms.get_potential_energy())


def test_energies_of_atoms_are_told(own_module):
    potential = ase_potential(own_module("zeros(len(self.atoms))"), processes=1)
    with pytest.raises(UnknownElementError, match=r"its energy has shape \(2,\)"):
        potential.check_elements([29])


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ("forces = 0.0", r"its forces have shape \(\), not \(2, 3\)"),
        ("forces = np.zeros((3, 3))", r"its forces have shape \(3, 3\), not \(2, 3\)"),
        ("forces = [[0, 0, 0], [0]]", "ValueError"),
        ("forces = np.full((2, 3), np.nan)", "forces not finite, of atoms 3 Å apart"),
        ("energy = None", "energy not finite"),
    ],
)
def test_answers_that_are_none_are_told(own_module, result, reason):
    name, _, value = result.partition(" = ")
    potential = ase_potential(own_module(f'array(0.0); self.results["{name}"] = {value}'))
    with pytest.raises(UnknownElementError, match=reason):
        potential.check_elements([29])


def test_changed_source_and_changed_files_make_another_potential(own_module, tmp_path):
    weights = tmp_path / "weights.pt"
    weights.write_text("1")
    arguments = {"weights": str(weights)}
    first = ase_potential(own_module(), arguments).fingerprint
    assert ase_potential(own_module(), arguments).fingerprint == first
    weights.write_text("2")
    second = ase_potential(own_module(), arguments).fingerprint
    weights.write_text("1")
    third = ase_potential(own_module("ones(1)"), arguments).fingerprint
    assert len({first, second, third}) == 3


@pytest.mark.parametrize("value", ["", ".", "..", "~nosuchuser/x", 300 * "x", "a\0b"])
def test_texts_that_name_no_files_of_the_calculator(own_module, tmp_path, value):
    """Results are written to the working folder, and would make another potential each time."""
    first = ase_potential(own_module(), {"weights": value}).fingerprint
    (tmp_path / "result").write_text("1")
    assert ase_potential(own_module(), {"weights": value}).fingerprint == first
