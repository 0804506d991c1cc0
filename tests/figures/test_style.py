"""Figures are written in the format that is asked for, the same each time, and leave no trace."""

from __future__ import annotations

import matplotlib as mpl
import pytest

from a2c_ray.errors import InputError
from a2c_ray.figures.style import COLORS, new_figure, styled, svg_text, write_figure


@styled
def simple_figure():
    figure, axes = new_figure(1, 2)
    axes[0].plot([0, 1], [1, 0])
    axes[0].set_xlabel("r (Å)")
    return figure


def test_lines_have_the_colours_of_the_style():
    assert simple_figure().axes[0].lines[0].get_color() == COLORS[0]


def test_the_users_own_settings_stay_as_they_are():
    before = dict(mpl.rcParams)
    svg_text(simple_figure())
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("ending", ["svg", "pdf"])
def test_the_same_figure_is_the_same_file(tmp_path, ending):
    paths = [tmp_path / "new" / f"{k}.{ending}" for k in range(2)]
    for path in paths:
        write_figure(simple_figure(), path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_text_stays_text():
    assert "r (Å)</text>" in svg_text(simple_figure())


@pytest.mark.parametrize("name", ["figure", "figure.gif", "figure.jpeg"])
def test_other_formats_are_refused(tmp_path, name):
    with pytest.raises(InputError, match=r"must be one of \.png, \.svg, \.pdf"):
        write_figure(simple_figure(), tmp_path / name)
