"""Render Data Docs: HTML pages in the operator's audit with what Great Expectations found in each version.

<audit>/data_docs/index.html                             the dates and their versions
<audit>/data_docs/billing_date=2026-03-01/v0001.html     one page for every version, published or not

Great Expectations' own renderer and view make the page. Its site builder is not used: it would copy 4 MB of fonts into
every site, needs the results of all earlier runs, and its index is empty without scripts that it loads from other
hosts. The page loads nothing: scripts, style sheets and images by address are removed, and our own style sheet replaces
them. The same result gives the same bytes.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from sinks.paths import DATA_DOCS, page_name, page_version
from sinks.store import Store

INDEX = f"{DATA_DOCS}/index.html"
_STYLES = Path(__file__).parent / "styles"
# Elements that load or run something, and the footer with the vendor's news.
_ACTIVE_ELEMENTS = re.compile(r"<script\b.*?</script>|<link\b[^>]*>|<img\b[^>]*>|<footer>.*?</footer>", re.DOTALL)
_ADDRESS = re.compile(r"url\([^)]*\)")
_NO_TIME = " / __none__"
_TO_INDEX = 'href="../../../../index.html"'
# Great Expectations links to a page of the suite, which has nothing that the page itself does not have.
_TO_SUITE = re.compile(r'<a href="[./]*expectations/[^"]*"\s*>(.*?)</a>')


def page(result: Any, run_name: str) -> bytes:
    """Return the page of a validation result, which is reduced in place to counts and the name of its run."""
    _prepare(result, run_name)
    renderer, view = _renderers()
    text: str = view.render(renderer.render(result), show_how_to_buttons=False)
    text = _ADDRESS.sub("none", _ACTIVE_ELEMENTS.sub("", text))
    text = _TO_SUITE.sub(r"\1", text).replace(_TO_INDEX, 'href="../index.html"').replace(_NO_TIME, "")
    return "\n".join(line for line in text.splitlines() if line.strip()).encode() + b"\n"


def put_page(audit: Store, date: str, version: int, data: bytes) -> None:
    """Write the page of a version."""
    audit.put(page_name(date, version), data)


def put_index(audit: Store) -> None:
    """Write the index of all pages. Concurrent writers repeat it until it is complete, so that the last one has all."""
    indexed: list[str] | None = None
    while (pages := [name for name in audit.names(DATA_DOCS) if page_version(name)]) != indexed:
        audit.put(INDEX, _index(pages))
        indexed = pages


def _index(pages: list[str]) -> bytes:
    items = [_item(page) for page in pages]
    head = '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>Data Docs</title></head>\n<body>'
    return "\n".join([head, "<h1>What the gate said</h1>", "<ul>", *items, "</ul>", "</body>", "</html>", ""]).encode()


def _item(page: str) -> str:
    date, version = page_version(page) or ("", 0)
    return f'<li><a href="{page.removeprefix(f"{DATA_DOCS}/")}">{date} v{version:04d}</a></li>'


def _prepare(result: Any, run_name: str) -> None:
    """Remove what differs from run to run, and messages of exceptions, which could quote a value."""
    version = result.meta.get("great_expectations_version")
    batch = {"data_asset_name": run_name}
    result.meta = {"great_expectations_version": version, "run_id": {"run_name": run_name}, "batch_spec": batch}
    for item in result.results:
        if _raised(item.exception_info):
            item.exception_info = {"raised_exception": True, "exception_message": "", "exception_traceback": ""}


def _raised(info: Any) -> bool:
    """Whether an expectation raised; `info` is flat, or by metric."""
    infos = info.values() if isinstance(info, dict) and "raised_exception" not in info else [info]
    return any(bool(item and item.get("raised_exception")) for item in infos)


@lru_cache
def _renderers() -> tuple[Any, Any]:
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
    from great_expectations.render.view.view import DefaultJinjaPageView

    return ValidationResultsPageRenderer(run_info_at_end=True), DefaultJinjaPageView(str(_STYLES))
