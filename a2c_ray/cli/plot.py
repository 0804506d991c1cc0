"""`a2c plot`."""

from __future__ import annotations

import argparse
from pathlib import Path

from a2c_ray.cli.arguments import Commands, add_lake, positive
from a2c_ray.controls import harmless
from a2c_ray.errors import FINISHED

KINDS = {
    "emerged": "glasses of one or more runs, products of theirs, and g(r) of both",
    "rdf": "radial distribution functions of a glass",
    "angles": "bond-angle distributions of a glass",
    "sq": "structure factor of a glass",
    "coordination": "coordination numbers of a glass",
    "md": "temperature, energy and pressure of a melt-quench",
    "products": "energy against volume of the relaxed subcells",
    "hull": "formation energies of what emerged, and their hull",
    "morphology": "temperature, pressure and what emerged, of one or more runs",
    "appearance": "which polymorphs appeared under which density and temperature",
    "limit": "energies of the relaxed glasses of one or more runs, over the known polymorphs",
    "path": "transformation path of one subcell",
    "xrd": "powder pattern of a product",
    "learning": "how the errors of a run's own student fell",
    "parity": "energies of a run's own student against its teacher's",
    "recall": "how early the products come in the order of a run's own student",
}

DOTS, MOST_DOTS = 300, 2400
"""An inch: what journals ask for, and what memory has room for."""


def add_commands(commands: Commands) -> None:
    """Let the program know it."""
    command = commands.add_parser(
        "plot",
        help="a figure of a run, as PNG, SVG or PDF",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="figures:\n" + "\n".join(f"  {kind:<14}{what}" for kind, what in KINDS.items()),
    )
    command.add_argument("kind", choices=KINDS, metavar="FIGURE", help="one of those below")
    command.add_argument("runs", nargs="*", metavar="RUN", help="run id; the latest without one")
    add_lake(command)
    command.add_argument("--output", type=Path, help="file to write; default: FIGURE.pdf")
    command.add_argument("--dpi", type=_dots, default=DOTS, help="of a PNG; default: %(default)s")
    command.add_argument("--glass", help="id; default: the first")
    command.add_argument(
        "--product",
        default="",
        help="id, for xrd, path, rdf, angles and emerged, which shows several: A,B; "
        "default, but for rdf and angles: the lowest",
    )
    command.add_argument("--subcell", help="id, for path; default: of the lowest product")
    command.add_argument("--formula", help="for products; default: the most frequent")
    command.add_argument("--end-members", default="", help="for hull, such as Fe,Fe2B")
    command.add_argument("--phases", default="", help="polymorphs, for morphology: h-BN,c-BN")
    command.add_argument(
        "--transition", default="", help="for morphology: two polymorphs whose pressure to mark"
    )
    command.add_argument("--measured", type=Path, help="for xrd: file of 2θ and intensity")
    command.add_argument("--wavelength", default="CuKa", help="for xrd: name, or length in Å")
    command.set_defaults(command=plot)


def plot(options: argparse.Namespace) -> int:
    """Draw one figure."""
    from a2c_ray.figures.style import check_format, write_figure
    from a2c_ray.report.run_figures import Wanted, draw
    from a2c_ray.results import RunResults

    path = options.output or Path(f"{options.kind}.pdf")
    check_format(path)
    runs = [RunResults.open(options.lake, run_id) for run_id in options.runs or [None]]
    wanted = Wanted(
        glass=options.glass,
        products=_names(options.product),
        subcell=options.subcell,
        formula=options.formula,
        end_members=_names(options.end_members),
        phases=_names(options.phases),
        transition=_names(options.transition),
        measured=options.measured,
        wavelength=options.wavelength,
    )
    write_figure(draw(options.kind, runs, wanted), path, options.dpi)
    print(harmless(str(path)))
    return FINISHED


def _dots(text: str) -> int:
    """Dots an inch that a figure can be made of."""
    number = positive(text)
    if number > MOST_DOTS:
        raise argparse.ArgumentTypeError(f"more than {MOST_DOTS} dots an inch")
    return number


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
