"""Make the page for the operator: what became of every record, and when."""

from collections import Counter

from jobs.report.formatting import Periods, number
from jobs.report.granted_tables import GrantedTables
from jobs.report.page import Figure, Table, Tile
from jobs.report.pages.figures import bars_by_period, empty_figure, ranking
from jobs.report.pages.operator_balance import balance, balances
from jobs.report.pages.operator_dates import OperatorData, dates, lags, objects
from schemas.outcome import UNKNOWN_DATE
from transforms.report import flow

_MOST_POSITIONS = 200
_NONE_QUARANTINED = "Nothing is quarantined."


def tiles(data: OperatorData, tables: GrantedTables) -> tuple[Tile, ...]:
    """Return the numbers that somebody on call needs first."""
    sums: Counter[str] = Counter()
    for counts in balances(data.releases, tables).values():
        for (disposition, _), count in counts.items():
            sums[disposition] += count
    waiting = [d for d in data.dates if d in data.closed and d not in data.releases]
    failed = [d for d, audit in data.audits.items() if audit.failures]
    return (
        Tile("Records read", number(sums.total())),
        Tile("Released dates", number(sum(d in data.releases for d in data.dates))),
        Tile("Closed, not released", number(len(waiting))),
        Tile("Did not pass", number(len(failed)), "dates, at the newest try"),
        Tile("Held", number(sums["held"])),
        Tile("Quarantined", number(sums["quarantined"])),
    )


def figures(data: OperatorData, tables: GrantedTables) -> tuple[Figure, ...]:
    """Return every figure."""
    periods = Periods(d for d in data.dates if d != UNKNOWN_DATE)
    return (
        balance(data.releases, tables),
        _quarantined(tables),
        *lags(data, tables, periods),
        dates(data, tables),
        _positions(tables),
        _conflicts(data, periods),
        _versions(data, periods),
        _expectations(data),
        *objects(data, periods),
    )


def _quarantined(tables: GrantedTables) -> Figure:
    key, title, caption = "quarantined", "Quarantine by reason", "What is quarantined still; what was recycled is not."
    rows = tables.query(flow.QUARANTINED)
    if not rows:
        return empty_figure(key, title, caption, tables, flow.QUARANTINED, _NONE_QUARANTINED)
    return ranking(key, title, caption, "reason", rows, "records", with_shares=False)


def _positions(tables: GrantedTables) -> Figure:
    key, title = "positions", "Where quarantined records are"
    rows = tables.query(flow.POSITIONS, most=_MOST_POSITIONS)
    caption = (
        f"The newest dates first, {_MOST_POSITIONS} at the most; contact-billing quarantine list has all of them, and "
        "quarantine show one of them, by source and position."
    )
    if not rows:
        return empty_figure(key, title, caption, tables, flow.POSITIONS, _NONE_QUARANTINED)
    return Figure(key, title, caption, Table(("date", "reason", "field", "source", "position"), tuple(rows), texts=4))


def _conflicts(data: OperatorData, periods: Periods) -> Figure:
    counts = {
        (date, "conflicts"): release.newest.warnings.get("extension_conflict", 0)
        for date, release in data.releases.items()
    }
    return bars_by_period(
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


def _versions(data: OperatorData, periods: Periods) -> Figure:
    counts = {(date, "versions"): release.newest.version for date, release in data.releases.items()}
    caption = "More than one: lines of the date were amended, or its contract was changed."
    return bars_by_period(
        "versions",
        "Versions",
        caption,
        periods,
        ("versions",),
        counts,
        "versions",
        number,
        empty="Nothing is released yet.",
    )


def _expectations(data: OperatorData) -> Figure:
    rows: list[tuple[str, ...]] = []
    for date, audit in data.audits.items():
        rows += [
            (date, f"v{audit.version:04d}", failure.partition(":")[0], "stops", failure) for failure in audit.failures
        ]
        for e in audit.expectations:
            if not e.passed and e.severity == "warn":
                text = f"{e.rule}: {number(e.unexpected)} of {number(e.rows)} rows"
                rows.append((date, f"v{audit.version:04d}", e.rule, "warns", text))
    caption = "Data rules that did not hold at the newest try of each date, and whether that stopped its release."
    head = ("date", "version", "rule", "severity", "what was found")
    table = Table(head, tuple(rows), texts=5) if rows else None
    missing = "" if rows else "Every data rule held."
    return Figure("expectations", "Failed expectations", caption, table, missing=missing, open_table=len(rows) <= 10)
