"""The terminal itself."""

from __future__ import annotations

import signal

import pytest
from rich.table import Table

from a2c_ray.terminal.console import duration, open_console, stop_signals_call


@pytest.mark.parametrize(
    ("seconds", "text"), [(7.2, "7 s"), (199.6, "3 min 20 s"), (7500, "2 h 05 min")]
)
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_texts_of_others_do_not_control_the_terminal(capsys):
    """A lake may hold a name that sets the title of the window, or moves the cursor."""
    odd = "Si\x1b]0;title\x07 [bold]\x9b2J [/x]\u202e"
    table = Table("name")
    table.add_row(odd)
    console = open_console()
    console.print(odd)
    console.print(table)
    shown = capsys.readouterr().out
    assert shown.count("[bold]") == shown.count("[/x]") == 2
    assert shown.count(r"Si\x1b]0;title\x07") == shown.count(r"\x9b2J") == 2
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(shown)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_lets_the_work_end_and_the_second_ends_it(number):
    before, calls = signal.getsignal(number), []
    with stop_signals_call(lambda: calls.append(number)):
        signal.raise_signal(number)
        assert calls == [number]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
    assert calls == [number]
    assert signal.getsignal(number) == before
