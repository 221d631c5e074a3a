"""Implement `contact-billing report`: write a role's page to a file, or serve it."""

from pathlib import Path

import msgspec

from jobs.report.http_server import PageRequest, serve
from jobs.report.page import html
from jobs.report.pages.page_for_role import links_of, page_for_role
from jobs.report.result import ReportResult
from jobs.runtime.output import Emit
from jobs.settings.date_range import DateRange
from jobs.settings.locations import StorageLocations, resolve_locations
from jobs.settings.settings import Settings, load_settings
from schemas.errors import SettingsError
from schemas.report_roles import RoleName
from sinks.store import LocalStore

# The storage locations that the page of a role reads.
_LOCATIONS: dict[RoleName, tuple[str, ...]] = {
    "billing": ("release",),
    "supervisor": ("ledger",),
    "operator": ("ledger", "release", "audit"),
}


class ReportRequest(msgspec.Struct, frozen=True):
    """The options of the command: role, dates, settings file, and data folder."""

    role: RoleName
    dates: DateRange
    config: Path | None
    data: Path | None


def run_write(request: ReportRequest, out: Path, emit: Emit) -> None:
    """Write the page to a file."""
    settings, locations = _inputs(request)
    links = links_of(locations, settings, str(out.parent))
    page = html(page_for_role(request.role, locations, settings, request.dates, links))
    LocalStore(out.parent).put(out.name, page)
    emit(ReportResult(str(out), request.role, len(page)))


def run_serve(request: ReportRequest, listen: tuple[str, int], emit: Emit) -> None:
    """Serve the page until a signal stops it."""
    settings, locations = _inputs(request)
    serve(PageRequest(request.role, locations, settings, request.dates), listen, emit)


def _inputs(request: ReportRequest) -> tuple[Settings, StorageLocations]:
    """Return settings and locations.

    Raises SettingsError if a location that the role needs is not set, or --from is after --to.
    """
    request.dates.check()
    settings = load_settings(request.config)
    locations = resolve_locations(settings.storage, request.data)
    if missing := [kind for kind in _LOCATIONS[request.role] if not locations.uri(kind)]:
        names = ", ".join(f"storage.{kind}" for kind in missing)
        raise SettingsError(f"no data location: set {names} in the settings file, or pass --data")
    return settings, locations
