"""Extensions: what was billed by provider extension, and when."""

from collections import defaultdict

from jobs.report.figures import not_granted
from jobs.report.formatting import Periods, minutes, number
from jobs.report.granted_tables import GrantedTables, Row
from jobs.report.page import Figure, Table
from transforms.report import money

_DRAWN = 20
# Extensions are typed in by callers: there can be thousands. The rest is one row.
_LISTED, _LISTED_BY_PERIOD = 500, 150


def by_extension(tables: GrantedTables) -> Figure:
    """Calls and minutes, most minutes first."""
    from jobs.report import charts

    key, title = "extensions", "By provider extension"
    says = "From the lines of the newest versions, most minutes first."
    rows = tables.query(money.BY_EXTENSION)
    if not rows:
        return Figure(key, title, says, missing=not_granted(tables, money.BY_EXTENSION) or "Nothing is billed.")
    named: list[Row] = [(_extension(extension), *(count or 0 for count in counts)) for extension, *counts in rows]
    values = [{"extension": e, "minutes": s / 60, "told": minutes(s)} for e, *_, s in named[:_DRAWN]]
    if len(named) > _DRAWN:
        says += f" The {_DRAWN} with the most are drawn, of {number(len(named))}."
    if rest := named[_LISTED:]:
        sums = (sum(column) for column in zip(*(counts for _, *counts in rest), strict=True))
        named = [*named[:_LISTED], (_others(len(rest)), *sums)]
    chart = charts.drawn(charts.ranked(values, "extension", "minutes", "minutes"), key, f"Bars: {title}.")
    head = ("extension", "inbound calls", "outbound calls", "calls", "minutes", "seconds")
    table = tuple((e, number(i), number(o), number(c), minutes(s), number(s)) for e, i, o, c, s in named)
    return Figure(key, title, says, Table(head, table), chart)


def by_period_and_extension(tables: GrantedTables, periods: Periods) -> Figure:
    """The same, period by period."""
    from jobs.report import charts

    key, title = "dates-and-extensions", f"By {periods.name} and provider extension"
    says = f"Minutes of the {_DRAWN} extensions with the most; the table has the number of calls, too."
    rows = tables.query(money.BY_DATE_AND_EXTENSION)
    if not rows:
        missing = not_granted(tables, money.BY_DATE_AND_EXTENSION) or "Nothing is billed."
        return Figure(key, title, says, missing=missing)
    sums: dict[str, int] = defaultdict(int)
    for _, extension, _, seconds in rows:
        sums[_extension(extension)] += seconds or 0
    order = sorted(sums, key=lambda e: (-sums[e], e))
    listed, others = order[:_LISTED_BY_PERIOD], _others(len(order) - _LISTED_BY_PERIOD)
    names = dict.fromkeys(order, others) | {e: e for e in listed}
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for date, extension, calls, seconds in rows:
        place = (names[_extension(extension)], periods.of(date))
        before = found.get(place, (0, 0))
        found[place] = (before[0] + calls, before[1] + (seconds or 0))
    drawn = order[:_DRAWN]
    values = [
        {"extension": e, "period": periods.brief(p), "minutes": found[e, p][1] / 60}
        for e in drawn
        for p in periods.all
        if (e, p) in found
    ]
    across = [periods.brief(p) for p in periods.all]
    chart = charts.heat(values, "period", "extension", "minutes", "minutes", across, drawn)
    drawing = charts.drawn(chart, key, f"Fields: {title}, the darker the more minutes.")
    shown = [*listed, others] if len(order) > len(listed) else listed
    cells = tuple((e, *(_minutes_and_calls(found.get((e, p))) for p in periods.all)) for e in shown)
    return Figure(key, title, says, Table(("extension", *periods.all), cells), drawing)


def _extension(value: str | None) -> str:
    return "not in the contract" if value is None else value


def _others(count: int) -> str:
    return f"{number(count)} others"


def _minutes_and_calls(found: tuple[int, int] | None) -> str:
    return f"{minutes(found[1])} ({number(found[0])})" if found else ""
