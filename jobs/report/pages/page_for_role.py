"""Compose the page of a role from the ledger, the releases, and the audits.

Billing reads the release alone, the supervisor the ledger alone, and both only the columns granted to the role.
"""

from urllib.parse import quote

import msgspec

from jobs.report.contacts import read_contacts
from jobs.report.formatting import plural
from jobs.report.granted_tables import GrantedTables
from jobs.report.lines import read_lines
from jobs.report.page import Figure, Page, Tile
from jobs.report.pages import billing_page, operator_page, supervisor_page
from jobs.report.pages.figures import Addresses
from jobs.report.pages.operator_dates import OperatorData
from jobs.report.release_history import read_released_date, released_dates
from jobs.settings.date_range import DateRange
from jobs.settings.digests import software_version
from jobs.settings.locations import StorageLocations
from jobs.settings.settings import Settings
from schemas.manifest import Audit, Manifest
from schemas.outcome import UNKNOWN_DATE
from schemas.report_roles import RoleName
from sinks.audits import read_attempt, read_audit
from sinks.paths import audited_version
from sinks.store import Store
from transforms.lines.related_dates import same_weekdays_before

TITLES: dict[RoleName, str] = {
    "billing": "Money: what was billed",
    "supervisor": "Service: how patients were served",
    "operator": "Flow: what became of every record",
}

_Content = tuple[list[str], tuple[Tile, ...], tuple[Figure, ...]]


def page_for_role(
    role: RoleName,
    locations: StorageLocations,
    settings: Settings,
    dates: DateRange,
    links: str,
    refresh_seconds: int = 0,
) -> Page:
    """Return the page of a role. Raises ContactBillingError if something cannot be read or contradicts its manifest."""
    with GrantedTables(settings.report.roles.of(role)) as tables:
        match role:
            case "billing":
                billing_dates, tiles, figures = _billing_page(locations, dates, tables, Addresses(links))
            case "supervisor":
                billing_dates, tiles, figures = _supervisor_page(locations, settings, dates, tables)
            case "operator":
                billing_dates, tiles, figures = _operator_page(locations, settings, dates, tables)
    facts = (
        ("Role", role),
        ("Billing dates", _span([date for date in billing_dates if date != UNKNOWN_DATE])),
        ("Time zone", settings.billing.time_zone),
        ("Software", software_version()),
    )
    return Page(role, TITLES[role], _billed(settings), facts, tiles, figures, refresh_seconds)


def _billing_page(
    locations: StorageLocations, dates: DateRange, tables: GrantedTables, addresses: Addresses
) -> _Content:
    partner = locations.release_store()
    existing = released_dates(partner)
    releases = [read_released_date(partner, date) for date in existing if dates.has_billing_date(date)]
    read_lines(partner, releases, tables)
    billing_dates = [release.billing_date for release in releases]
    before = _earlier(partner, billing_dates, existing)
    figures = billing_page.figures(releases, before, tables, addresses)
    return billing_dates, billing_page.tiles(releases), figures


def _earlier(partner: Store, billing_dates: list[str], existing: list[str]) -> dict[str, Manifest]:
    """Return the newest manifests of the weeks before the first date of the page."""
    if not billing_dates:
        return {}
    end = billing_dates[0]
    start = min(same_weekdays_before(end), default=end)
    return {date: read_released_date(partner, date).newest for date in existing if start <= date < end}


def _supervisor_page(
    locations: StorageLocations, settings: Settings, dates: DateRange, tables: GrantedTables
) -> _Content:
    ledger = locations.open_ledger(settings, claim=False)
    billing_dates = [date for date in ledger.dates() if date != UNKNOWN_DATE and dates.has_billing_date(date)]
    read_contacts(ledger, billing_dates, tables)
    figures = supervisor_page.figures(tables, billing_dates, settings.billing.time_zone)
    return billing_dates, supervisor_page.tiles(tables), figures


def _operator_page(
    locations: StorageLocations, settings: Settings, dates: DateRange, tables: GrantedTables
) -> _Content:
    ledger, partner = locations.open_ledger(settings, claim=False), locations.release_store()
    closed = frozenset(ledger.closed())
    versions = set(released_dates(partner))
    # Dates without records are closed and released, too.
    billing_dates = [date for date in sorted({*ledger.dates(), *versions, *closed}) if dates.has_billing_date(date)]
    objects = read_contacts(ledger, billing_dates, tables)
    data = OperatorData(
        billing_dates,
        {date: read_released_date(partner, date) for date in billing_dates if date in versions},
        _audits(locations.audit_store(), billing_dates),
        objects,
        closed,
    )
    return billing_dates, operator_page.tiles(data, tables), operator_page.figures(data, tables)


def _audits(store: Store, billing_dates: list[str]) -> dict[str, Audit]:
    """Return the newest audit of every date, if there is one, with the failures of the last attempt."""
    newest: dict[str, int] = {}
    for date, version in filter(None, map(audited_version, store.names(""))):
        if date in billing_dates:
            newest[date] = max(newest.get(date, 0), version)
    audits = {date: read_audit(store, date, version) for date, version in sorted(newest.items())}
    # A later attempt without anything new to publish does not write an audit.
    attempts = {date: read_attempt(store, date) for date in audits}
    return {
        date: msgspec.structs.replace(audit, failures=attempt.failures) if (attempt := attempts[date]) else audit
        for date, audit in audits.items()
        if audit is not None
    }


def _span(dates: list[str]) -> str:
    if not dates:
        return "none"
    return f"{dates[0]} to {dates[-1]}, {plural(len(dates), 'date')}" if len(dates) > 1 else dates[0]


def _billed(settings: Settings) -> str:
    least = settings.billing.minimum_call_seconds
    return (
        "A call that a provider took, inbound or outbound, with at least "
        f"{plural(least, 'second')} of talk and hold, whose provider extension is known; one line for each contact, "
        "by its latest record. Voicemails, abandoned calls, answering machines and calls that nobody answered are "
        "excluded. Minutes are talk and hold. A billing date is the day on which a contact began, in the time zone "
        "above."
    )


def links_of(locations: StorageLocations, settings: Settings, page_folder: str) -> str:
    """Return the base of links to the release: as configured, else relative to the page's folder, else s3://."""
    import os.path

    if settings.report.links:
        return settings.report.links.rstrip("/")
    if (release := locations.release) is None or release.folder is None:
        return locations.uri("release").rstrip("/")
    return quote(os.path.relpath(release.folder, page_folder).replace(os.sep, "/"))
