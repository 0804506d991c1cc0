"""Checkpoints of a training, with Orbax: complete, verified, and of one training only."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import jax
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

    Orbax writes the state of a step into a folder; when that is complete, a record beside it with
    the digests of its files makes it count. Files are looked at before Orbax reads them.

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
        """Write a checkpoint, which counts once it is complete."""
        state = jax.device_get(state)
        step = int(state.step)
        self._manager.save(step, args=ocp.args.StandardSave(_as_dict(state)))
        record = {
            "identity": self._identity,
            "files": file_digests(self._folder(step)),
            "history": history,
        }
        temporary = self._record(step).with_suffix(".tmp")
        temporary.write_text(json.dumps(record), encoding="utf-8")
        os.replace(temporary, self._record(step))
        for stale in self.folder.glob("*.json"):
            if not self._folder(int(stale.stem)).exists():
                stale.unlink()

    def restore(self, like: FitState) -> tuple[FitState, History] | None:
        """State and metrics of the latest checkpoint; None if there is none.

        Args:
            like: with the shapes and types of the state.

        Raises:
            CheckpointError: it is damaged, or of a training with other settings or data.
        """
        step = self._latest()
        if step is None:
            return None
        try:
            record = json.loads(self._record(step).read_text(encoding="utf-8"))
            if record["identity"] != self._identity:
                raise CheckpointError(
                    f"{self.folder} holds a training with other settings or data: repeat those, "
                    "or choose another output folder"
                )
            if file_digests(self._folder(step)) != record["files"]:
                raise ValueError("its files have changed since they were written")
            shapes = jax.eval_shape(lambda: _as_dict(like))
            content = self._manager.restore(step, args=ocp.args.StandardRestore(shapes))
        except CheckpointError:
            raise
        except Exception as error:  # Orbax raises whatever its file formats do
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            raise CheckpointError(
                f"checkpoint {self._folder(step)} is damaged ({reason}): delete that folder to "
                "resume from the one before it"
            ) from error
        return dataclasses.replace(like, **content), record["history"]

    def close(self) -> None:
        """Let go of the folder."""
        self._manager.close()

    def _latest(self) -> int | None:
        """The last step with a record; what was left of later ones is removed."""
        steps = sorted(self._manager.all_steps())
        while steps and not self._record(steps[-1]).exists():
            self._manager.delete(steps.pop())
        return steps[-1] if steps else None

    def _folder(self, step: int) -> Path:
        return self.folder / str(step)

    def _record(self, step: int) -> Path:
        return self.folder / f"{step}.json"


def file_digests(folder: Path) -> dict[str, str]:
    """SHA-256 of each file below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def _as_dict(state: FitState) -> dict[str, Any]:
    return {
        "parameters": state.parameters,
        "averaged": state.averaged,
        "optimizer": state.optimizer,
        "step": state.step,
    }
