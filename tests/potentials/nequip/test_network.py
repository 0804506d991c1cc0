"""Architectures beyond SevenNet's: symmetries of a network with random weights."""

from __future__ import annotations

import dataclasses
from functools import cache, partial

import jax
import numpy as np
import pytest
from pymatgen.core import Lattice, Structure
from scipy.spatial.transform import Rotation

from a2c_ray.cells import Cell, pack
from a2c_ray.potentials.neighbors import edge_vectors, find_capacity, neighbor_list
from a2c_ray.potentials.nequip.energy import nequip_potential
from a2c_ray.potentials.nequip.network import NequIP, NequIPConfig

PAPER = NequIPConfig(
    species=(8, 22),
    embedding_irreps="16x0e",
    layer_irreps=("16x0e+8x1e+4x2e", "16x0e+8x1e+4x2e", "16x0e"),
    edge_irreps="1x0e+1x1e+1x2e",
    cutoff=5.0,
    n_basis=8,
    envelope="polynomial",
    envelope_parameter=6.0,
    radial_hidden=(16, 16),
    silu_scale=1.6790,
    denominator=6.0,
    self_connection="species",
    readout_hidden=16,
)
NEQUIX_LIKE = dataclasses.replace(
    PAPER,
    layer_irreps=("16x0e+8x1o+4x2e+4x3o", "16x0e"),
    embedding_irreps="16x0e",
    edge_irreps="1x0e+1x1o+1x2e+1x3o",
    cutoff=6.0,
    self_connection="linear",
)


@partial(jax.jit, static_argnums=(1, 2))
def edges_of(cells, cutoff, capacity):
    return edge_vectors(neighbor_list(cells, cutoff, capacity), cells, cutoff)


@cache
def random_potential(config: NequIPConfig):
    structure = Structure(Lattice.cubic(4.0), ["Ti", "O"], [[0, 0, 0], [0.5, 0.4, 0.6]])
    cells = pack([Cell.from_structure(structure)], 2, dtype="float64")
    with jax.enable_x64(True):
        capacity = find_capacity(cells, config.cutoff)
        edges = edges_of(cells, config.cutoff, capacity)
        species = np.zeros((1, 2), np.int32)
        initialize = jax.jit(NequIP(config, None).init)
        parameters = initialize(jax.random.PRNGKey(0), species, edges)["params"]
        parameters = jax.tree.map(np.asarray, parameters)
    return nequip_potential("random", config, parameters, "random", "float64")


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(PAPER, id="paper", marks=pytest.mark.slow),
        pytest.param(NEQUIX_LIKE, id="l_max 3, 6 Å"),
    ],
)
def potential(request):
    return random_potential(request.param)


@pytest.fixture(scope="module")
def structure():
    rng = np.random.default_rng(3)
    lattice = np.eye(3) * 4.5 + rng.normal(0, 0.4, (3, 3))
    return Structure(lattice, ["Ti", "Ti", "O", "O", "O", "O"], rng.random((6, 3)))


def evaluate(potential, *structures):
    """Results of up to four structures, all in one shape of the arrays."""
    filled = [*structures, *[structures[0]] * (4 - len(structures))]
    return potential.evaluate(filled)[: len(structures)]


def test_a_rotated_crystal_has_rotated_forces(potential, structure):
    rotation = Rotation.from_rotvec([0.3, -1.1, 0.7]).as_matrix()
    rotated = Structure(
        structure.lattice.matrix @ rotation.T, structure.species, structure.frac_coords
    )
    before, after = evaluate(potential, structure, rotated)
    assert np.abs(before.forces).max() > 1e-3
    assert after.energy == pytest.approx(before.energy, abs=1e-9)
    np.testing.assert_allclose(after.forces, before.forces @ rotation.T, atol=1e-9)
    np.testing.assert_allclose(after.stress, rotation @ before.stress @ rotation.T, atol=1e-9)


def test_a_mirror_image_has_the_same_energy(structure):
    """Where harmonics have their true parity; the paper's even ones do not see mirrors."""
    mirror = np.diag([1.0, 1.0, -1.0])
    image = Structure(structure.lattice.matrix @ mirror, structure.species, structure.frac_coords)
    before, after = evaluate(random_potential(NEQUIX_LIKE), structure, image)
    assert after.energy == pytest.approx(before.energy, abs=1e-9)


def test_any_description_of_a_crystal_has_its_energy(potential, structure):
    order = [3, 0, 5, 1, 4, 2]
    permuted = Structure(
        structure.lattice, [structure[k].specie for k in order], structure.frac_coords[order] + 1.3
    )
    sheared = structure.copy()
    sheared.make_supercell([[1, 1, 0], [0, 1, 0], [0, 0, 1]])
    assert not np.allclose(sheared.lattice.matrix, structure.lattice.matrix)
    first, *others = evaluate(potential, structure, permuted, sheared)
    for other in others:
        assert other.energy == pytest.approx(first.energy, abs=1e-9)


def test_species_matter(potential, structure):
    swapped = structure.copy()
    swapped.replace(0, "O")
    one, two = evaluate(potential, structure, swapped)
    assert abs(one.energy - two.energy) > 1e-3


def test_an_unknown_envelope_is_refused():
    with pytest.raises(ValueError, match="envelope must be"):
        dataclasses.replace(PAPER, envelope="cosine")
