"""Make the figures of calls and minutes by provider extension."""

from collections import Counter

from jobs.report.formatting import Periods, minutes, number
from jobs.report.granted_tables import GrantedTables, Row
from jobs.report.page import Figure, Table
from jobs.report.pages.figures import empty_figure
from transforms.report import money

_MOST_DRAWN = 20
# Callers type in extensions, so there can be thousands. The rest is one row.
_MOST_LISTED, _MOST_LISTED_BY_PERIOD = 500, 150
_EMPTY = "Nothing is billed."


def by_extension(tables: GrantedTables) -> Figure:
    """Return calls and minutes by extension, most minutes first."""
    from jobs.report.pages import charts

    key, title = "extensions", "By provider extension"
    caption = "From the lines of the newest versions, most minutes first."
    totals = tables.query(money.BY_EXTENSION)
    if not totals:
        return empty_figure(key, title, caption, tables, money.BY_EXTENSION, _EMPTY)
    rows: list[Row] = [(_extension(extension), *(count or 0 for count in counts)) for extension, *counts in totals]
    values = [{"extension": e, "minutes": s / 60, "text": minutes(s)} for e, *_, s in rows[:_MOST_DRAWN]]
    if len(rows) > _MOST_DRAWN:
        caption += f" The {_MOST_DRAWN} with the most are drawn, of {number(len(rows))}."
    if rest := rows[_MOST_LISTED:]:
        sums = (sum(column) for column in zip(*(counts for _, *counts in rest), strict=True))
        rows = [*rows[:_MOST_LISTED], (_rest_label(len(rest)), *sums)]
    chart = charts.to_svg(charts.ranked_bars(values, "extension", "minutes", "minutes"), key, f"Bars: {title}.")
    head = ("extension", "inbound calls", "outbound calls", "calls", "minutes", "seconds")
    cells = tuple((e, number(i), number(o), number(c), minutes(s), number(s)) for e, i, o, c, s in rows)
    return Figure(key, title, caption, Table(head, cells), chart)


def by_period_and_extension(tables: GrantedTables, periods: Periods) -> Figure:
    """Return calls and minutes by period and extension, extensions with the most minutes first."""
    from jobs.report.pages import charts

    key, title = "dates-and-extensions", f"By {periods.name} and provider extension"
    caption = f"Minutes of the {_MOST_DRAWN} extensions with the most; the table has the number of calls, too."
    rows = tables.query(money.BY_DATE_AND_EXTENSION)
    if not rows:
        return empty_figure(key, title, caption, tables, money.BY_DATE_AND_EXTENSION, _EMPTY)
    totals: Counter[str] = Counter()
    for _, extension, _, count in rows:
        totals[_extension(extension)] += count or 0
    order = sorted(totals, key=lambda e: (-totals[e], e))
    listed, rest = order[:_MOST_LISTED_BY_PERIOD], _rest_label(len(order) - _MOST_LISTED_BY_PERIOD)
    labels = dict.fromkeys(order, rest) | {e: e for e in listed}
    calls = periods.sums((date, labels[_extension(e)], count) for date, e, count, _ in rows)
    seconds = periods.sums((date, labels[_extension(e)], count or 0) for date, e, _, count in rows)
    top = order[:_MOST_DRAWN]
    values = [
        {"extension": e, "period": periods.brief(p), "minutes": seconds[p, e] / 60}
        for e in top
        for p in periods.all
        if (p, e) in calls
    ]
    across = [periods.brief(p) for p in periods.all]
    chart = charts.heatmap(values, "period", "extension", "minutes", "minutes", across, top)
    drawing = charts.to_svg(chart, key, f"Fields: {title}, the darker the more minutes.")
    cells = tuple(
        (e, *(f"{minutes(seconds[p, e])} ({number(calls[p, e])})" if (p, e) in calls else "" for p in periods.all))
        for e in ([*listed, rest] if len(order) > len(listed) else listed)
    )
    return Figure(key, title, caption, Table(("extension", *periods.all), cells), drawing)


def _extension(value: str | None) -> str:
    return "not in the contract" if value is None else value


def _rest_label(count: int) -> str:
    return f"{number(count)} others"
