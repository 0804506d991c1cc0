"""Dispersion: the attraction at a distance that semilocal functionals lack.

DFT-D3 without three-body terms. An atom's dispersion coefficients are interpolated between those of
reference systems by its coordination number; its pairs are summed up to the cutoffs of the
published programs.

Sources: Grimme, Antony, Ehrlich and Krieg, J. Chem. Phys. 132, 154104 (2010); Grimme, Ehrlich and
Goerigk, J. Comput. Chem. 32, 1456 (2011): damping of Becke and Johnson; Ehlert et al., J. Chem.
Phys. 154, 061101 (2021): r²SCAN.
"""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from ase.units import Bohr

from a2c_ray.cells import Cells
from a2c_ray.errors import InputError
from a2c_ray.potentials.catalogue import PBE, R2SCAN
from a2c_ray.potentials.d3_data import MAX_ELEMENT, D3Data, d3_data
from a2c_ray.potentials.lattice_sums import lattice_sums
from a2c_ray.potentials.model import EnergyModel, HostModel
from a2c_ray.potentials.neighbors import Edges
from a2c_ray.potentials.potential import Potential

CUTOFF = 60.0 * Bohr
"""Of the energy of pairs, Å. What lies beyond is 0.1 to 0.5 meV/atom."""

CN_CUTOFF = 40.0 * Bohr
"""Within which neighbours are counted, Å."""

STEEPNESS = 16.0
"""k1 of the publication: how sharply neighbours are counted."""

SELECTIVITY = 4.0
"""k3 of the publication: how sharply the reference systems are told apart."""

STEEPNESS_6, STEEPNESS_8 = 14, 16
"""Exponents of zero damping."""

BECKE_JOHNSON, ZERO = "bj", "zero"

SUFFIXES = {BECKE_JOHNSON: "+d3", ZERO: "+d3-zero"}
"""Of names, by damping."""


class BeckeJohnson(NamedTuple):
    """Damping that lets the energy of a pair become constant at short distances.

    s8: scales the term of eighth order.
    a1: of the radius, root of C8/C6.
    a2: added to it, Å.
    """

    s8: float
    a1: float
    a2: float


class ZeroDamping(NamedTuple):
    """Damping that lets the energy of a pair vanish at short distances.

    s8: scales the term of eighth order.
    rs6: scales the cutoff radius, in the term of sixth order.
    """

    s8: float
    rs6: float


Damping = BeckeJohnson | ZeroDamping

DAMPINGS: dict[tuple[str, str], Damping] = {
    (BECKE_JOHNSON, PBE): BeckeJohnson(0.7875, 0.4289, 4.4407 * Bohr),
    (BECKE_JOHNSON, R2SCAN): BeckeJohnson(0.78981345, 0.49484001, 5.73083694 * Bohr),
    (ZERO, PBE): ZeroDamping(0.722, 1.217),
}
"""As fitted, by kind and functional. A Hubbard U changes nothing of them."""


def with_d3(potential: Potential, functional: str, damping: str = BECKE_JOHNSON) -> Potential:
    """A potential with dispersion added, for the elements that both know.

    Args:
        potential: fitted to energies without dispersion.
        functional: that they were computed with, `PBE` or `R2SCAN` of the catalogue.
        damping: `BECKE_JOHNSON` or `ZERO`.

    Raises:
        InputError: the potential is computed on the host, where nothing can be added to it; there
            are no parameters for the functional; or no element is among those of the data.
        FetchError: the reference data are not cached and cannot be downloaded.
    """
    model = potential.model
    if isinstance(model, HostModel):
        raise InputError(f"dispersion: nothing can be added to {potential.name}")
    if model.long_range:
        raise InputError(f"dispersion: {potential.name} has it already")
    if (damping, functional) not in DAMPINGS:
        known = ", ".join(f"{kind} for {name}" for kind, name in DAMPINGS)
        raise InputError(
            f"dispersion: no parameters of {damping} damping for {functional}; there are {known}"
        )
    elements = tuple(z for z in potential.elements if z <= MAX_ELEMENT)
    if not elements:
        raise InputError(
            f"dispersion is known for the elements 1 to {MAX_ELEMENT}, none of which "
            f"{potential.name} knows"
        )
    chosen = DAMPINGS[damping, functional]
    data = D3Data(*(np.asarray(table, potential.dtype) for table in d3_data()))

    def atomic_energies(parameters: Any, numbers: jax.Array, edges: Edges) -> jax.Array:
        return model.atomic_energies(parameters[0], numbers, edges)

    def long_range(parameters: Any, cells: Cells) -> jax.Array:
        return d3_energies(parameters[1], chosen, cells)

    return dataclasses.replace(
        potential,
        name=potential.name + SUFFIXES[damping],
        model=EnergyModel(atomic_energies, model.cutoff, long_range),
        elements=elements,
        parameters=(potential.parameters, data),
        fingerprint=f"{potential.fingerprint}{SUFFIXES[damping]}-{functional}",
    )


