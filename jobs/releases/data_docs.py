"""Data Docs: what Great Expectations said of a version in, a page for people in the operator's audit out.

<audit>/data_docs/index.html                             the dates and their versions
<audit>/data_docs/billing_date=2026-03-01/v0001.html     one page for every version, published or not

The page is that of Great Expectations' own renderer and view; its site builder is not used, because it would copy
4 MB of fonts into every site, needs the results of all earlier runs, and its index is empty without scripts that it
loads from other hosts. Nothing is loaded from anywhere: scripts, style sheets and images by address are taken out, and
a style sheet of our own stands in for them. The same result gives the same bytes.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from sinks.paths import DATA_DOCS, page_name, page_version
from sinks.store import Store

INDEX = f"{DATA_DOCS}/index.html"
_STYLES = Path(__file__).parent / "styles"
# Elements that load or run something, and the footer with the maker's news.
_LOADED = re.compile(r"<script\b.*?</script>|<link\b[^>]*>|<img\b[^>]*>|<footer>.*?</footer>", re.DOTALL)
_ADDRESS = re.compile(r"url\([^)]*\)")
_NO_TIME = " / __none__"
_TO_INDEX = 'href="../../../../index.html"'
# Great Expectations links to a page of the suite, which says nothing that the page itself does not say.
_TO_SUITE = re.compile(r'<a href="[./]*expectations/[^"]*"\s*>(.*?)</a>')


def page(result: Any, run_name: str) -> bytes:
    """The page of a validation result, which is told here what it may say: counts, and the name of its run."""
    _prepare(result, run_name)
    renderer, view = _renderers()
    text: str = view.render(renderer.render(result), show_how_to_buttons=False)
    text = _ADDRESS.sub("none", _LOADED.sub("", text))
    text = _TO_SUITE.sub(r"\1", text).replace(_TO_INDEX, 'href="../index.html"').replace(_NO_TIME, "")
    return "\n".join(line for line in text.splitlines() if line.strip()).encode() + b"\n"


def put_page(audit: Store, date: str, version: int, data: bytes) -> None:
    """Writes the page of a version."""
    audit.put(page_name(date, version), data)


def put_index(audit: Store) -> None:
    """Writes the index of all pages. Others may write pages and the index at the same time: the last one has all."""
    listed: list[str] | None = None
    while (pages := [name for name in audit.names(DATA_DOCS) if page_version(name)]) != listed:
        audit.put(INDEX, _index(pages))
        listed = pages


def _index(pages: list[str]) -> bytes:
    items = [_item(page) for page in pages]
    head = '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>Data Docs</title></head>\n<body>'
    return "\n".join([head, "<h1>What the gate said</h1>", "<ul>", *items, "</ul>", "</body>", "</html>", ""]).encode()


def _item(page: str) -> str:
    date, version = page_version(page) or ("", 0)
    return f'<li><a href="{page.removeprefix(f"{DATA_DOCS}/")}">{date} v{version:04d}</a></li>'


def _prepare(result: Any, run_name: str) -> None:
    """Takes out what is not the same every time, and messages of exceptions, which could quote a value."""
    version = result.meta.get("great_expectations_version")
    named = {"data_asset_name": run_name}
    result.meta = {"great_expectations_version": version, "run_id": {"run_name": run_name}, "batch_spec": named}
    for one in result.results:
        if _raised(one.exception_info):
            one.exception_info = {"raised_exception": True, "exception_message": "", "exception_traceback": ""}


def _raised(info: Any) -> bool:
    """Whether an expectation could not be tried; told flatly, or by metric."""
    inner = info.values() if isinstance(info, dict) and "raised_exception" not in info else [info]
    return any(bool(one and one.get("raised_exception")) for one in inner)


@lru_cache
def _renderers() -> tuple[Any, Any]:
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
    from great_expectations.render.view.view import DefaultJinjaPageView

    return ValidationResultsPageRenderer(run_info_at_end=True), DefaultJinjaPageView(str(_STYLES))
