"""Potentials on disk and in the cache."""

from __future__ import annotations

import json
import shutil
import zipfile

import numpy as np
import pytest

from a2c_ray.potentials import catalogue, loading
from a2c_ray.potentials.loading import UnknownPotentialError, load_potential
from a2c_ray.potentials.nequip import storage, stored_format
from a2c_ray.potentials.potential import UnknownElementError
from a2c_ray.potentials.pretrained.downloads import FetchError


@pytest.fixture
def copy_of_sevennet(sevennet, tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(catalogue.pretrained_folder("sevennet-0"), folder)
    return folder


def test_a_folder_loads_as_the_potential_it_holds(copy_of_sevennet, sevennet, rutile):
    mine = load_potential(copy_of_sevennet)
    assert mine.fingerprint == sevennet.fingerprint
    assert mine.elements == sevennet.elements
    np.testing.assert_array_equal(mine.parameters["shift"], sevennet.parameters["shift"])


def test_changed_weights_are_noticed(copy_of_sevennet):
    file = copy_of_sevennet / storage.PARAMETERS_FILE
    raw = bytearray(file.read_bytes())
    raw[-1] ^= 1
    file.write_bytes(raw)
    with pytest.raises(storage.BrokenPotentialError, match="has changed"):
        load_potential(copy_of_sevennet)


def test_an_earlier_format_is_noticed(copy_of_sevennet, sevennet, monkeypatch):
    for module in (storage, stored_format):
        monkeypatch.setattr(module, "FORMAT", 3)
    with pytest.raises(storage.BrokenPotentialError, match=r"format 2, expected 3.*fetch it again"):
        load_potential(copy_of_sevennet)
    assert not catalogue.is_cached("sevennet-0")  # so that it is fetched again


def test_an_incomplete_folder_is_noticed(copy_of_sevennet):
    (copy_of_sevennet / storage.PARAMETERS_FILE).unlink()
    with pytest.raises(storage.BrokenPotentialError, match="fetch it again"):
        load_potential(copy_of_sevennet)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"cutoff": 1e9}, "cutoff 1000000000.0 Å .* at most 20"),
        ({"cutoff": "a"}, "not supported between"),
        ({"denominator": 0}, "denominator 0 must be above 0"),
        ({"species": [1, 1]}, "distinct atomic numbers"),
        ({"species": [500]}, "distinct atomic numbers"),
        ({"layer_irreps": 7}, "not iterable"),
        ({"run": "this"}, "unexpected keyword"),
        ({"layer_irreps": ["8x0q"]}, "0q"),
        ({"silu_scale": None}, "not supported"),
        ({"silu_scale": float("nan")}, "must be finite"),
        ({"edge_irreps": "1x0e+1x40e"}, "beyond degree 12"),
        ({"edge_irreps": "1x1e"}, "do not begin with scalars"),
        ({"n_basis": 9}, r"tensor bessel_frequencies has shape \[8\], .* needs \[9\]"),
        ({"n_basis": "8"}, "tensor bessel_frequencies has shape"),
        ({"species": [1, 2, 3]}, r"species_embedding has shape \[89, 128\], .* needs \[3, 128\]"),
        ({"radial_hidden": [64, 32]}, r"tensor layer_0/radial/weight_1 has shape \[64, 64\]"),
        ({"radial_hidden": [64, 64, 64]}, "no tensor layer_0/radial/weight_2"),
        ({"radial_hidden": [64]}, "the network has no tensor layer_0/radial/weight_1"),
        ({"readout_hidden": 32}, r"readout_hidden/0e has shape \[128, 64\]"),
        ({"layer_norm": True}, "no tensor layer_0/layer_norm/0e"),
        ({"self_connection": "species"}, r"layer_0/self_connection/0e has shape"),
    ],
)
def test_an_impossible_network_is_one_line(copy_of_sevennet, changes, reason):
    file = copy_of_sevennet / stored_format.CONFIG_FILE
    description = json.loads(file.read_text())
    description["network"] |= changes
    file.write_text(json.dumps(description))
    with pytest.raises(storage.BrokenPotentialError, match=reason) as told:
        load_potential(copy_of_sevennet)
    assert "\n" not in str(told.value)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(UnknownPotentialError, match="sevennet-0, sevennet-l3i5, sevennet-mf-0-pbe"):
        load_potential("seven-net")
    with pytest.raises(UnknownPotentialError, match="choose from sevennet-0"):
        loading.fetch_potential("stillinger-weber")


def test_offline_with_a_cold_cache_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("A2C_CACHE", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    with pytest.raises(FetchError, match="--file WHEEL"):
        load_potential("sevennet-0")
    assert not (tmp_path / "potentials").exists()


def test_a_tampered_checkpoint_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("A2C_CACHE", str(tmp_path))
    wheel = tmp_path / "sevenn-0.13.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(catalogue.PRETRAINED["sevennet-0"].source.member, b"not the weights")
    with pytest.raises(FetchError, match="SHA-256"):
        loading.fetch_potential("sevennet-0", wheel)
    assert not catalogue.is_cached("sevennet-0")


def test_an_unknown_element_is_named_with_the_known_ones(silicon, rutile):
    with pytest.raises(UnknownElementError, match="does not know F, Mg; it knows Si"):
        silicon.evaluate([rutile])
