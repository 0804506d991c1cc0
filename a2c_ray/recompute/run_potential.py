"""The potential of a run, loaded again."""

from __future__ import annotations

import os

from a2c_ray.campaign.planning import ranking_choice
from a2c_ray.config.settings import Settings
from a2c_ray.errors import InputError
from a2c_ray.potentials.loading import load_potential
from a2c_ray.potentials.potential import Potential

CONSENT = "A2C_RUN_FACTORIES"
"""Environment variable with which a user lets lakes name functions that are called."""


class UntrustedFactoryError(InputError):
    """A lake that names a function which nobody has agreed to call."""


def run_potential(settings: Settings) -> Potential:
    """The potential whose energies a run is ranked by.

    Args:
        settings: of the run, as the lake has them.

    Raises:
        UntrustedFactoryError: it is made by a function, and the lake may be somebody else's.
        UnknownPotentialError: it is not here.
    """
    choice = ranking_choice(settings)
    if choice.factory is not None and os.environ.get(CONSENT) != "1":
        arguments = ", ".join(f"{name}={value!r}" for name, value in choice.arguments)
        raise UntrustedFactoryError(
            f"the lake says that the potential is what {choice.factory}({arguments}) returns; "
            f"if that may be called here, set {CONSENT}=1"
        )
    return load_potential(*choice)
