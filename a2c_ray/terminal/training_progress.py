"""What a training shows on the terminal."""

from __future__ import annotations

import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from a2c_ray.terminal.console import duration
from a2c_ray.training.checkpoints import History

LINE_S = 10.0
"""Seconds between two lines where the output is no terminal."""


class TrainingDisplay:
    """A progress bar on a terminal, a line for some of the rounds elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()
        self._next_line = self._started
        self._n_rounds = 0
        self._stopped = False
        self._bar = Progress(
            TextColumn("training"),
            BarColumn(40),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("training", total=None, note="(compiling)")

    def __enter__(self) -> TrainingDisplay:
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def stop(self) -> None:
        """Let the training end."""
        self._stopped = True
        self._console.print("Stopping after this step; Ctrl-C again ends at once.")

    def report(self, step: int, n_steps: int, history: History) -> bool:
        """Show where the training is; returns whether it is to stop."""
        note = round_note(history)
        self._bar.update(self._task, completed=step, total=n_steps, note=note)
        if len(history) > self._n_rounds:
            self._n_rounds = len(history)
            self._print_line(step, n_steps, note)
        return self._stopped

    def _print_line(self, step: int, n_steps: int, note: str) -> None:
        now = time.monotonic()
        if not self._console.is_terminal and now >= self._next_line:
            self._next_line = now + LINE_S
            elapsed = duration(now - self._started).rjust(7)
            self._console.print(f"{elapsed} | step {step}/{n_steps} | {note}", highlight=False)


def round_note(history: History) -> str:
    """Loss and errors of the latest round."""
    if not history:
        return "(compiling)"
    row = history[-1]
    return (
        f"loss {row['train_loss']:.3g}, validation {row['validation_loss']:.3g}: "
        f"{1000 * row['validation_energy_mae']:.3g} meV/atom, "
        f"{1000 * row['validation_forces_mae']:.3g} meV/Å"
    )
