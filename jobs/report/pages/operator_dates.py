"""Make the figures of the operator's page about dates: ledger contents, state of the release, and lag."""

import datetime
from collections import defaultdict
from typing import Any

import msgspec

from jobs.report.contacts import DateObjects
from jobs.report.formatting import Periods, duration, number, size
from jobs.report.granted_tables import GrantedTables
from jobs.report.page import Figure, Table
from jobs.report.pages.figures import SPREAD, bars_by_period, not_granted
from jobs.report.release_history import ReleasedDate
from schemas.manifest import Audit
from schemas.outcome import UNKNOWN_DATE
from transforms.report import flow


class OperatorData(msgspec.Struct, frozen=True):
    """The dates with their releases, newest audits, ledger objects, and which of them are closed."""

    dates: list[str]
    releases: dict[str, ReleasedDate]
    audits: dict[str, Audit]
    objects: dict[str, DateObjects]
    closed: frozenset[str]


def dates(data: OperatorData, tables: GrantedTables) -> Figure:
    """Return a table with one row per date."""
    read: dict[str, int] = defaultdict(int)
    for date, *_, count in tables.query(flow.BALANCE):
        read[date] += count
    rows = []
    for date in data.dates:
        release, audit, objects = data.releases.get(date), data.audits.get(date), data.objects.get(date, DateObjects())
        read_then = release.newest.control.read if release else 0
        rows.append(
            (
                date,
                _state(date, data),
                f"v{release.newest.version:04d}" if release else "-",
                (release.published_at or "-") if release else "-",
                number(read[date]),
                number(read[date] - read_then) if release else "-",
                number(len(audit.failures)) if audit else "-",
                number(objects.count),
                size(objects.size),
            )
        )
    head = ("date", "state", "version", "published", "read", "read since", "failures", "ledger objects", "ledger size")
    return Figure(
        "dates",
        "Dates",
        "What is in the ledger of every date, and how far its release is. Read since: records that came after the "
        "newest version, and have changed none of its lines or wait for the next release.",
        Table(head, tuple(rows), texts=4) if rows else None,
        missing="" if rows else "The ledger has no row on these dates.",
        wide=True,
        open_table=True,
    )


def _state(date: str, data: OperatorData) -> str:
    if date == UNKNOWN_DATE:
        return "never released"
    audit = data.audits.get(date)
    if audit and audit.failures:
        return "did not pass"
    if date in data.releases:
        return "released"
    return "closed, not released" if date in data.closed else "open"


def lags(data: OperatorData, tables: GrantedTables, periods: Periods) -> tuple[Figure, Figure]:
    """Return the lags from the disconnect to the record and to the release."""
    from jobs.report.pages import charts

    rows = tables.query(flow.LAG)
    missing = not_granted(tables, flow.LAG) or "No contact that counts has ended on these dates."
    record_values, record_rows, release_values, release_rows = [], [], [], []
    for date, contacts, usual, most, half, tenth in rows:
        record_rows.append((date, number(contacts), duration(usual), duration(most)))
        record_values += [{"date": date, "n": v, "series": s} for s, v in zip(SPREAD, (usual, most), strict=True)]
        release = data.releases.get(date)
        if release and release.published_at:
            at = datetime.datetime.fromisoformat(release.published_at).timestamp()
            lags = [int(at - micros / 1e6) for micros in (half, tenth)]
            release_rows.append((date, release.published_at, *map(duration, lags)))
            release_values += [{"date": date, "n": v / 3600, "series": s} for s, v in zip(SPREAD, lags, strict=True)]

    def figure(key: str, title: str, caption: str, values: list[dict[str, Any]], unit: str, table: Table) -> Figure:
        if not values:
            return Figure(
                key, title, caption, missing=missing if not rows else "None of these dates was announced yet."
            )
        values = [v | {"date": periods.brief(v["date"])} for v in values]
        drawing = charts.to_svg(charts.lines(values, "date", "n", "series", SPREAD, unit), key, f"Lines: {title}.")
        return Figure(
            key, title, caption + ("" if periods.name == "date" else " Many dates: see the table."), table, drawing
        )

    return (
        figure(
            "lag-record",
            "From disconnect to record",
            "Until Amazon Connect wrote the record (LastUpdateTimestamp), which arrives within moments after that; the "
            "ledger keeps no time of arrival.",
            record_values,
            "seconds",
            Table(("date", "contacts", *SPREAD), tuple(record_rows)),
        ),
        figure(
            "lag-release",
            "From disconnect to release",
            "Until the newest version of the date was announced; one that amends counts from the same disconnect.",
            release_values,
            "hours",
            Table(("date", "published", *SPREAD), tuple(release_rows), texts=2),
        ),
    )


def objects(data: OperatorData, periods: Periods) -> tuple[Figure, Figure]:
    """Return the numbers of ledger objects, and the sizes of ledger and release."""
    dated = {date: objects for date, objects in data.objects.items() if date != UNKNOWN_DATE}
    counts = {(date, "objects"): objects.count for date, objects in dated.items()}
    sizes = {(date, "ledger"): objects.size for date, objects in dated.items()}
    sizes |= {(d, "release"): sum(f.bytes for f in release.newest.files) for d, release in data.releases.items()}
    empty = "The ledger has no object on these dates."
    return (
        bars_by_period(
            "objects",
            "Objects in the ledger",
            "Parts and recycled rows.",
            periods,
            ("objects",),
            counts,
            "objects",
            number,
            empty=empty,
        ),
        bars_by_period(
            "sizes",
            "Sizes",
            "Of the ledger's objects, and of the newest version's files.",
            periods,
            ("ledger", "release"),
            sizes,
            "kB",
            lambda n: f"{n / 1000:,.1f}",
            1000,
            empty=empty,
        ),
    )
