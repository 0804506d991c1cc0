"""Nequix checkpoints: read without pickle, and against energies of Nequix's own implementation."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from pymatgen.core import Structure
from scipy.spatial.transform import Rotation
from structures import DATA, compare, read_structures

from a2c_ray.potentials import catalogue
from a2c_ray.potentials.loading import load_potential
from a2c_ray.potentials.nequip import storage
from a2c_ray.potentials.pretrained import fetching
from a2c_ray.potentials.pretrained.downloads import FetchError
from a2c_ray.potentials.pretrained.nequix import NequixFileError

SETTINGS = {
    "atomic_numbers": [8, 12, 22],
    "cutoff": 4.5,
    "hidden_irreps": "4x0e + 2x1o + 2x2e",
    "lmax": 2,
    "n_layers": 3,
    "radial_basis_size": 4,
    "radial_mlp_size": 6,
    "radial_mlp_layers": 2,
    "radial_polynomial_p": 6.0,
    "mlp_init_scale": 4.0,
    "index_weights": False,
    "layer_norm": True,
    "scale": 0.8,
    "shift": -0.3,
    "avg_n_neighbors": 20.0,
}
SHAPES = [
    *[(3,)],  # energies of atoms
    *[(4, 6), (6, 6), (6, 9), (3, 3), (3, 8), (3, 2), (3, 2), (3, 8), (8,), (2,), (2,)],
    *[(4, 6), (6, 6), (6, 28), (4, 4), (2, 2), (2, 2), (8, 8), (10, 2), (10, 2)],
    *[(4, 8), (2, 2), (2, 2), (8,), (2,), (2,)],
    *[(4, 6), (6, 6), (6, 8), (4, 4), (2, 2), (2, 2), (8, 4), (4, 4), (4,)],
    *[(4, 1)],  # readout
]
"""Of the arrays in a file: radial network, linear maps, self-connection and norm of each layer."""

REFERENCE = json.loads((DATA / "nequix_reference.json").read_text())["models"]
PUBLISHED = [name for name in REFERENCE if name in catalogue.PRETRAINED]
STRUCTURES = {record["id"]: s for record, s in read_structures("sevennet0_reference.json")}


def small_weights() -> list[np.ndarray]:
    """Numbers without a pattern, the same everywhere."""
    sizes = np.cumsum([0] + [int(np.prod(shape)) for shape in SHAPES])
    return [
        np.sin(1.7 * np.arange(start, start + np.prod(shape)) ** 1.2).astype("f4").reshape(shape)
        for start, shape in zip(sizes, SHAPES, strict=False)
    ]


def write_checkpoint(file: Path, arrays: list[np.ndarray], **changes) -> Path:
    with file.open("wb") as stream:
        stream.write(json.dumps(SETTINGS | changes).encode() + b"\n")
        for array in arrays:
            np.save(stream, array, allow_pickle=True)
    return file


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("nequix") / "small.nqx", small_weights())


@pytest.fixture(scope="module")
def small(checkpoint):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("A2C_CACHE", str(checkpoint.parent))
        return load_potential(checkpoint, dtype="float64")


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("A2C_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def crystal() -> Structure:
    rng = np.random.default_rng(3)
    lattice = np.eye(3) * 4.5 + rng.normal(0, 0.4, (3, 3))
    return Structure(lattice, ["Ti", "Mg", "O", "O", "O", "O"], rng.random((6, 3)))


def structures_of(name: str) -> list[Structure]:
    return [STRUCTURES[record["id"]] for record in REFERENCE[name]]


def test_a_file_gives_the_energies_of_its_own_implementation(small):
    assert small.elements == (8, 12, 22)
    assert small.cutoff == 4.5
    compare(small.evaluate(structures_of("small")), REFERENCE["small"], 1e-8, 1e-7, 1e-8)


def test_single_precision_with_a_table(checkpoint, cache):
    single = load_potential(str(checkpoint))
    assert "radial_table" in single.parameters
    compare(single.evaluate(structures_of("small")), REFERENCE["small"], 1e-5, 1e-4, 1e-5)


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_published_weights(name, dtype):
    if not catalogue.is_cached(name):
        pytest.skip(f"{name} is not in the cache")
    potential = load_potential(name, dtype=dtype)
    entry = catalogue.PRETRAINED[name]
    assert (len(potential.elements), potential.cutoff) == (entry.n_elements, entry.cutoff)
    tolerances = (1e-8, 1e-7, 1e-8) if dtype == "float64" else (1e-5, 2e-4, 1e-5)
    compare(potential.evaluate(structures_of(name)), REFERENCE[name], *tolerances)


def test_any_description_of_a_crystal_has_its_energy(small, crystal):
    rotation = Rotation.from_rotvec([0.3, -1.1, 0.7]).as_matrix() @ np.diag([1.0, 1.0, -1.0])
    rotated = Structure(
        crystal.lattice.matrix @ rotation.T, crystal.species, crystal.frac_coords + 0.3
    )
    order = [3, 0, 5, 1, 4, 2]
    permuted = Structure(
        crystal.lattice, [crystal[k].specie for k in order], crystal.frac_coords[order]
    )
    doubled = crystal * (2, 1, 1)
    first, turned, shuffled, double = small.evaluate([crystal, rotated, permuted, doubled])
    assert np.abs(first.forces).max() > 1e-2
    assert turned.energy == pytest.approx(first.energy, abs=1e-10)
    assert shuffled.energy == pytest.approx(first.energy, abs=1e-10)
    assert double.energy == pytest.approx(2 * first.energy, abs=1e-10)
    np.testing.assert_allclose(turned.forces, first.forces @ rotation.T, atol=1e-10)
    np.testing.assert_allclose(turned.stress, rotation @ first.stress @ rotation.T, atol=1e-10)
    np.testing.assert_allclose(shuffled.forces, first.forces[order], atol=1e-10)


def test_forces_and_stress_are_gradients(small, crystal):
    step, changed = 1e-4, []
    for sign in (1, -1):
        moved, strained = crystal.copy(), crystal.copy()
        moved.translate_sites([1], [0, sign * step, 0], frac_coords=False)
        strain = np.eye(3)
        strain[0, 1] = strain[1, 0] = sign * step / 2
        strained.lattice = crystal.lattice.matrix @ strain
        changed += [moved, strained]
    centre, *energies = small.evaluate([crystal, *changed])
    forward, sheared, backward, unsheared = (result.energy for result in energies)
    slope = (forward - backward) / (2 * step)
    assert centre.forces[1, 1] == pytest.approx(-slope, abs=1e-6)
    slope = (sheared - unsheared) / (2 * step) / crystal.volume
    assert centre.stress[0, 1] == pytest.approx(slope, abs=1e-7)


def test_a_file_is_converted_once(checkpoint, cache, monkeypatch):
    first = load_potential(checkpoint)
    monkeypatch.setattr(fetching, "load_nequix", None)
    assert load_potential(checkpoint).fingerprint == first.fingerprint


@pytest.fixture
def small_entry(monkeypatch):
    """The small checkpoint as a published one whose hash is not known."""
    name = "nequix-omat-1"
    entry = catalogue.PRETRAINED[name]
    assert entry.sha256 is None
    known = dataclasses.replace(entry.description, n_elements=3, cutoff=4.5)
    small = dataclasses.replace(entry, description=known)
    monkeypatch.setitem(catalogue.PRETRAINED, name, small)
    return name


def test_a_file_of_unknown_hash_is_recorded(checkpoint, cache, small_entry, capsys):
    folder = fetching.fetch(small_entry, checkpoint)
    digest = hashlib.sha256(checkpoint.read_bytes()).hexdigest()
    assert json.loads((folder / "config.json").read_text())["provenance"]["sha256"] == digest
    message = capsys.readouterr().err
    assert "not known here" in message
    assert digest in message
    assert load_potential(small_entry).elements == (8, 12, 22)


def test_a_file_of_unknown_hash_is_no_other(checkpoint, cache, small_entry, monkeypatch):
    digest = hashlib.sha256(checkpoint.read_bytes()).hexdigest()
    other = dataclasses.replace(catalogue.PRETRAINED["nequix-mp-1"], sha256=digest)
    monkeypatch.setitem(catalogue.PRETRAINED, "nequix-mp-1", other)
    with pytest.raises(FetchError, match=r"small\.nqx is nequix-mp-1, not nequix-omat-1"):
        fetching.fetch(small_entry, checkpoint)


def test_a_file_of_unknown_hash_is_what_is_said_of_it(checkpoint, cache):
    with pytest.raises(
        FetchError, match=r"3 elements within 4\.5 Å, but nequix-omat-1 89 within 6"
    ):
        fetching.fetch("nequix-omat-1", checkpoint)
    assert not catalogue.is_cached("nequix-omat-1")


def test_new_fields_leave_fingerprints_as_they_were(sevennet):
    config, _, _ = storage.load_nequip(catalogue.pretrained_folder("sevennet-0"))
    assert {"layer_norm", "radial_silu_scale", "scalar_bias"}.isdisjoint(storage.describe(config))
    stored = json.loads((catalogue.pretrained_folder("sevennet-0") / "config.json").read_text())
    assert json.loads(json.dumps(storage.describe(config))) == stored["network"]


def test_a_truncated_file_is_refused(checkpoint, cache):
    file = cache / "short.nqx"
    file.write_bytes(checkpoint.read_bytes()[:-20])
    with pytest.raises(NequixFileError, match=r"short.nqx is no usable .* cannot read readout/0e"):
        load_potential(file)
    file.write_bytes(checkpoint.read_bytes().partition(b"\n")[0] + b"\n")
    with pytest.raises(NequixFileError, match="cannot read atom_energies"):
        load_potential(file)
    assert not (cache / "cache" / "potentials").exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "first line is not JSON"),
        (b"PK\x03\x04\xff", "first line is not JSON"),
        (b"[1, 2]\n", "holds no settings"),
        (b"{}\n", "has no 'hidden_irreps'"),
    ],
)
def test_a_wrong_header_is_refused(content, reason, cache):
    file = cache / "other.nqx"
    file.write_bytes(content)
    with pytest.raises(NequixFileError, match=reason):
        load_potential(file)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"index_weights": True}, "setting index_weights is not supported"),
        ({"add_repulsion": True}, "setting add_repulsion is not supported"),
        ({"hidden_irreps": "2x1o + 4x0e"}, "are not 0e, then higher degrees"),
        ({"hidden_irreps": 7}, "settings are not those of Nequix"),
        ({"lmax": 3}, r"layer_1/radial/2 is of shape \(6, 28\)"),
    ],
)
def test_an_unknown_variant_is_refused(changes, reason, cache):
    file = write_checkpoint(cache / "variant.nqx", small_weights(), **changes)
    with pytest.raises(NequixFileError, match=reason):
        load_potential(file)


class Hostile:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was run",))


@pytest.mark.parametrize("k", [0, 5])
def test_a_pickle_is_refused(k, cache):
    arrays = small_weights()
    arrays[k] = np.array([Hostile()], dtype=object)
    file = write_checkpoint(cache / "hostile.nqx", arrays)
    with pytest.raises(NequixFileError, match=r"Object arrays cannot be loaded"):
        load_potential(file)


def test_weights_that_are_no_numbers_are_refused(cache):
    arrays = small_weights()
    arrays[3][0, 0] = np.nan
    with pytest.raises(NequixFileError, match="layer_0/radial/2 is not finite"):
        load_potential(write_checkpoint(cache / "nan.nqx", arrays))
