"""Compose: a role, and what there is of ledger, releases and audits, in; the page of the role out.

Billing reads the release alone, the supervisor the ledger alone; both only for what the role was granted.
"""

from urllib.parse import quote

import msgspec

from jobs.report import billing_page as money
from jobs.report import operator_page as flow
from jobs.report import supervisor_page as service
from jobs.report.contacts import read_contacts
from jobs.report.figures import Addresses
from jobs.report.formatting import counted
from jobs.report.granted_tables import GrantedTables
from jobs.report.lines import read_lines
from jobs.report.operator_dates import Flow
from jobs.report.page import Figure, Page, Tile
from jobs.report.release_history import released, released_dates
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

Told = tuple[list[str], tuple[Tile, ...], tuple[Figure, ...]]


def page_for_role(
    role: RoleName,
    locations: StorageLocations,
    settings: Settings,
    dates: DateRange,
    links: str,
    refresh_seconds: int = 0,
) -> Page:
    """The page of a role. ContactBillingError: something cannot be read, or is not what it should be."""
    with GrantedTables(settings.report.roles.of(role)) as tables:
        match role:
            case "billing":
                shown, tiles, figures = _billing_page(locations, dates, tables, Addresses(links))
            case "supervisor":
                shown, tiles, figures = _supervisor_page(locations, settings, dates, tables)
            case "operator":
                shown, tiles, figures = _operator_page(locations, settings, dates, tables)
    facts = (
        ("Role", role),
        ("Billing dates", _span([date for date in shown if date != UNKNOWN_DATE])),
        ("Time zone", settings.billing.time_zone),
        ("Software", software_version()),
    )
    return Page(role, TITLES[role], _billed(settings), facts, tiles, figures, refresh_seconds)


def _billing_page(locations: StorageLocations, dates: DateRange, tables: GrantedTables, addresses: Addresses) -> Told:
    partner = locations.release_store()
    there = released_dates(partner)
    shown = [released(partner, date) for date in there if dates.has_billing_date(date)]
    read_lines(partner, shown, tables)
    names = [one.billing_date for one in shown]
    before = _earlier(partner, names, there)
    return names, money.tiles(shown), money.figures(shown, before, tables, addresses)


def _earlier(partner: Store, shown: list[str], there: list[str]) -> dict[str, Manifest]:
    """The newest manifests of the weeks before the first date that is shown."""
    if not shown:
        return {}
    first = min(same_weekdays_before(shown[0]), default=shown[0])
    return {date: released(partner, date).newest for date in there if first <= date < shown[0]}


def _supervisor_page(locations: StorageLocations, settings: Settings, dates: DateRange, tables: GrantedTables) -> Told:
    ledger = locations.open_ledger(settings, claim=False)
    shown = [date for date in ledger.dates() if date != UNKNOWN_DATE and dates.has_billing_date(date)]
    read_contacts(ledger, shown, tables)
    return shown, service.tiles(tables), service.figures(tables, shown, settings.billing.time_zone)


def _operator_page(locations: StorageLocations, settings: Settings, dates: DateRange, tables: GrantedTables) -> Told:
    ledger, partner = locations.open_ledger(settings, claim=False), locations.release_store()
    closed = frozenset(ledger.closed())
    versions = set(released_dates(partner))
    # Dates on which nothing came are closed and released, too.
    shown = [date for date in sorted({*ledger.dates(), *versions, *closed}) if dates.has_billing_date(date)]
    objects = read_contacts(ledger, shown, tables)
    known = Flow(
        shown,
        {date: released(partner, date) for date in shown if date in versions},
        _audits(locations.audit_store(), shown),
        objects,
        closed,
    )
    return shown, flow.tiles(known, tables), flow.figures(known, tables)


def _audits(store: Store, shown: list[str]) -> dict[str, Audit]:
    """The audit of the newest try of every date, where it can be read; its failures are those of the last attempt."""
    newest: dict[str, int] = {}
    for date, version in filter(None, map(audited_version, store.names(""))):
        if date in shown:
            newest[date] = max(newest.get(date, 0), version)
    found = {date: read_audit(store, date, version) for date, version in sorted(newest.items())}
    # A later attempt that had nothing new to publish has written no audit.
    last = {date: read_attempt(store, date) for date in found}
    return {
        date: msgspec.structs.replace(audit, failures=attempt.failures) if (attempt := last[date]) else audit
        for date, audit in found.items()
        if audit is not None
    }


def _span(dates: list[str]) -> str:
    if not dates:
        return "none"
    return f"{dates[0]} to {dates[-1]}, {counted(len(dates), 'date')}" if len(dates) > 1 else dates[0]


def _billed(settings: Settings) -> str:
    least = settings.billing.minimum_call_seconds
    return (
        "A call that a provider took, inbound or outbound, with at least "
        f"{counted(least, 'second')} of talk and hold, whose provider extension is known; one line for each contact, "
        "by its latest record. Voicemails, abandoned calls, answering machines and calls that nobody answered are "
        "excluded. Minutes are talk and hold. A billing date is the day on which a contact began, in the time zone "
        "above."
    )


def links_of(locations: StorageLocations, settings: Settings, page_folder: str) -> str:
    """Where a page's links to the release lead: as configured, else relative to the page's folder, else s3://."""
    import os.path

    if settings.report.links:
        return settings.report.links.rstrip("/")
    if (release := locations.release) is None or release.folder is None:
        return locations.uri("release").rstrip("/")
    return quote(os.path.relpath(release.folder, page_folder).replace(os.sep, "/"))
