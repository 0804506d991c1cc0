"""The `a2c` program: parse, call, print.

Commands import what they need when they are called, so that `a2c --help` answers at once.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any

from a2c_ray.cli import (
    bench,
    compare,
    lake,
    plot,
    potentials,
    relax,
    report,
    rescore,
    run,
    trace,
    train,
)
from a2c_ray.controls import harmless
from a2c_ray.errors import FAILED, FINISHED, INTERRUPTED, UNUSABLE, InputError, OperationError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status.

    0 for success, 1 for work that failed, 2 for input that cannot be used, 130 for Ctrl-C.
    """
    options = _parsed(arguments)
    # Before NumPy is loaded. Threads of its BLAS wait for each other actively: on cores that do
    # other work, too, a factorization of a third of a second (of a potential's radial functions)
    # took ten. What is heavy here is not done by BLAS.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if options.command in (run.run, relax.relax):
        # Only actors use accelerators; the driver would take memory from them.
        os.environ.setdefault("JAX_PLATFORMS", "cpu")
    try:
        return options.command(options)
    except InputError as error:
        return _fail(error, UNUSABLE)
    except BrokenPipeError:  # the reader of our output has closed it, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINISHED
    except (OperationError, OSError) as error:
        return _fail(error, FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = _parser()
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        settings = [word.lstrip("-") for word in unknown if "=" in word]
        advice = f" (settings have no dashes: {' '.join(settings)})" if settings else ""
        parser.error(f"unrecognized arguments: {' '.join(unknown)}{advice}")
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="a2c", description="Predict which crystal first emerges from an amorphous solid."
    )
    parser.add_argument("--version", action=_Version, help="show the version and stop")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Command)
    for group in (
        run, relax, report, rescore, compare, plot, trace, train, lake, bench, potentials,
    ):  # fmt: skip
        group.add_commands(commands)
    return parser


class _Command(argparse.ArgumentParser):
    """Takes settings after options, too: `a2c run system=tio2 --show seed=3`."""

    _is_intermixing = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if self._is_intermixing or any(a.nargs == argparse.PARSER for a in self._actions):
            return super().parse_known_args(args, namespace)
        self._is_intermixing = True  # which calls this, twice
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._is_intermixing = False


class _Version(argparse.Action):
    """Looked up only when it is asked for: that takes longer than parsing."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, dest=argparse.SUPPRESS, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"a2c-ray {version('a2c-ray')}")
        parser.exit()


def _fail(error: Exception, status: int) -> int:
    print(harmless(f"a2c: {' '.join(str(error).split())}"), file=sys.stderr)
    return status
