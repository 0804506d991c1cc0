"""A batch of melt-quenches on the way, as bytes from which it goes on to the last bit.

The bytes are a safetensors file: arrays and text, nothing that is executed when it is read.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import jax
import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from a2c_ray.amorphous.molecular_dynamics import MDState, Observables
from a2c_ray.potentials.neighbors import Capacity

LENGTH_BYTES = 8
"""Of the header's length, with which a safetensors file begins."""


class CheckpointError(ValueError):
    """Bytes from which a melt-quench cannot go on."""


class Checkpoint(NamedTuple):
    """Where a batch of S melt-quenches stands.

    n_done: steps.
    state: after them.
    capacity: of the neighbour lists.
    failures: reasons, by replica.
    observed: of the steps so far, `[n_done, S]`.
    snapshots: unwrapped fractional coordinates by step, float64 `[S, N, 3]` each.
    melt_steps: of the melt that each comes from, before its quench.
    taken: of melts that glasses share, the state of one, without the leading axis, by its place and
        the step; None of melt-quenches.
    """

    n_done: int
    state: MDState
    capacity: Capacity
    failures: dict[int, str]
    observed: Observables
    snapshots: dict[int, np.ndarray]
    melt_steps: list[int]
    taken: dict[tuple[int, int], MDState] | None = None


def to_bytes(checkpoint: Checkpoint) -> bytes:
    """A checkpoint as a safetensors file."""
    arrays = _named("state", checkpoint.state) | _named("observed", checkpoint.observed)
    for step, positions in checkpoint.snapshots.items():
        arrays[f"snapshot {step}"] = positions
    for (k, step), state in (checkpoint.taken or {}).items():
        arrays |= _named(f"taken {k} {step}", state)
    facts = {
        "n_done": checkpoint.n_done,
        "capacity": checkpoint.capacity,
        "failures": checkpoint.failures,
        "melt_steps": checkpoint.melt_steps,
        "taken": None if checkpoint.taken is None else sorted(checkpoint.taken),
    }
    contiguous = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    return save(contiguous, {"facts": json.dumps(facts)})


def is_of_melts(data: bytes) -> bool:
    """Whether a checkpoint is of melts that glasses share; damaged ones are of nothing."""
    try:
        return _facts(data)["taken"] is not None
    except (KeyError, TypeError, ValueError, AttributeError):
        return False


def from_bytes(data: bytes, n_steps: int, state: MDState) -> Checkpoint:
    """The checkpoint that a safetensors file holds.

    Args:
        data: the file.
        n_steps: of the whole melt-quench.
        state: of the same batch, at any step or with shapes and dtypes in place of arrays.

    Raises:
        CheckpointError: the file is damaged, or of another batch.
    """
    try:
        arrays, facts = load(data), _facts(data)
        n_done, capacity = int(facts["n_done"]), Capacity(*map(int, facts["capacity"]))
        failures = {int(k): str(reason) for k, reason in facts["failures"].items()}
        melt_steps = [int(n) for n in facts["melt_steps"]]
        if not 0 <= n_done <= n_steps or min(capacity) < 1:
            raise CheckpointError(f"it is at step {n_done} of {n_steps}, with {capacity}")
        logged: Any = jax.ShapeDtypeStruct((n_done, len(state.energy)), state.energy.dtype)
        observed = Observables(logged, logged, logged, logged)
        steps = sorted(int(name.split()[1]) for name in arrays if name.startswith("snapshot "))
        positions: Any = jax.ShapeDtypeStruct(state.cells.positions.shape, np.float64)
        one: Any = jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape[1:], x.dtype), state)
        taken = facts["taken"] and {
            (k, step): _restored(f"taken {k} {step}", one, arrays) for k, step in facts["taken"]
        }
        return Checkpoint(
            n_done=n_done,
            state=_restored("state", state, arrays),
            capacity=capacity,
            failures=failures,
            observed=_restored("observed", observed, arrays),
            snapshots={step: _like(positions, arrays, f"snapshot {step}") for step in steps},
            melt_steps=melt_steps,
            taken=taken,
        )
    except (SafetensorError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise CheckpointError(str(error)) from error


def _named(prefix: str, tree: Any) -> dict[str, np.ndarray]:
    leaves, _ = jax.tree_util.tree_flatten_with_path(tree)
    return {prefix + jax.tree_util.keystr(path): np.asarray(leaf) for path, leaf in leaves}


def _restored(prefix: str, like: Any, arrays: dict[str, np.ndarray]) -> Any:
    """A tree of the named arrays, of the structure, shapes and dtypes of another."""
    return jax.tree_util.tree_map_with_path(
        lambda path, leaf: _like(leaf, arrays, prefix + jax.tree_util.keystr(path)), like
    )


def _like(expected: Any, arrays: dict[str, np.ndarray], name: str) -> np.ndarray:
    array = arrays[name]
    if array.shape != expected.shape or array.dtype != expected.dtype:
        raise CheckpointError(
            f"{name} is {array.dtype}{list(array.shape)}, "
            f"not {expected.dtype}{list(expected.shape)}"
        )
    return array


def _facts(data: bytes) -> dict[str, Any]:
    """What `to_bytes` has put into the header, which `load` has found sound."""
    length = int.from_bytes(data[:LENGTH_BYTES], "little")
    header = json.loads(data[LENGTH_BYTES : LENGTH_BYTES + length])
    return json.loads(header["__metadata__"]["facts"])
