"""The report: one HTML file that needs no network and no other file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template
from pymatgen.core import Composition

from a2c_ray.report.glasses import (
    COLUMNS,
    MOST_GLASSES,
    chosen_glass,
    glass_images,
    glass_row,
    short_id,
    shown_glass,
)
from a2c_ray.report.images import drawn_images
from a2c_ray.report.maps import report_maps
from a2c_ray.report.opinions import opinion_table, potentials_asked
from a2c_ray.report.products import MOST_PRODUCTS, frequency_table, product_line, shown_product
from a2c_ray.report.provenance import all_citations, provenance, settings, time_text
from a2c_ray.report.run_figures import Wanted
from a2c_ray.report.summary import (
    expected_products,
    run_facts,
    unfinished,
    verdict,
)
from a2c_ray.report.text import count_text, formula_text
from a2c_ray.report.viewer_data import Shown, viewer_json
from a2c_ray.results import RunResults
from a2c_ray.results.confidence import confidence_lines
from a2c_ray.results.energy_volume import formulas
from a2c_ray.results.proof import proof_lines
from a2c_ray.results.status import RunStatus
from a2c_ray.results.trust import judge_run, verdicts

STUDENT = {
    "learning": "How the errors of the student fell, one round of training after the other.",
    "parity": "Low cells as student or teacher left them: the student's energies against the "
    "teacher's, above the lowest of each composition. The band is the window of what was refined.",
    "recall": "How early the products come in the student's order of the pool: if only so much of "
    "each composition had been refined, so many would have been found.",
}
"""Figures of a cascade that has taught itself, and their captions."""


@dataclass(frozen=True)
class Choices:
    """Structures that the viewer offers under one heading."""

    name: str
    structures: list[Shown]


def render(results: RunResults, known: RunStatus) -> str:
    """The page of a run.

    Args:
        results: of the run, finished or not.
        known: where it stands.
    """
    products = results.products_so_far
    glasses = results.glasses_so_far
    formula = results.formula
    maps = report_maps(results, formula, products)
    shown_products = [shown_product(p) for p in products[:MOST_PRODUCTS]]
    shown_glasses = [shown_glass(results, g) for g in glasses[:MOST_GLASSES]]
    chosen = chosen_glass(results) if glasses else None
    page = {
        "title": f"{formula}: {results.run_id}" if results.has_glasses else results.run_id,
        "heading_html": formula_text(formula) if results.has_glasses else "Given cells",
        "has_glasses": results.has_glasses,
        "energy": "H" if results.pressure else "E",
        "run_id": results.run_id,
        "potential": results.attempt.potential,
        "started": time_text(results.attempt.started_at),
        "unfinished": unfinished(known),
        "failures": known.failures,
        "verdict": verdict(results),
        "facts": run_facts(results),
        "expected": expected_products(results),
        "confidence": confidence_lines(results),
        "proof": proof_lines(results.lake),
        "student_figures": drawn_images([results], Wanted(), STUDENT),
        "trust": verdicts(judge_run(results.lake)),
        "products": [product_line(p) for p in products[:MOST_PRODUCTS]],
        "more_products": _more(len(products), MOST_PRODUCTS, "product"),
        "frequencies": frequency_table(results, products),
        "opinions": opinion_table(results, products[:MOST_PRODUCTS]),
        "choices": [
            choices
            for choices in (
                Choices("products", shown_products),
                Choices("glasses", shown_glasses),
            )
            if choices.structures or results.has_glasses
        ],
        "maps": maps,
        "more_energies": drawn_images([results], Wanted(), _energy_captions(results)),
        "glass_columns": COLUMNS,
        "glasses": [glass_row(results, g) for g in glasses[:MOST_GLASSES]],
        "more_glasses": _more(len(glasses), MOST_GLASSES, "glass"),
        "glass_note": f"Figures of {short_id(results, chosen)}." if chosen else "",
        "glass_figures": glass_images(results, chosen) if chosen else [],
        "provenance": provenance(results),
        "settings": settings(results),
        "citations": all_citations([results.attempt.potential, *potentials_asked(results)]),
        "version": version("a2c-ray"),
        "written": time_text(datetime.now(UTC)),
    }
    shown = [*shown_products, *shown_glasses, *[s for m in maps for s in m.shown]]
    return _template().render(
        page=page,
        css=_resource("page.css"),
        structures=viewer_json(shown, Composition(formula)),
        viewer_js=_resource("viewer.js"),
        page_js=_resource("page.js"),
    )


def _energy_captions(results: RunResults) -> dict[str, str]:
    """Of figures beyond the maps, by kind."""
    captions = {}
    if len(formulas(results)) > 1:
        captions["hull"] = "Formation energies of the lowest of each composition, and their hull"
    if len({(glass.t_high, glass.density) for glass in results.glasses_so_far}) > 1:
        captions["morphology"] = "Pressure and temperature of the glasses, and what emerged"
        captions["appearance"] = (
            "Subcells that are a published polymorph, and the lowest's energy in meV/atom"
        )
    return captions


def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.from_string(_resource("template.html"))


def _resource(name: str) -> str:
    return files("a2c_ray.report").joinpath(name).read_text(encoding="utf-8")


def _more(number: int, shown: int, noun: str) -> str:
    """What a table does not show."""
    return f"{count_text(number - shown, f'further {noun}')} in the lake." if number > shown else ""
