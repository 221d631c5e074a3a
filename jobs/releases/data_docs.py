"""Render Data Docs: an HTML page in the operator's audit for each version, with the result of every data rule.

<audit>/data_docs/index.html                             the dates and their versions
<audit>/data_docs/billing_date=2026-03-01/v0001.html     one page for every version, published or not

Great Expectations' own renderer is not used: its pages load scripts, styles and fonts from other hosts, and would quote
values. A page loads nothing and holds counts alone; the same audit gives the same bytes.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.runtime.templates import templates
from schemas.data_rules import DataRule
from schemas.manifest import Audit
from sinks.paths import DATA_DOCS, page_name, page_version
from sinks.store import Store

if TYPE_CHECKING:
    from jinja2 import Template

INDEX = f"{DATA_DOCS}/index.html"


def page(audit: Audit, rules: tuple[DataRule, ...]) -> bytes:
    """Return the page of an audit; `rules` are those of its expectations."""
    checks = {rule.name: _check(rule) for rule in rules}
    return _template().render(audit=audit, checks=checks, totals=[*_totals(audit)]).encode()


def put_page(audit: Store, date: str, version: int, data: bytes) -> None:
    """Write the page of a version."""
    audit.put(page_name(date, version), data)


def put_index(audit: Store) -> None:
    """Write the index of all pages. Concurrent writers repeat it until it is complete, so that the last one has all."""
    indexed: list[str] | None = None
    while (pages := [name for name in audit.names(DATA_DOCS) if page_version(name)]) != indexed:
        audit.put(INDEX, _index(pages))
        indexed = pages


def _check(rule: DataRule) -> str:
    """Return a rule's check, and the values that it expects, but for patterns."""
    values = rule.value if isinstance(rule.value, tuple) else (rule.value,)
    if rule.check == "not_null":
        values = (rule.mostly,)
    expected = "" if rule.check in ("unique", "matches", "matches_not") else " " + ", ".join(map(str, values))
    return f"{rule.check}{expected}"


def _totals(audit: Audit) -> Iterator[tuple[str, int]]:
    control = audit.control
    yield from (("read", control.read), ("billed", control.billed), ("held", control.held))
    yield from ((f"excluded: {reason}", count) for reason, count in control.excluded.items())
    yield from (("superseded", control.superseded), ("duplicate", control.duplicate))
    yield from ((f"quarantined: {reason}", count) for reason, count in control.quarantined.items())
    yield from ((f"warning: {kind}", count) for kind, count in audit.warnings.items())
    yield from audit.amendments.items()


def _index(pages: list[str]) -> bytes:
    items = [_item(page) for page in pages]
    head = '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>Data Docs</title></head>\n<body>'
    return "\n".join([head, "<h1>Results of the gate</h1>", "<ul>", *items, "</ul>", "</body>", "</html>", ""]).encode()


def _item(page: str) -> str:
    date, version = page_version(page) or ("", 0)
    return f'<li><a href="{page.removeprefix(f"{DATA_DOCS}/")}">{date} v{version:04d}</a></li>'


@lru_cache
def _template() -> "Template":
    return templates(Path(__file__).parent).get_template("audit_page.html")
