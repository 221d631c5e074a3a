"""Flow: what became of every record, and when. In: ledger, releases and audits. Out: the figures for those on call."""

from jobs.report.figures import not_granted, ranked, upright
from jobs.report.formatting import Periods, number
from jobs.report.granted_tables import GrantedTables
from jobs.report.operator_balance import balance, balances
from jobs.report.operator_dates import Flow, dates, lags, objects
from jobs.report.page import Figure, Table, Tile
from schemas.outcome import UNKNOWN_DATE
from transforms.report import flow

_MOST_POSITIONS = 200


def tiles(found: Flow, tables: GrantedTables) -> tuple[Tile, ...]:
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


def figures(found: Flow, tables: GrantedTables) -> tuple[Figure, ...]:
    """Every figure."""
    periods = Periods(d for d in found.dates if d != UNKNOWN_DATE)
    return (
        balance(found.released, tables),
        _quarantined(tables),
        *lags(found, tables, periods),
        dates(found, tables),
        _positions(tables),
        _conflicts(found, periods),
        _versions(found, periods),
        _expectations(found),
        *objects(found, periods),
    )


def _quarantined(tables: GrantedTables) -> Figure:
    key, title, says = "quarantined", "Quarantine by reason", "What is quarantined still; what was recycled is not."
    rows = tables.query(flow.QUARANTINED)
    if not rows:
        return Figure(key, title, says, missing=not_granted(tables, flow.QUARANTINED) or "Nothing is quarantined.")
    return ranked(key, title, says, "reason", rows, "records", with_shares=False)


def _positions(tables: GrantedTables) -> Figure:
    key, title = "positions", "Where quarantined records are"
    rows = tables.query(flow.POSITIONS, most=_MOST_POSITIONS)
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
