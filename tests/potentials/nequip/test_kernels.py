"""Which kernels compute a network."""

from __future__ import annotations

import dataclasses
import sys
from importlib import util

import pytest

from a2c_ray.errors import InputError
from a2c_ray.potentials.loading import load_potential
from a2c_ray.potentials.nequip import kernels
from a2c_ray.potentials.nequip.kernels import check_kernels, choose_kernels, kernels_here
from a2c_ray.potentials.nequip.network import NequIPConfig

CONFIG = NequIPConfig(
    species=(8, 22),
    embedding_irreps="4x0e",
    layer_irreps=("4x0e+2x1e", "4x0e"),
    edge_irreps="1x0e+1x1e+1x2e",
    cutoff=5.0,
    n_basis=8,
    envelope="polynomial",
    envelope_parameter=6.0,
    radial_hidden=(8,),
    silu_scale=1.6790,
    denominator=6.0,
    self_connection="linear",
    readout_hidden=0,
)


def test_a_name_of_none():
    with pytest.raises(InputError, match="one of auto, xla, numba, e3j, not 'cuda'"):
        load_potential("sevennet-0", kernels="cuda")


@pytest.mark.parametrize(("name", "extra"), [("e3j", "e3j"), ("numba", "cpu")])
def test_kernels_that_are_not_installed(monkeypatch, name, extra):
    without(monkeypatch, name)
    with pytest.raises(InputError, match=rf"pip install 'a2c-ray\[{extra}\]'"):
        check_kernels(name)


def test_numba_is_for_cpus(monkeypatch):
    monkeypatch.setattr(kernels.jax, "default_backend", lambda: "gpu")
    with pytest.raises(InputError, match="for CPUs, and the device is a gpu"):
        check_kernels("numba")
    assert kernels_here("numba") == "xla"


def test_auto_takes_numba_where_it_serves(monkeypatch):
    assert choose_kernels("auto", CONFIG, "float32") == "numba"
    assert choose_kernels("xla", CONFIG, "float32") == "xla"
    assert choose_kernels("auto", CONFIG, "float64") == "xla"
    high = dataclasses.replace(CONFIG, edge_irreps="1x0e+1x1e+1x2e+1x3e+1x4e")
    assert choose_kernels("auto", high, "float32") == "xla"
    assert kernels_here("numba") == "numba"
    without(monkeypatch, "numba")
    assert choose_kernels("auto", CONFIG, "float32") == "xla"
    assert kernels_here("numba") == "xla"


def without(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    """Let a module not be installed."""
    monkeypatch.setitem(sys.modules, module, None)
    found = util.find_spec
    monkeypatch.setattr(util, "find_spec", lambda name: None if name == module else found(name))