def d3_energies(data: D3Data, damping: Damping, cells: Cells) -> jax.Array:
    """Dispersion energies of cells, eV, `[S]`; NaN for cells too flat to be summed over.

    Args:
        data: reference data.
        damping: of the functional.
        cells: all images of all atoms are summed over.
    """
    numbers = jnp.asarray(cells.numbers)
    first, second = numbers[:, :, None], numbers[:, None, :]
    pairs = (first > 0) & (second > 0)
    data = D3Data(*(jnp.asarray(table) for table in data))
    c6 = _c6(data, numbers, jnp.where(pairs, _counts(data, cells), 0.0).sum(axis=-1))
    ratio = 3.0 * data.r4r2[first] * data.r4r2[second]
    if isinstance(damping, BeckeJohnson):
        radius = damping.a1 * jnp.sqrt(ratio) + damping.a2
        constants = damping.s8 * ratio, radius**6, radius**8
        sums = lattice_sums(_becke_johnson, CUTOFF, cells, constants)
    else:
        radius = data.cutoff_radius[first, second]
        constants = damping.s8 * ratio, (damping.rs6 * radius) ** 2, radius**2
        sums = lattice_sums(_zero, CUTOFF, cells, constants)
    return -0.5 * jnp.sum(jnp.where(pairs, c6 * sums, 0.0), axis=(1, 2))


def _counts(data: D3Data, cells: Cells) -> jax.Array:
    """How much the images of atom j count as neighbours of atom i, `[S, N, N]`."""
    radius = data.covalent_radius[jnp.asarray(cells.numbers)]
    return lattice_sums(_count, CN_CUTOFF, cells, (radius[:, :, None] + radius[:, None, :],))


def _c6(data: D3Data, numbers: jax.Array, cn: jax.Array) -> jax.Array:
    """Dispersion coefficients of pairs, eV Å⁶, `[S, N, N]`.

    Args:
        data: reference data.
        numbers: atomic numbers, `[S, N]`.
        cn: coordination numbers, `[S, N]`.
    """
    reference = data.reference_cn[numbers]
    likeness = -SELECTIVITY * (cn[..., None] - reference) ** 2
    weights = jax.nn.softmax(likeness, axis=-1, where=reference >= 0.0)
    tables = data.c6[numbers[:, :, None], numbers[:, None, :]]
    return jnp.einsum("sia,sijab,sjb->sij", weights, tables, weights, precision="highest")


def _count(distance2: jax.Array, radius: jax.Array) -> jax.Array:
    return jax.nn.sigmoid(STEEPNESS * (radius * jax.lax.rsqrt(distance2) - 1.0))


def _becke_johnson(
    distance2: jax.Array, eighth: jax.Array, radius_6: jax.Array, radius_8: jax.Array
) -> jax.Array:
    """Energy over minus C6, Å⁻⁶."""
    distance6 = distance2**3
    return 1.0 / (distance6 + radius_6) + eighth / (distance6 * distance2 + radius_8)


def _zero(
    distance2: jax.Array, eighth: jax.Array, square_6: jax.Array, square_8: jax.Array
) -> jax.Array:
    """Energy over minus C6, Å⁻⁶."""
    inverse2 = 1.0 / distance2
    damped_6 = 1.0 + 6.0 * (square_6 * inverse2) ** (STEEPNESS_6 // 2)
    damped_8 = 1.0 + 6.0 * (square_8 * inverse2) ** (STEEPNESS_8 // 2)
    return inverse2**3 * (1.0 / damped_6 + eighth * inverse2 / damped_8)
