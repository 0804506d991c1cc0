"""Any ASE calculator as a potential: slow, for checks of what a fast one has found.

Calculators live in processes of their own, each with one thread; the cells of a batch are spread
over them. The rest of the package sees a potential like any other.
"""

from __future__ import annotations

import atexit
import hashlib
import importlib.metadata
import logging
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import IO, Any, cast

import jax
import jax.numpy as jnp
import numpy as np
from ase.data import chemical_symbols

from a2c_ray.cells import MAX_ATOMIC_NUMBER, Cells
from a2c_ray.errors import InputError, OperationError
from a2c_ray.potentials.ase_worker import Answer, Failure, Request
from a2c_ray.potentials.model import HostModel
from a2c_ray.potentials.own_sources import own_sources
from a2c_ray.potentials.potential import Potential, UnknownElementError

log = logging.getLogger(__name__)

CONTACT_RADIUS = 3.0
"""Å; within it contacts of atoms are looked for, no more than half the sum of covalent radii."""

TRIAL_SPACING = 3.0
"""Å; of the atoms with which it is tried whether a calculator knows some elements."""

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC")


class UnusableCalculatorError(InputError):
    """A calculator that cannot be made, or lacks a property."""


@dataclass(frozen=True)
class Calculator:
    """How to make a calculator, and in how many processes.

    factory: `module:function`, called without positional arguments.
    arguments: keyword arguments, sorted.
    processes: that compute cells side by side.
    contents: hashes of its source and files, see `_contents`; others are another calculator.
    """

    factory: str
    arguments: tuple[tuple[str, Any], ...]
    processes: int
    contents: tuple[str, ...] = ()


class ASEPotential(Potential):
    """A potential whose elements are those that its calculator turns out to know."""

    model: HostModel

    @property
    def n_computed(self) -> int:
        """Cells that the calculator has computed for this process so far."""
        return _pool(self.model.source).n_computed

    def check_elements(self, numbers: np.ndarray | Sequence[int]) -> None:
        """Let the calculator try a cell of these elements.

        Raises:
            UnknownElementError: it fails; the message is the calculator's.
        """
        elements = tuple(sorted(set(np.unique(numbers).tolist()) - {0}))
        reason = _try_elements(self.model.source, elements)
        if reason:
            symbols = ", ".join(chemical_symbols[z] for z in elements)
            raise UnknownElementError(f"{self.name} cannot compute {symbols}: {reason}")


def ase_potential(
    factory: str,
    arguments: Mapping[str, Any] | None = None,
    processes: int | None = None,
    dtype: str = "float64",
) -> Potential:
    """An ASE calculator as a potential.

    Args:
        factory: `module:function`, which returns a calculator with energy (eV), forces (eV/Å) and
            stress (eV/Å³), e.g. "ase.calculators.emt:EMT".
        arguments: keyword arguments of the function.
        processes: that compute cells side by side; by default one for each processor.
        dtype: "float32" or "float64", in which cells are moved.

    Raises:
        UnusableCalculatorError: there is no such function, or it fails.
    """
    given = tuple(sorted((arguments or {}).items()))
    contents = tuple(_contents(factory, given))
    calculator = Calculator(factory, given, processes or _processors(), contents)
    _Process(calculator).close()  # so that a calculator that cannot be made fails here
    text = repr((factory, given, _version(factory), *contents))
    return ASEPotential(
        name=f"ase:{factory}",
        model=HostModel(partial(_evaluate, calculator), CONTACT_RADIUS, calculator),
        elements=tuple(range(1, MAX_ATOMIC_NUMBER + 1)),
        parameters=np.zeros((), dtype),
        dtype=dtype,
        fingerprint=hashlib.sha256(text.encode()).hexdigest()[:16],
    )


def compute_cells(calculator: Calculator, requests: Sequence[Request]) -> list[Answer | Failure]:
    """Results of some cells, computed side by side."""
    return _pool(calculator).compute(requests)


def _evaluate(calculator: Calculator, cells: Cells) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Energy `[S]`, forces `[S, N, 3]` and virial `[S, 3, 3]` of a batch; see `HostModel`.

    Numbers cross to the host and back as their bits: JAX would round them to single precision
    where double precision is enabled for one thread only.
    """
    n_slots, n_atoms = cells.numbers.shape
    dtype = cells.positions.dtype
    shapes = ((n_slots,), (n_slots, n_atoms, 3), (n_slots, 3, 3))
    words = (2,) if dtype == jnp.float64 else ()
    bits = jax.pure_callback(
        partial(_compute_bits, calculator, np.dtype(dtype)),
        tuple(jax.ShapeDtypeStruct(shape + words, jnp.uint32) for shape in shapes),
        cells.numbers,
        *(jax.lax.bitcast_convert_type(x, jnp.uint32) for x in (cells.positions, cells.lattice)),
    )
    energy, forces, virial = (jax.lax.bitcast_convert_type(x, dtype) for x in bits)
    return energy, forces, virial


def _compute_bits(
    calculator: Calculator, dtype: np.dtype, numbers: Any, positions: Any, lattice: Any
) -> tuple[np.ndarray, ...]:
    """`_compute_batch` from and to bits."""
    numbers = np.asarray(numbers)
    n_slots, n_atoms = numbers.shape
    positions = np.asarray(positions).view(dtype).reshape(n_slots, n_atoms, 3)
    lattice = np.asarray(lattice).view(dtype).reshape(n_slots, 3, 3)
    results = _compute_batch(calculator, numbers, positions, lattice)
    words = (2,) if dtype == np.float64 else ()
    return tuple(
        np.ascontiguousarray(x, dtype).view(np.uint32).reshape(x.shape + words) for x in results
    )


def _compute_batch(
    calculator: Calculator, numbers: np.ndarray, positions: np.ndarray, lattice: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Energies, forces and virials of the cells of a batch; NaN where they fail."""
    energy = np.zeros(len(numbers))
    forces = np.zeros(positions.shape)
    virial = np.zeros(lattice.shape)
    counts = np.sum(numbers > 0, axis=1)
    occupied = np.flatnonzero(counts)
    requests = [
        Request(
            numbers[k, : counts[k]],
            positions[k, : counts[k]].astype(np.float64),
            lattice[k].astype(np.float64),
        )
        for k in occupied
    ]
    for k, answer in zip(occupied, compute_cells(calculator, requests), strict=True):
        if isinstance(answer, Failure):
            log.warning("%s: %s", calculator.factory, answer.reason)
            energy[k] = np.nan
        else:
            energy[k] = answer.energy
            forces[k, : counts[k]] = answer.forces
            virial[k] = answer.stress * abs(np.linalg.det(lattice[k]))
    return energy, forces, virial


