"""The page says what is there of a run, and is whole in itself."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from a2c_ray.cli import main
from a2c_ray.lake import Store, write_part
from a2c_ray.results import RunResults


def page_of(lake: str, folder) -> str:
    path = folder / "page.html"
    assert main(["report", "--lake", lake, "--output", str(path)]) == 0
    return path.read_text()


@pytest.fixture(scope="module")
def page(silicon_lake, tmp_path_factory):
    return page_of(silicon_lake, tmp_path_factory.mktemp("page"))


class Tags(HTMLParser):
    """Checks that tags are closed in the order in which they were opened."""

    VOID = ("meta", "link", "img", "br", "input", "path", "use", "rect", "image")

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag


def structures(page):
    text = re.search(r'<script type="application/json" id="structures">(.*?)</script>', page)
    return json.loads(text.group(1))


def test_it_is_well_formed_and_refers_to_nothing_outside(page):
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    without_names = re.sub(r'xmlns(:\w+)?="[^"]*"', "", page)
    assert not re.search(r'(src|href)="(?!data:|#)', without_names)


def test_products_energies_and_glasses_are_those_of_the_run(page, silicon_lake):
    results = RunResults.open(silicon_lake)
    for product in results.products:
        assert f"{product.row.energy_per_atom:.4f}".replace("-", "\u2212") in page
    keys = {s["key"] for s in structures(page)["structures"]}
    assert {p.row.product_id for p in results.products} <= keys
    assert {glass.glass_id for glass in results.glasses} <= keys
    links = set(re.findall(r'xlink:href="#(si-[^"]+)"', page))
    assert links
    assert links <= keys, "a point of the map leads nowhere"


def test_embedded_structures_are_those_of_the_lake(page, silicon_lake):
    results = RunResults.open(silicon_lake)
    data = structures(page)
    glass = results.glasses[0]
    (shown,) = (s for s in data["structures"] if s["key"] == glass.glass_id)
    assert shown["frac"] == pytest.approx(glass.structure.frac_coords.ravel().tolist(), abs=1e-4)
    assert [data["elements"][k]["symbol"] for k in shown["species"]] == ["Si"] * 16


def test_an_unfinished_run_says_so(unfinished_lake, tmp_path):
    page = page_of(unfinished_lake, tmp_path)
    assert 'class="banner"' in page
    assert "The page shows what is in the lake so far." in page
    assert "No crystal of Si has been ranked yet." in page
    assert 'xlink:href="#si-' in page


def test_a_finished_run_has_no_banner(page):
    assert 'class="banner"' not in page


def test_no_other_potential_was_asked(page):
    assert "Under other potentials" not in page


def test_a_run_that_has_just_begun_has_a_page(tmp_path):
    store = Store.at(str(tmp_path / "lake"))
    config = json.dumps({"system.formula": "TiO2", "odd": "</script><b>"})
    row = {"attempt": 1, "status": "running", "config": config, "potential": "sevennet-0",
           "potential_fingerprint": "0" * 16}  # fmt: skip
    write_part(store, "runs", "TiO2", "tio2-1", "0001", [row])
    page = page_of(str(tmp_path / "lake"), tmp_path)
    assert "No product yet." in page
    assert "No glass yet." in page
    assert "</script><b>" not in page
    assert "J. Chem. Theory" in page


def test_the_paper_and_the_potential_are_cited(page):
    assert "doi:10.1038/s43588-024-00752-y" in page
    assert "Stillinger" in page


@pytest.mark.parametrize("arguments", [["si-0"], ["--lake", "nowhere"]])
def test_what_is_not_there_is_one_line(silicon_lake, arguments, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lake = [] if "--lake" in arguments else ["--lake", silicon_lake]
    assert main(["report", *lake, *arguments]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not list(tmp_path.glob("*.html"))
