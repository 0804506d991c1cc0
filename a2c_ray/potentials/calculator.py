"""The handshake with ASE: any potential as a calculator."""

from __future__ import annotations

from typing import Any

from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.stress import full_3x3_to_voigt_6_stress

from a2c_ray.potentials.potential import Potential

PROPERTIES = ["energy", "free_energy", "forces", "stress"]
"""That the calculator has."""


class ASECalculator(Calculator):
    """ASE calculator of a potential, for fully periodic cells.

    Energy in eV, forces in eV/Å, stress in eV/Å³ (ASE's sign and Voigt order).
    """

    implemented_properties = PROPERTIES

    def __init__(self, potential: Potential, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.potential = potential

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: list[str] | None = None,
        system_changes: list[str] = all_changes,
    ) -> None:
        """Evaluate `atoms` and store all properties.

        Raises:
            ValueError: the cell is not periodic in all three directions.
            UnknownElementError: an element that the potential does not know.
            UnknownAtomError: an atom of no element.
        """
        super().calculate(atoms, properties, system_changes)
        cell = self.atoms
        if cell is None:
            raise ValueError(f"{self.potential.name} has been given no atoms")
        if not cell.pbc.all():
            raise ValueError(f"{self.potential.name} needs a periodic cell, pbc is {cell.pbc}")
        result = self.potential.evaluate([cell])[0]
        self.results = {
            "energy": result.energy,
            "free_energy": result.energy,
            "forces": result.forces,
            "stress": full_3x3_to_voigt_6_stress(result.stress),
        }
