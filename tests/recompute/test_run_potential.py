"""What a lake names is called with consent only: it may be somebody else's."""

from __future__ import annotations

import pytest

from a2c_ray.config import compose_config
from a2c_ray.recompute.run_potential import CONSENT, UntrustedFactoryError, run_potential

FACTORY = "ase.calculators.emt:EMT"
WITH_ASE = (
    "potential=ase",
    f"potential.factory={FACTORY}",
    "+potential.arguments.asap_cutoff=true",
)


def test_a_function_that_a_lake_names_is_called_with_consent_only(monkeypatch):
    settings = compose_config([*WITH_ASE])
    monkeypatch.delenv(CONSENT, raising=False)
    with pytest.raises(UntrustedFactoryError) as told:
        run_potential(settings)
    assert f"what {FACTORY}(asap_cutoff=True) returns" in str(told.value)
    assert str(told.value).endswith(f"set {CONSENT}=1")
    monkeypatch.setenv(CONSENT, "1")
    assert run_potential(settings).name == f"ase:{FACTORY}"


def test_other_potentials_need_none(monkeypatch):
    monkeypatch.delenv(CONSENT, raising=False)
    settings = compose_config(["potential=stillinger-weber"])
    assert run_potential(settings).name == "stillinger-weber"
