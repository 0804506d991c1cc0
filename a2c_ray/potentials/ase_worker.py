"""A process that holds one ASE calculator: `python -m a2c_ray.potentials.ase_worker`.

It reads pickled requests from its standard input and answers on what was its standard output.
Whatever calculators print goes to standard error.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import pickle
import signal
import sys
from typing import Any, BinaryIO, NamedTuple

import numpy as np

PR_SET_PDEATHSIG = 1
"""Of prctl(2)."""


class Request(NamedTuple):
    """A cell to compute: atomic numbers `[n]`, positions `[n, 3]` and lattice `[3, 3]` in Å."""

    numbers: np.ndarray
    positions: np.ndarray
    lattice: np.ndarray


class Answer(NamedTuple):
    """Energy (eV), forces (eV/Å, `[n, 3]`) and stress (eV/Å³, `[3, 3]`) of a cell."""

    energy: float
    forces: np.ndarray
    stress: np.ndarray


class Failure(NamedTuple):
    """Why there is no answer, in one line."""

    reason: str


class UnknownFactoryError(ValueError):
    """A factory that is not there; the message says what is missing."""


def find_factory(factory: str) -> Any:
    """The function or class that `module:function` names.

    Raises:
        UnknownFactoryError: there is no such module, or nothing of that name in it.
    """
    module_name, _, name = factory.partition(":")
    if not module_name or not name:
        raise UnknownFactoryError(f"{factory!r} is not of the form module:function")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise UnknownFactoryError(f"cannot import {module_name!r}: {error}") from error
    if not callable(getattr(module, name, None)):
        raise UnknownFactoryError(f"module {module_name!r} has no function {name!r}")
    return getattr(module, name)


def compute(calculator: Any, request: Request) -> Answer | Failure:
    """Energy, forces and stress of a cell."""
    from ase import Atoms
    from ase.calculators.calculator import PropertyNotImplementedError

    atoms = Atoms(request.numbers, request.positions, cell=request.lattice, pbc=True)
    atoms.calc = calculator
    try:
        energy, forces = atoms.get_potential_energy(), atoms.get_forces()
        stress = atoms.get_stress(voigt=False)
        return _answer(energy, forces, stress, len(atoms))
    except PropertyNotImplementedError as error:
        return Failure(f"it lacks a property that relaxing cells needs: {_line(error)}")
    except Exception as error:  # whatever a calculator of the user's raises
        return Failure(f"{type(error).__name__}: {_line(error)}")


def _answer(energy: Any, forces: Any, stress: Any, n_atoms: int) -> Answer | Failure:
    """What a calculator has returned, if it has the shapes of what was asked for."""
    if np.size(energy) != 1:
        return Failure(f"its energy has shape {np.shape(energy)}, not one number")
    forces, stress = np.asarray(forces, float), np.asarray(stress, float)
    if forces.shape != (n_atoms, 3):
        return Failure(f"its forces have shape {forces.shape}, not {(n_atoms, 3)}")
    if stress.shape != (3, 3):
        return Failure(f"its stress has shape {stress.shape}, not (3, 3)")
    return Answer(np.asarray(energy, float).item(), forces, stress)


def serve(factory: str, arguments: dict[str, Any], requests: BinaryIO, answers: BinaryIO) -> None:
    """Make a calculator, say whether it could be made, then answer until the input ends."""
    try:
        calculator = find_factory(factory)(**arguments)
        _send(answers, None)
    except Exception as error:  # whatever a calculator of the user's raises
        is_ours = isinstance(error, UnknownFactoryError)
        _send(answers, Failure(_line(error) if is_ours else f"{factory} fails: {_line(error)}"))
        return
    while True:
        try:
            request = pickle.load(requests)
        except EOFError:
            return
        _send(answers, compute(calculator, request))


def _send(stream: BinaryIO, message: Any) -> None:
    pickle.dump(message, stream)
    stream.flush()


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def main() -> None:
    """Serve the factory and arguments that the first message names."""
    _die_with_parent()
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        requests = sys.stdin.buffer
        factory, arguments = pickle.load(requests)
        serve(factory, arguments, requests, answers)


def _die_with_parent() -> None:
    """Let Linux kill this process when its parent is killed, whatever a calculator is stuck in."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    # Classes are pickled by the name of their module, which is not `__main__` in the other process.
    importlib.import_module("a2c_ray.potentials.ase_worker").main()
