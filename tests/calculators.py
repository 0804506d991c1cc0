"""Calculators that tests name as `calculators:function`."""

from __future__ import annotations

import os

import numpy as np
from ase.calculators.calculator import Calculator, all_changes
from ase.calculators.emt import EMT


class Talkative(EMT):
    """Prints as it computes, as Fortran codes do."""

    def calculate(self, *args: object, **kwargs: object) -> None:
        """As EMT."""
        print("computing")
        os.write(1, b"more from below\n")
        super().calculate(*args, **kwargs)


class Mortal(EMT):
    """Its process dies of four atoms of palladium, and four of silver are too much for it."""

    def calculate(self, atoms=None, *args: object, **kwargs: object) -> None:
        """As EMT."""
        if str(atoms.symbols) == "Pd4":
            os._exit(7)
        if str(atoms.symbols) == "Ag4":
            raise RuntimeError("no\nconvergence")
        super().calculate(atoms, *args, **kwargs)


class Stressless(Calculator):
    """Knows no stress."""

    implemented_properties = ("energy", "forces")

    def calculate(self, atoms=None, properties=("energy",), changes=all_changes) -> None:
        """Nothing but zeros."""
        super().calculate(atoms, properties, changes)
        self.results = {"energy": 0.0, "forces": np.zeros((len(atoms), 3))}


def unwilling() -> None:
    """A factory that fails."""
    raise OSError("no licence\nfor this code")