class _Pool:
    """Processes of one calculator, and a thread for each to wait for it."""

    def __init__(self, calculator: Calculator) -> None:
        self._calculator = calculator
        self._threads = ThreadPoolExecutor(calculator.processes)
        self._own = threading.local()
        self._processes: list[_Process] = []
        self.n_computed = 0

    def compute(self, requests: Sequence[Request]) -> list[Answer | Failure]:
        return list(self._threads.map(self._compute, requests))

    def close(self) -> None:
        for process in self._processes:
            process.close()

    def _compute(self, request: Request) -> Answer | Failure:
        process = getattr(self._own, "process", None)
        if process is None:
            process = self._own.process = _Process(self._calculator)
            self._processes.append(process)
        try:
            answer = process.compute(request)
            self.n_computed += 1
            return answer
        except (EOFError, OSError, pickle.UnpicklingError):
            # The next cell gets a new process: it may have been this one that crashed it.
            self._own.process = None
            process.close()
            return Failure(f"the calculator's process ended with status {process.status}")


class _Process:
    """A worker process.

    Raises:
        UnusableCalculatorError: the calculator cannot be made.
    """

    def __init__(self, calculator: Calculator) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "a2c_ray.potentials.ase_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | dict.fromkeys(THREADS, "1") | {"PYTHONPATH": _search_path()},
        )
        # Pipes were asked for, so that there are both.
        self._requests = cast("IO[bytes]", self._process.stdin)
        self._answers = cast("IO[bytes]", self._process.stdout)
        try:
            failure = self.compute((calculator.factory, dict(calculator.arguments)))
        except (EOFError, OSError) as error:
            raise OperationError(f"no process can be started for {calculator.factory}") from error
        if failure is not None:
            self.close()
            raise UnusableCalculatorError(f"potential.factory: {failure.reason}")

    def compute(self, request: Any) -> Any:
        pickle.dump(request, self._requests)
        self._requests.flush()
        return pickle.load(self._answers)

    @property
    def status(self) -> int | None:
        return self._process.wait()

    def close(self) -> None:
        for stream in (self._requests, self._answers):
            with suppress(OSError):  # what was not sent to a process that is no more
                stream.close()
        self._process.wait()


@lru_cache(maxsize=4)
def _pool(calculator: Calculator) -> _Pool:
    pool = _Pool(calculator)
    atexit.register(pool.close)
    return pool


@lru_cache(maxsize=64)
def _try_elements(calculator: Calculator, elements: tuple[int, ...]) -> str | None:
    """Why a calculator fails for a cell of these elements; None if it does not."""
    # Two atoms at least: of one atom, an energy of each atom looks like that of the cell.
    numbers = elements if len(elements) > 1 else 2 * elements
    along = TRIAL_SPACING * np.arange(len(numbers))
    positions = np.stack([along, 0 * along, 0 * along], axis=1)
    lattice = TRIAL_SPACING * np.diag([len(numbers), 1.0, 1.0])
    (answer,) = compute_cells(calculator, [Request(np.array(numbers), positions, lattice)])
    if isinstance(answer, Failure):
        return answer.reason
    for name, value in answer._asdict().items():
        if not np.isfinite(value).all():
            return f"{name} not finite, of atoms {TRIAL_SPACING:g} Å apart"
    return None


def _version(factory: str) -> str:
    """Version of the package that a calculator comes from, as far as it has one."""
    package = factory.partition(":")[0].partition(".")[0]
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _contents(factory: str, arguments: Sequence[tuple[str, Any]]) -> Iterator[str]:
    """Hashes of what may change under the same name: source of the user's own, and their files."""
    search = _search_path().split(os.pathsep)
    for path in own_sources(factory.partition(":")[0], search):
        yield _hash(path)
    for _, value in arguments:
        yield from (_hash(file) for file in _files_of(value))


def _files_of(argument: Any) -> list[Path]:
    """Files that an argument names; none in folders that this process may write to itself."""
    if not isinstance(argument, str):
        return []
    try:
        path = Path(argument).expanduser().resolve()
        if not path.exists() or Path.cwd().is_relative_to(path):
            return []
    except (OSError, RuntimeError, ValueError):  # it is no path
        return []
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    return [file for file in files if file.is_file()]


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _processors() -> int:
    """That this process may use; of an actor, those that it was given."""
    return int(os.environ.get("NPROC") or len(os.sched_getaffinity(0)))


def _search_path() -> str:
    """Where this process finds modules, the folder it was started in among them."""
    here = os.getcwd()
    return os.pathsep.join([*(path or here for path in sys.path), here])
