"""Checkpoints of a training, with Orbax: complete, verified, and of one training only."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import jax
import numpy as np
import orbax.checkpoint as ocp

from a2c_ray.errors import OperationError
from a2c_ray.training.fitting import FitState

KEPT = 2
"""Latest checkpoints that are kept."""

History = list[dict[str, float]]
"""One row of metrics a round."""


class CheckpointError(OperationError):
    """A checkpoint that cannot be resumed from; the message says what to do."""


class Checkpoints:
    """The checkpoints in one folder.

    Args:
        folder: made if it is missing.
        identity: of settings and data; a training resumes its own checkpoints only.
    """

    def __init__(self, folder: Path, identity: str) -> None:
        self.folder = folder.resolve()
        self._identity = identity
        options = ocp.CheckpointManagerOptions(max_to_keep=KEPT, enable_async_checkpointing=False)
        self._manager = ocp.CheckpointManager(self.folder, options=options)

    def save(self, state: FitState, history: History) -> None:
        """Write a checkpoint, which appears complete or not at all."""
        state = jax.device_get(state)
        record = {"identity": self._identity, "digest": digest(state), "history": history}
        self._manager.save(
            int(state.step),
            args=ocp.args.Composite(
                state=ocp.args.StandardSave(_as_dict(state)), record=ocp.args.JsonSave(record)
            ),
        )

    def restore(self, like: FitState) -> tuple[FitState, History] | None:
        """State and metrics of the latest checkpoint; None if there is none.

        Args:
            like: with the shapes and types of the state.

        Raises:
            CheckpointError: it is damaged, or of a training with other settings or data.
        """
        step = self._manager.latest_step()
        if step is None:
            return None
        where = self.folder / str(step)
        try:
            record = self._manager.restore(
                step, args=ocp.args.Composite(record=ocp.args.JsonRestore())
            )["record"]
            if record["identity"] != self._identity:
                raise CheckpointError(
                    f"{self.folder} holds a training with other settings or data: repeat those, "
                    "or choose another output folder"
                )
            shapes = jax.eval_shape(lambda: _as_dict(like))
            content = self._manager.restore(
                step, args=ocp.args.Composite(state=ocp.args.StandardRestore(shapes))
            )["state"]
            state = like.replace(**content)
            if digest(state) != record["digest"]:
                raise ValueError("its content has changed since it was written")
        except CheckpointError:
            raise
        except Exception as error:  # Orbax raises whatever its file formats do
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            raise CheckpointError(
                f"checkpoint {where} is damaged ({reason}): delete that folder to resume from the "
                "one before it"
            ) from error
        return state, record["history"]

    def close(self) -> None:
        """Let go of the folder."""
        self._manager.close()


def digest(state: FitState) -> str:
    """SHA-256 of all numbers of a state."""
    sha = hashlib.sha256()
    for leaf in jax.tree.leaves(state):
        sha.update(np.ascontiguousarray(leaf).tobytes())
    return sha.hexdigest()


def _as_dict(state: FitState) -> dict[str, Any]:
    return {
        "parameters": state.parameters,
        "averaged": state.averaged,
        "optimizer": state.optimizer,
        "step": state.step,
    }
