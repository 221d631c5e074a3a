"""Dates: what is in the ledger of every date, how far its release is, and how long that took."""

import datetime
from collections import defaultdict
from typing import Any

import msgspec

from jobs.report.contacts import DateObjects
from jobs.report.figures import not_granted, upright
from jobs.report.formatting import Periods, duration, number, size
from jobs.report.granted_tables import GrantedTables
from jobs.report.page import Figure, Table
from jobs.report.release_history import ReleasedDate
from schemas.manifest import Audit
from schemas.outcome import UNKNOWN_DATE
from transforms.report import flow


class Flow(msgspec.Struct, frozen=True):
    """What is known of the dates: versions, audits of the newest tries, the ledger's objects, and which are closed."""

    dates: list[str]
    released: dict[str, ReleasedDate]
    audits: dict[str, Audit]
    objects: dict[str, DateObjects]
    closed: frozenset[str]


def dates(found: Flow, tables: GrantedTables) -> Figure:
    """A line for every date."""
    now: dict[str, int] = defaultdict(int)
    for date, *_, count in tables.query(flow.BALANCE):
        now[date] += count
    rows = []
    for date in found.dates:
        one, audit, objects = found.released.get(date), found.audits.get(date), found.objects.get(date, DateObjects())
        then = one.newest.control.read if one else 0
        rows.append(
            (
                date,
                _state(date, found),
                f"v{one.newest.version:04d}" if one else "-",
                (one.published_at or "-") if one else "-",
                number(now[date]),
                number(now[date] - then) if one else "-",
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


def _state(date: str, found: Flow) -> str:
    if date == UNKNOWN_DATE:
        return "never released"
    audit = found.audits.get(date)
    if audit and audit.failures:
        return "did not pass"
    if date in found.released:
        return "released"
    return "closed, not released" if date in found.closed else "open"


def lags(found: Flow, tables: GrantedTables, periods: Periods) -> tuple[Figure, Figure]:
    """From the disconnect to the record, and to the release."""
    from jobs.report import charts

    order = ("median", "90th percentile")
    rows = tables.query(flow.LAG)
    missing = not_granted(tables, flow.LAG) or "No contact that counts has ended on these dates."
    record, release, told, told_release = [], [], [], []
    for date, contacts, usual, most, half, tenth in rows:
        told.append((date, number(contacts), duration(usual), duration(most)))
        record += [{"date": date, "n": v, "series": s} for s, v in zip(order, (usual, most), strict=True)]
        one = found.released.get(date)
        if one and one.published_at:
            at = datetime.datetime.fromisoformat(one.published_at).timestamp()
            lags = [int(at - micros / 1e6) for micros in (half, tenth)]
            told_release.append((date, one.published_at, *map(duration, lags)))
            release += [{"date": date, "n": v / 3600, "series": s} for s, v in zip(order, lags, strict=True)]
    single = periods.name == "date"

    def figure(key: str, title: str, says: str, values: list[dict[str, Any]], unit: str, table: Table) -> Figure:
        if not values:
            return Figure(key, title, says, missing=missing if not rows else "None of these dates was announced yet.")
        short = [v | {"date": periods.brief(v["date"])} for v in values]
        drawing = charts.drawn(charts.lines(short, "date", "n", "series", order, unit), key, f"Lines: {title}.")
        return Figure(key, title, says + ("" if single else " Many dates: see the table."), table, drawing)

    return (
        figure(
            "lag-record",
            "From disconnect to record",
            "Until Amazon Connect wrote the record (LastUpdateTimestamp), which arrives within moments after that; the "
            "ledger keeps no time of arrival.",
            record,
            "seconds",
            Table(("date", "contacts", *order), tuple(told)),
        ),
        figure(
            "lag-release",
            "From disconnect to release",
            "Until the newest version of the date was announced; one that amends counts from the same disconnect.",
            release,
            "hours",
            Table(("date", "published", *order), tuple(told_release), texts=2),
        ),
    )


def objects(found: Flow, periods: Periods) -> tuple[Figure, Figure]:
    """How many objects there are, and how large they are."""
    dated = {date: objects for date, objects in found.objects.items() if date != UNKNOWN_DATE}
    counts = {(date, "objects"): objects.count for date, objects in dated.items()}
    sizes = {(date, "ledger"): objects.size for date, objects in dated.items()}
    sizes |= {(d, "release"): sum(f.bytes for f in one.newest.files) for d, one in found.released.items()}
    empty = "The ledger has no object on these dates."
    return (
        upright(
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
        upright(
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
