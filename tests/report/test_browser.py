"""The pages in a browser: they say nothing, ask for nothing, are accessible, and fit a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from schemas.report_roles import RoleName
from tests.report.browser import DESKTOP, PHONE, Scheme, Visit, chromium
from tests.report.pages import ROLES, document
from tests.report.world import write_world

SCHEMES: tuple[Scheme, ...] = ("light", "dark")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[RoleName, Path]:
    """A page for each role, as files."""
    folder = tmp_path_factory.mktemp("pages")
    out = write_world(folder, 300, 9)
    found = {role: folder / f"{role}.html" for role in ROLES}
    for role, file in found.items():
        file.write_bytes(document(out, role))
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("role", ROLES)
def test_a_page_is_quiet_whole_and_accessible(
    browser: Browser, pages: dict[RoleName, Path], role: RoleName, scheme: Scheme
) -> None:
    visit = Visit(browser, pages[role], DESKTOP, scheme)
    charts = visit.page.locator("figure svg, .drawing svg")
    assert charts.count() >= 6
    for number in range(charts.count()):
        box = charts.nth(number).bounding_box()
        assert box and box["width"] > 200 and box["height"] > 30
        assert charts.nth(number).locator("path, rect, line").count() > 5
    assert visit.violations() == []
    assert visit.said == []
    assert visit.asked == [pages[role].as_uri()]


@pytest.mark.parametrize("role", ROLES)
def test_a_page_fits_a_phone(browser: Browser, pages: dict[RoleName, Path], role: RoleName) -> None:
    visit = Visit(browser, pages[role], PHONE, "light")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    texts = visit.page.evaluate(
        "[...document.querySelectorAll('.drawing text')].map(t => t.getBoundingClientRect())"
        ".filter(b => b.width > 0 && (b.left < 0 || b.right > innerWidth)).length"
    )
    assert texts == 0
    assert visit.violations() == []


def test_the_keyboard_reaches_the_figures_and_their_tables(browser: Browser, pages: dict[RoleName, Path]) -> None:
    visit = Visit(browser, pages["billing"], DESKTOP, "light")
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("document.activeElement.textContent") == "Skip to the figures"
    visit.page.keyboard.press("Enter")
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("document.activeElement.tagName") == "SUMMARY"
    visit.page.keyboard.press("Enter")
    assert visit.page.evaluate("document.activeElement.parentElement.open")


def test_print_opens_the_tables(browser: Browser, pages: dict[RoleName, Path]) -> None:
    visit = Visit(browser, pages["billing"], DESKTOP, "light")
    table = visit.page.locator("#calls table")
    assert not table.is_visible()
    visit.page.emulate_media(media="print")
    box = table.bounding_box()
    assert box and box["height"] > 100


def test_a_page_that_does_what_it_must_not_is_found_out(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "bad.html"
    file.write_text(
        '<p style="color: #ddd">pale</p><img src="http://127.0.0.1:9/x"><script>console.error("no")</script>'
    )
    visit = Visit(browser, file, DESKTOP, "light")
    assert {found.partition(":")[0] for found in visit.violations()} >= {"image-alt", "color-contrast", "html-has-lang"}
    assert "no" in visit.said
    assert "http://127.0.0.1:9/x" in visit.asked
