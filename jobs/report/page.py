"""Render a page as one self-contained HTML document. The same data gives the same bytes.

The document contains its style sheet and its charts as SVG; it does not run a script or load anything.
"""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from jobs.runtime.templates import templates
from schemas.report_roles import RoleName

if TYPE_CHECKING:
    from jinja2 import Template

_HERE = Path(__file__).parent


class Link(msgspec.Struct, frozen=True):
    """A table cell with a link."""

    text: str
    address: str


Cell = str | Link


class Table(msgspec.Struct, frozen=True):
    """A table whose first `texts` columns are text; the others are numbers."""

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    texts: int = 1


class Figure(msgspec.Struct, frozen=True):
    """A section of a page: a caption, a drawing (SVG) if there is one, and its numbers as a table.

    `missing` is the reason why there is no data; `open_table` shows the table without a click.
    """

    key: str
    title: str
    caption: str
    table: Table | None = None
    drawing: str = ""
    missing: str = ""
    wide: bool = False
    open_table: bool = False


class Tile(msgspec.Struct, frozen=True):
    """A number at the top of a page."""

    label: str
    value: str
    note: str = ""


class Page(msgspec.Struct, frozen=True):
    """The content of a page; `billed` defines the word. The browser reloads it after `refresh_seconds`, unless 0."""

    role: RoleName
    title: str
    billed: str
    facts: tuple[tuple[str, str], ...]
    tiles: tuple[Tile, ...]
    figures: tuple[Figure, ...]
    refresh_seconds: int = 0


def html(page: Page) -> bytes:
    """Render the page as an HTML document."""
    styles = (_HERE / "page.css").read_text(encoding="utf-8")
    return _template().render(page=page, styles=styles).encode()


@lru_cache
def _template() -> "Template":
    environment = templates(_HERE)
    environment.tests["link"] = lambda cell: isinstance(cell, Link)
    return environment.get_template("page.html")
