"""Flow: what became of every record, and when. In: ledger, releases and audits. Out: the figures for those on call."""

import datetime
from collections import defaultdict
from typing import Any

import msgspec

from jobs.report.contacts import Objects
from jobs.report.flow_balance import balance, balances
from jobs.report.page import Figure, Table, Tile
from jobs.report.released import ReleasedDate
from jobs.report.sections import not_granted, upright
from jobs.report.tables import Tables
from jobs.report.words import Periods, duration, number, size
from schemas.manifest import Audit
from schemas.outcome import UNKNOWN_DATE
from transforms import figures_flow as flow

_MOST_POSITIONS = 200


class Flow(msgspec.Struct, frozen=True):
    """What is known of the dates: versions, audits of the newest tries, the ledger's objects, and which are closed."""

    dates: list[str]
    released: dict[str, ReleasedDate]
    audits: dict[str, Audit]
    objects: dict[str, Objects]
    closed: frozenset[str]


def tiles(found: Flow, tables: Tables) -> tuple[Tile, ...]:
    """What somebody on call looks at first."""
    rows = balances(found.released, tables)
    read = sum(sum(boxes.values()) for boxes in rows.values())
    waiting = [d for d in found.dates if d in found.closed and d not in found.released]
    failed = [d for d, audit in found.audits.items() if audit.failures]
    quarantined = sum(n for boxes in rows.values() for (what, _), n in boxes.items() if what == "quarantined")
    held = sum(n for boxes in rows.values() for (what, _), n in boxes.items() if what == "held")
    return (
        Tile("Records read", number(read)),
        Tile("Released dates", number(sum(d in found.released for d in found.dates))),
        Tile("Closed, not released", number(len(waiting))),
        Tile("Did not pass", number(len(failed)), "dates, at the newest try"),
        Tile("Held", number(held)),
        Tile("Quarantined", number(quarantined)),
    )


def figures(found: Flow, tables: Tables) -> tuple[Figure, ...]:
    """Every figure."""
    periods = Periods(d for d in found.dates if d != UNKNOWN_DATE)
    return (
        balance(found.released, tables),
        _quarantined(tables),
        *_lags(found, tables, periods),
        _dates(found, tables),
        _positions(tables),
        _conflicts(found, periods),
        _versions(found, periods),
        _expectations(found),
        *_objects(found, periods),
    )


def _dates(found: Flow, tables: Tables) -> Figure:
    now: dict[str, int] = defaultdict(int)
    for date, *_, count in tables.ask(flow.BALANCE):
        now[date] += count
    rows = []
    for date in found.dates:
        one, audit, objects = found.released.get(date), found.audits.get(date), found.objects.get(date, Objects())
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
        "What is in the ledger of every date, and how far its release is. Read since: records that came after the newest "
        "version and have changed none of its lines, or wait for the next release.",
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


def _lags(found: Flow, tables: Tables, periods: Periods) -> tuple[Figure, Figure]:
    from jobs.report import charts

    order = ("median", "90th percentile")
    rows = tables.ask(flow.LAG)
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
            "Until Amazon Connect wrote the record (LastUpdateTimestamp), which then arrives within moments; the ledger "
            "keeps no time of arrival.",
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


def _quarantined(tables: Tables) -> Figure:
    from jobs.report import charts

    key, title, says = "quarantined", "Quarantine by reason", "What is quarantined still; what was recycled is not."
    rows = tables.ask(flow.QUARANTINED)
    if not rows:
        return Figure(key, title, says, missing=not_granted(tables, flow.QUARANTINED) or "Nothing is quarantined.")
    values = [{"reason": r, "n": n, "told": number(n)} for r, n in rows]
    table = Table(("reason", "records"), tuple((r, number(n)) for r, n in rows))
    drawing = charts.drawn(charts.ranked(values, "reason", "n", "records"), key, f"Bars: {title}.")
    return Figure(key, title, says, table, drawing)


def _positions(tables: Tables) -> Figure:
    key, title = "positions", "Where quarantined records are"
    rows = tables.ask(flow.POSITIONS, most=_MOST_POSITIONS)
    says = (
        f"The newest dates first, {_MOST_POSITIONS} at the most; contact-billing quarantine list has all of them, and "
        "quarantine show one of them, by source and position."
    )
    if not rows:
        return Figure(key, title, says, missing=not_granted(tables, flow.POSITIONS) or "Nothing is quarantined.")
    return Figure(key, title, says, Table(("date", "reason", "field", "source", "position"), tuple(rows), texts=4))


def _conflicts(found: Flow, periods: Periods) -> Figure:
    counts = {
        (date, "conflicts"): one.newest.warnings.get("extension_conflict", 0) for date, one in found.released.items()
    }
    return upright(
        "conflicts",
        "Agent-table conflicts",
        "Billed lines whose contact attribute and agent-extension table name different extensions.",
        periods,
        ("conflicts",),
        counts,
        "lines",
        number,
        empty="No released line has two extensions to choose from.",
    )


def _versions(found: Flow, periods: Periods) -> Figure:
    counts = {(date, "versions"): one.newest.version for date, one in found.released.items()}
    says = "More than one: lines of the date were amended, or its contract was changed."
    return upright(
        "versions",
        "Versions",
        says,
        periods,
        ("versions",),
        counts,
        "versions",
        number,
        empty="Nothing is released yet.",
    )


def _expectations(found: Flow) -> Figure:
    rows: list[tuple[str, ...]] = []
    for date, audit in found.audits.items():
        rows += [
            (date, f"v{audit.version:04d}", failure.partition(":")[0], "stops", failure) for failure in audit.failures
        ]
        for e in audit.expectations:
            if not e.passed and e.severity == "warn":
                told = f"{e.rule}: {number(e.unexpected)} of {number(e.rows)} rows"
                rows.append((date, f"v{audit.version:04d}", e.rule, "warns", told))
    says = "Data rules that did not hold at the newest try of each date, and whether that stopped its release."
    head = ("date", "version", "rule", "severity", "what was found")
    table = Table(head, tuple(rows), texts=5) if rows else None
    missing = "" if rows else "Every data rule held."
    return Figure("expectations", "Failed expectations", says, table, missing=missing, open_table=len(rows) <= 10)


def _objects(found: Flow, periods: Periods) -> tuple[Figure, Figure]:
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
