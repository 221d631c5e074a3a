"""`contact-billing report`: a role's page, written to a file or served."""

from pathlib import Path

import msgspec

from jobs.report.http_server import Served, serve
from jobs.report.page import html
from jobs.report.page_for_role import Range, compose, links_of
from jobs.report.result import ReportResult
from jobs.runtime.output import Emit
from jobs.settings.locations import StorageLocations, resolve_locations
from jobs.settings.settings import Settings, load_settings
from schemas.errors import SettingsError
from schemas.report_roles import RoleName
from sinks.store import LocalStore

# What is read for a role.
_PLACES: dict[RoleName, tuple[str, ...]] = {
    "billing": ("release",),
    "supervisor": ("ledger",),
    "operator": ("ledger", "release", "audit"),
}


class Asked(msgspec.Struct, frozen=True):
    """What a user asks for: whose page, of which dates, settings and folder."""

    role: RoleName
    dates: Range
    config: Path | None
    data: Path | None


def run_write(asked: Asked, out: Path, emit: Emit) -> None:
    """Writes the page."""
    settings, locations = _given(asked)
    links = links_of(locations, settings, str(out.parent))
    page = html(compose(asked.role, locations, settings, asked.dates, links))
    LocalStore(out.parent).put(out.name, page)
    emit(ReportResult(str(out), asked.role, len(page)))


def run_serve(asked: Asked, listen: tuple[str, int], emit: Emit) -> None:
    """Serves the page until it is stopped."""
    settings, locations = _given(asked)
    serve(Served(asked.role, locations, settings, asked.dates), listen, emit)


def _given(asked: Asked) -> tuple[Settings, StorageLocations]:
    """Settings and locations. SettingsError: they do not say where to look."""
    if asked.dates.first and asked.dates.last and asked.dates.first > asked.dates.last:
        raise SettingsError("--from is after --to; exchange them")
    settings = load_settings(asked.config)
    locations = resolve_locations(settings.storage, asked.data)
    if missing := [kind for kind in _PLACES[asked.role] if not locations.uri(kind)]:
        names = ", ".join(f"storage.{kind}" for kind in missing)
        raise SettingsError(f"nobody says where to look: name {names} in the settings (--config), or give --data")
    return settings, locations
