"""The report in a real browser: it works without a network, and so do its points and buttons."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from pymatgen.io.cif import CifParser

from a2c_ray.cli import main
from a2c_ray.results import RunResults

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.filterwarnings("ignore:Issues encountered while parsing CIF"),  # 1/3 is rounded
]

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1200, "height": 900}


@pytest.fixture(scope="module")
def report(silicon_lake, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("report") / "silicon.html"
    assert main(["report", "--lake", silicon_lake, "--output", str(path)]) == 0
    return path


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser, report):
    """The report, opened; fails if it complains or asks for anything."""
    page = browser.new_page(viewport=DESK, accept_downloads=True)
    complaints, requests = [], []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(report.as_uri())
    yield page
    page.close()
    assert complaints == []
    local = ("data:", "blob:", report.as_uri())
    assert [url for url in requests if not url.startswith(local)] == []


def drawn(page):
    """The viewer's picture."""
    return page.locator("#viewer").evaluate("canvas => canvas.toDataURL()")


def test_the_lowest_product_is_shown_first(page, silicon_lake):
    lowest = RunResults.open(silicon_lake).products[0]
    assert "is the lowest crystal of Si" in page.inner_text("#summary")
    assert page.locator("#choice").input_value() == lowest.row.product_id
    assert page.locator("tr.is-shown").get_attribute("data-show") == lowest.row.product_id
    assert len(drawn(page)) > 20_000


def test_a_point_of_the_map_shows_its_subcell(page, silicon_lake):
    before = drawn(page)
    points = page.locator("#energies svg a")
    assert points.count() > 5
    link = points.nth(3).get_attribute("xlink:href") or points.nth(3).get_attribute("href")
    subcell = RunResults.open(silicon_lake).relaxed(link[1:])
    points.nth(3).click()
    assert page.inner_text("#shown-title") == f"subcell {link[1:]}"
    energy = f"{subcell.row.energy_per_atom:.4f}".replace("-", "\u2212")
    assert f"{energy} eV/atom" in page.inner_text("#shown-note")
    assert drawn(page) != before


def test_dragging_turns_buttons_and_wheel_change_the_view(page):
    canvas = page.locator("#viewer")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    views = [drawn(page)]
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 260, box["y"] + 240)
    page.mouse.up()
    views.append(drawn(page))
    page.mouse.wheel(0, -200)
    views.append(drawn(page))
    page.get_by_role("button", name="along b").click()
    views.append(drawn(page))
    page.locator("#repeat").select_option("2")
    views.append(drawn(page))
    page.locator("#bonds").uncheck()
    views.append(drawn(page))
    assert len(set(views)) == len(views)


def test_rows_select_and_files_hold_the_structures(page, silicon_lake):
    results = RunResults.open(silicon_lake)
    row = page.locator(f"tr[data-show='{results.glasses[1].glass_id}']")
    row.click()
    assert page.inner_text("#shown-title") == "glass g0001"
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CIF").click()
    glass = CifParser(download.value.path()).parse_structures(primitive=False)[0]
    assert glass.volume == pytest.approx(results.glasses[1].structure.volume, rel=1e-3)
    assert len(glass) == 16
    with page.expect_download() as download:
        page.locator("a[download]").first.click()
    product = CifParser(download.value.path()).parse_structures(primitive=True)[0]
    lowest = results.products[0].structure
    assert product.volume / len(product) == pytest.approx(lowest.volume / len(lowest), rel=0.02)


def test_a_phone_need_not_scroll_sideways(browser, report):
    page = browser.new_page(viewport=PHONE)
    page.goto(report.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    box = page.locator("#viewer").bounding_box()
    assert box["width"] > 0.7 * PHONE["width"]
    page.close()


def test_it_prints_without_its_controls(browser, report):
    page = browser.new_page(viewport=DESK)
    page.goto(report.as_uri())
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert not page.get_by_role("button", name="along a").is_visible()
    assert page.locator("#viewer").is_visible()
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF")
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 12
    page.close()
