#!/usr/bin/env bash
# The squares of the speeds of sound along a direction are the eigenvalues of Christoffel's matrix, which the
# elastic constants make, over the density. Of a cubic crystal where 2 C44 > C11 - C12, as most metals, the
# longitudinal wave is fastest along <111> and slowest along <100>, and the other way round where it is less.
# Debye's speed is that of which the inverse cube is the mean over one longitudinal and two transverse waves
# (https://en.wikipedia.org/wiki/Debye_model), and so lies between the two.
#
# MechElastic 1.2.29, core.ELATE, told a density, gives speeds with their extremes and the axes of these, and
# plots them by direction. Of these
#
# - "Debye speed" has the weights of the two kinds interchanged, two longitudinal waves and one transverse,
#   and lacks the 3 of the mean. It is below both speeds. velocity_average of ElasticProperties, in the same
#   package, is right.
# - "Compression speed" is the root of (K + 4/3 G) over the density, as in an isotropic body, where G is that
#   of a shear of the plane across the direction. Of cubic crystals the extremes come out right, and the axes
#   wrong: the fastest wave is told for <100> where that is the axis of the slowest, and the other way round.
#
# No word is said.
#
# Seen: m/s; the speeds of Hill's averages and Debye's of them; the extremes of the longitudinal speed and
# their axes. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "MechElastic==1.2.29" "matplotlib==3.10.9" "numpy==2.4.6" \
    "scipy==1.17.1" "spglib==2.8.0"
MPLBACKEND=Agg "$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from mechelastic.core import ELATE, ElasticProperties, Structure

CRYSTALS = {  # C11, C12, C44 in GPa; the lattice constant in Å and the atoms
    "copper": (168.4, 121.4, 75.4, 3.615, ["Cu"], "fcc"),
    "tungsten": (522.4, 204.4, 160.8, 3.165, ["W"], "bcc"),
    "rock salt": (49.1, 12.8, 12.8, 5.640, ["Na", "Cl"], "fcc"),
}
CENTRES = {
    "fcc": [(0, 0, 0), (0, 0.5, 0.5), (0.5, 0, 0.5), (0.5, 0.5, 0)],
    "bcc": [(0, 0, 0), (0.5, 0.5, 0.5)],
}
AXES = [(1, 0, 0), (1, 1, 0), (1, 1, 1)]
VOIGT = np.array([[0, 5, 4], [5, 1, 3], [4, 3, 2]])


def structure_of(constant, atoms, lattice):
    places = np.array(CENTRES[lattice])
    shifts = [np.zeros(3), np.full(3, 0.5)][: len(atoms)]
    symbols = [atom for atom in atoms for _ in places]
    return Structure(symbols, np.vstack([places + shift for shift in shifts]), constant * np.eye(3))


def tensor_of(c11, c12, c44):
    tensor = np.diag([c11 - c12] * 3 + [c44] * 3)
    tensor[:3, :3] += c12
    return tensor


def longitudinal(tensor, axis, density):
    """The speed of the fastest wave along an axis, m/s, by Christoffel."""
    full = tensor[VOIGT[:, :, None, None], VOIGT]
    unit = np.array(axis) / np.linalg.norm(axis)
    return np.sqrt(1e9 * np.linalg.eigvalsh(np.einsum("ijkl,j,l", full, unit, unit))[-1] / density)


def axis_of(vector):
    """Which of <100>, <110> and <111> a unit vector is."""
    return "<" + "".join(str(int(abs(x) > 0.1)) for x in sorted(vector, key=abs, reverse=True)) + ">"


for name, (*constants, constant, atoms, lattice) in CRYSTALS.items():
    tensor, structure = tensor_of(*constants), structure_of(constant, atoms, lattice)
    density = structure.density
    properties = ElasticProperties(tensor, structure, "cubic", verbose=False)
    elate = ELATE(tensor.tolist(), density)
    fast, slow = elate.hillCompressionSpeed, elate.hillShearSpeed
    mean = ((1 / fast**3 + 2 / slow**3) / 3) ** (-1 / 3)
    print(f"{name}: longitudinal {fast:.0f}, transverse {slow:.0f}")
    print(
        f"  Debye: ELATE {elate.hillDebyeSpeed:.0f}, ElasticProperties {properties.velocity_average:.0f}, "
        f"by hand {mean:.0f}"
    )
    print(
        f"  ELATE: {elate.min_CompressionSpeed:.0f} along {axis_of(elate.min_axis_CompressionSpeed)} to "
        f"{elate.max_CompressionSpeed:.0f} along {axis_of(elate.max_axis_CompressionSpeed)}"
    )
    told = (f"{longitudinal(tensor, axis, density):.0f} along {axis_of(axis)}" for axis in AXES)
    print("  Christoffel: " + ", ".join(told))
PYTHON
diff "$folder/seen" - <<'EXPECTED'
copper: longitudinal 4733, transverse 2302
  Debye: ELATE 2148, ElasticProperties 2586, by hand 2586
  ELATE: 4341 along <110> to 5157 along <100>
  Christoffel: 4341 along <100>, 4966 along <110>, 5157 along <111>
tungsten: longitudinal 5216, transverse 2883
  Debye: ELATE 2617, ElasticProperties 3212, by hand 3212
  ELATE: 5208 along <110> to 5220 along <100>
  Christoffel: 5208 along <100>, 5217 along <110>, 5220 along <111>
rock salt: longitudinal 4537, transverse 2609
  Debye: ELATE 2343, ElasticProperties 2897, by hand 2897
  ELATE: 4404 along <100> to 4764 along <110>
  Christoffel: 4764 along <100>, 4497 along <110>, 4404 along <111>
EXPECTED
