"""`contact-billing report`: a role's page, written to a file or served."""

from pathlib import Path

import msgspec

from jobs.report.http_server import PageRequest, serve
from jobs.report.page import html
from jobs.report.page_for_role import links_of, page_for_role
from jobs.report.result import ReportResult
from jobs.runtime.output import Emit
from jobs.settings.date_range import DateRange
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


class ReportRequest(msgspec.Struct, frozen=True):
    """What a user asks for: whose page, of which dates, settings and folder."""

    role: RoleName
    dates: DateRange
    config: Path | None
    data: Path | None


def run_write(request: ReportRequest, out: Path, emit: Emit) -> None:
    """Writes the page."""
    settings, locations = _inputs(request)
    links = links_of(locations, settings, str(out.parent))
    page = html(page_for_role(request.role, locations, settings, request.dates, links))
    LocalStore(out.parent).put(out.name, page)
    emit(ReportResult(str(out), request.role, len(page)))


def run_serve(request: ReportRequest, listen: tuple[str, int], emit: Emit) -> None:
    """Serves the page until it is stopped."""
    settings, locations = _inputs(request)
    serve(PageRequest(request.role, locations, settings, request.dates), listen, emit)


def _inputs(request: ReportRequest) -> tuple[Settings, StorageLocations]:
    """Settings and locations. SettingsError: they do not say where to look."""
    request.dates.check()
    settings = load_settings(request.config)
    locations = resolve_locations(settings.storage, request.data)
    if missing := [kind for kind in _PLACES[request.role] if not locations.uri(kind)]:
        names = ", ".join(f"storage.{kind}" for kind in missing)
        raise SettingsError(f"nobody says where to look: name {names} in the settings (--config), or give --data")
    return settings, locations
