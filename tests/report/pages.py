"""Pages for tests: a folder with ledger, release and audit in; a role's page, and what is in it, out."""

from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path

import pytest

from jobs.report.page import Figure, Link, Page, html
from jobs.report.pages import charts
from jobs.report.pages.page_for_role import page_for_role
from jobs.settings.date_range import DateRange
from jobs.settings.locations import resolve_locations
from jobs.settings.settings import Settings
from schemas.report_roles import RoleName

SETTINGS = Settings()
ALL = DateRange()
ROLES: tuple[RoleName, ...] = ("billing", "supervisor", "operator")


def page(root: Path, role: RoleName, settings: Settings = SETTINGS, dates: DateRange = ALL) -> Page:
    """The page of a role over a folder."""
    return page_for_role(role, resolve_locations(settings.storage, root), settings, dates, "release")


def document(root: Path, role: RoleName, settings: Settings = SETTINGS, dates: DateRange = ALL) -> bytes:
    """The same as HTML."""
    return html(page(root, role, settings, dates))


def figure(found: Page, key: str) -> Figure:
    """A figure of a page, by its key."""
    [one] = [f for f in found.figures if f.key == key]
    return one


def rows(found: Page, key: str) -> list[dict[str, str]]:
    """The numbers of a figure, by the names of its columns; texts of links."""
    table = figure(found, key).table
    if table is None:
        return []
    cells = [[cell.text if isinstance(cell, Link) else cell for cell in row] for row in table.rows]
    return [dict(zip(table.head, row, strict=True)) for row in cells]


def count(text: str) -> int:
    """1,234 as a number; a blank is none."""
    return int(text.replace(",", "") or "0")


@contextmanager
def undrawn() -> Iterator[None]:
    """Pages without drawings, which take most of the time, where it is the numbers that are looked at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(charts, "to_svg", lambda chart, key, description: "<svg></svg>")
        yield


class Elements(HTMLParser):
    """What is in a document: start tags with their attributes, and its texts."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(data.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, name: str) -> list[str]:
        """The values of an attribute, wherever it is."""
        return [value for _, found in self.tags if (value := found.get(name)) is not None]
