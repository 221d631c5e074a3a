"""The page: what is told of a role's data in, one self-contained HTML document out. The same data, the same bytes.

Nothing in it is a script, and it loads nothing: charts are drawn before, style sheet and drawings are in the document.
"""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from schemas.report_roles import RoleName

if TYPE_CHECKING:
    from jinja2 import Template

_HERE = Path(__file__).parent


class Link(msgspec.Struct, frozen=True):
    """A cell that leads somewhere."""

    text: str
    address: str


Cell = str | Link


class Table(msgspec.Struct, frozen=True):
    """Numbers under a heading each; so many columns at the left are texts."""

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    texts: int = 1


class Figure(msgspec.Struct, frozen=True):
    """One thing that is shown: what it says, a drawing (SVG) where there is one, and the numbers of it.

    `missing` is why there is nothing to show; `open_table` shows the numbers without being asked.
    """

    key: str
    title: str
    says: str
    table: Table | None = None
    drawing: str = ""
    missing: str = ""
    wide: bool = False
    open_table: bool = False


class Tile(msgspec.Struct, frozen=True):
    """A number to be seen first."""

    label: str
    value: str
    note: str = ""


class Page(msgspec.Struct, frozen=True):
    """All of a page; `billed` is what that means. One that is served looks for a newer one after `refresh_seconds`."""

    role: RoleName
    title: str
    billed: str
    facts: tuple[tuple[str, str], ...]
    tiles: tuple[Tile, ...]
    figures: tuple[Figure, ...]
    refresh_seconds: int = 0


def html(page: Page) -> bytes:
    """The page as a document."""
    styles = (_HERE / "page.css").read_text(encoding="utf-8")
    return _template().render(page=page, styles=styles).encode()


@lru_cache
def _template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.tests["link"] = lambda cell: isinstance(cell, Link)
    return environment.get_template("page.html")
