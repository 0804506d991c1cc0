"""SevenNet against energies, forces and stresses of its own implementation in PyTorch."""

from __future__ import annotations

import json

import numpy as np
import pytest
from ase.stress import full_3x3_to_voigt_6_stress
from structures import DATA, compare, read_structures

from a2c_ray.potentials.catalogue import PRETRAINED
from a2c_ray.potentials.loading import load_potential, network_folder
from a2c_ray.potentials.nequip.storage import load_nequip
from a2c_ray.potentials.pretrained.sevennet import MODAL_INPUTS, sevennet_modality

RECORDS = [record for record, _ in read_structures("sevennet0_reference.json")]
IDS = [record["id"] for record in RECORDS]
FUNCTIONALS = json.loads((DATA / "sevennet_mf0_reference.json").read_text())["models"]
"""Of SevenNet-MF-0, one checkpoint: records by the names of its two potentials."""
HIGHER = "sevennet-mf-0-r2scan"


@pytest.fixture(scope="module")
def structures():
    return [structure for _, structure in read_structures("sevennet0_reference.json")]


@pytest.fixture(scope="module")
def single(sevennet, structures):
    return sevennet.evaluate(structures)


@pytest.fixture(scope="module")
def double(sevennet_f64, structures):
    return sevennet_f64.evaluate(structures)


@pytest.mark.slow
@pytest.mark.parametrize("k", range(len(RECORDS)), ids=IDS)
def test_double_precision(double, k):
    record, result = RECORDS[k], double[k]
    n_atoms = len(record["species"])
    assert abs(result.energy - record["energy_f64"]) / n_atoms < 1e-8
    np.testing.assert_allclose(result.forces, record["forces_f64"], rtol=0, atol=1e-7)
    stress = full_3x3_to_voigt_6_stress(result.stress)
    np.testing.assert_allclose(stress, record["stress_f64"], rtol=0, atol=1e-8)


@pytest.mark.parametrize("k", range(len(RECORDS)), ids=IDS)
def test_single_precision(single, k):
    record, result = RECORDS[k], single[k]
    n_atoms = len(record["species"])
    assert abs(result.energy - record["energy_f64"]) / n_atoms < 1e-5
    expected = np.array(record["forces_f64"])
    tolerance = 1e-5 * max(10.0, np.abs(expected).max())
    np.testing.assert_allclose(result.forces, expected, rtol=0, atol=tolerance)
    stress = full_3x3_to_voigt_6_stress(result.stress)
    np.testing.assert_allclose(stress, record["stress_f64"], rtol=0, atol=1e-5)


def test_forces_are_minus_the_gradient(sevennet_f64, rutile):
    rutile.perturb(0.1, seed=0)
    step, moved = 1e-4, []
    for sign in (1, -1):
        structure = rutile.copy()
        structure.translate_sites([3], [0, sign * step, 0], frac_coords=False)
        moved.append(structure)
    plus, minus, centre = sevennet_f64.evaluate([*moved, rutile])
    assert centre.forces[3, 1] == pytest.approx((minus.energy - plus.energy) / (2 * step), abs=1e-6)
    np.testing.assert_allclose(centre.forces.sum(axis=0), 0.0, atol=1e-10)


def test_stress_is_the_strain_gradient(sevennet_f64, rutile):
    rutile.perturb(0.1, seed=0)
    step = 1e-5
    strained = []
    for sign in (1, -1):
        strain = np.eye(3)
        strain[0, 1] = strain[1, 0] = sign * step / 2
        structure = rutile.copy()
        structure.lattice = structure.lattice.matrix @ strain
        strained.append(structure)
    plus, minus, centre = sevennet_f64.evaluate([*strained, rutile])
    expected = (plus.energy - minus.energy) / (2 * step) / rutile.volume
    assert centre.stress[0, 1] == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        *((name, "float64") for name in FUNCTIONALS),
        pytest.param(HIGHER, "float32", marks=pytest.mark.slow),
    ],
)
def test_either_functional_of_one_checkpoint(structures, name, dtype):
    records = FUNCTIONALS[name]
    chosen = [structures[IDS.index(record["id"])] for record in records]
    potential = load_potential(name, dtype=dtype)
    results = potential.evaluate(chosen)
    compare(results, records, *((1e-8, 1e-7, 1e-8) if dtype == "float64" else (1e-5, 2e-4, 1e-5)))
    entry = PRETRAINED[name].description
    assert (len(potential.elements), potential.cutoff) == (entry.n_elements, entry.cutoff)
    for structure, result in zip(chosen, results, strict=True):
        assert result.energy > potential.energy_floor[list(structure.atomic_numbers)].sum()


def test_functionals_differ_in_weights_alone():
    stored = [load_nequip(network_folder(name)) for name in FUNCTIONALS]
    (config, parameters, fingerprint), (other_config, other_parameters, other_fingerprint) = stored
    assert config == other_config
    assert config.scalar_bias
    assert fingerprint != other_fingerprint
    assert np.abs(parameters["shift"] - other_parameters["shift"]).max() > 1.0
    for layer in ("layer_0", "layer_4"):
        for name in ("linear_1", "linear_2"):
            ours, others = parameters[layer][name], other_parameters[layer][name]
            np.testing.assert_array_equal(ours["0e"], others["0e"])
            assert not np.array_equal(ours["bias"], others["bias"])


def test_a_modality_that_there_is_not():
    settings = {"_modal_map": {"R2SCAN": 0, "PBE": 1}} | MODAL_INPUTS
    assert sevennet_modality(settings, "PBE") == (1, 2)
    assert sevennet_modality({}, None) is None
    with pytest.raises(ValueError, match="no modality 'SCAN'; there are: R2SCAN, PBE"):
        sevennet_modality(settings, "SCAN")
    with pytest.raises(ValueError, match="no modality None; there are: R2SCAN, PBE"):
        sevennet_modality(settings, None)
    with pytest.raises(ValueError, match="no modality 'PBE'; there are: none"):
        sevennet_modality({}, "PBE")
    with pytest.raises(ValueError, match="use_modal_node_embedding = True"):
        sevennet_modality(settings | {"use_modal_node_embedding": True}, "PBE")
