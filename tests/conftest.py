"""Structures and potentials that tests share."""

from __future__ import annotations

import os

# Before JAX is imported anywhere: these tests must not depend on what a machine has.
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from a2c_ray.potentials.loading import load_potential
from a2c_ray.potentials.potential import Potential


@pytest.fixture(scope="session")
def sevennet() -> Potential:
    """Float32; its weights are fetched once into the user's cache."""
    return load_potential("sevennet-0")


@pytest.fixture(scope="session")
def sevennet_f64() -> Potential:
    return load_potential("sevennet-0", dtype="float64")


@pytest.fixture(scope="session")
def silicon() -> Potential:
    return load_potential("stillinger-weber")


@pytest.fixture(scope="session")
def silicon_f64() -> Potential:
    return load_potential("stillinger-weber", dtype="float64")


@pytest.fixture
def diamond() -> Structure:
    """Conventional cell of silicon."""
    return Structure.from_spacegroup("Fd-3m", Lattice.cubic(5.431), ["Si"], [[0, 0, 0]])


@pytest.fixture
def rutile() -> Structure:
    """MgF2."""
    return Structure.from_spacegroup(
        "P4_2/mnm", Lattice.tetragonal(4.62, 3.05), ["Mg", "F"], [[0, 0, 0], [0.303, 0.303, 0]]
    )


@pytest.fixture(scope="session")
def random_glass() -> Structure:
    """96 atoms without order; not packed, so atoms may be close."""
    rng = np.random.default_rng(7)
    species = ["Ti"] * 32 + ["O"] * 64
    return Structure(Lattice.cubic(10.5), species, rng.random((96, 3)))
