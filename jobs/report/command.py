"""`contact-billing report`: a role's page, written to a file or served."""

from pathlib import Path

import click

from jobs.places import Places, places
from jobs.report.compose import Range, compose, links_of
from jobs.report.page import html
from jobs.report.serve import Served, serve
from jobs.report.words import size
from jobs.settings import Settings, load_settings
from schemas.errors import SettingsError
from schemas.shown import RoleName
from sinks.store import LocalStore

# What is read for a role.
_PLACES: dict[RoleName, tuple[str, ...]] = {
    "billing": ("release",),
    "supervisor": ("ledger",),
    "operator": ("ledger", "release", "audit"),
}


def run_report(
    config: Path | None, data: Path | None, role: RoleName, dates: Range, out: Path | None, listen: str | None
) -> None:
    """Writes the page, or serves it until it is stopped."""
    settings = load_settings(config)
    found = places(settings.storage, data)
    _check(found, role, dates)
    if listen is not None:
        serve(Served(role, found, settings, dates), listen)
    elif out is not None:
        _write(out, role, found, settings, dates)


def _write(out: Path, role: RoleName, found: Places, settings: Settings, dates: Range) -> None:
    links = links_of(found, settings, str(out.parent))
    page = html(compose(role, found, settings, dates, links))
    LocalStore(out.parent).put(out.name, page)
    click.echo(f"{out}: {role}, {size(len(page))}")


def _check(found: Places, role: RoleName, dates: Range) -> None:
    if dates.first and dates.last and dates.first > dates.last:
        raise SettingsError("--from is after --to; exchange them")
    if missing := [kind for kind in _PLACES[role] if not getattr(found, f"{kind}_at")]:
        names = ", ".join(f"storage.{kind}" for kind in missing)
        raise SettingsError(f"nobody says where to look: name {names} in the settings (--config), or give --data")
