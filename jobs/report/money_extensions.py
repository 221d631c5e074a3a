"""Extensions: what was billed by provider extension, and when."""

from collections import defaultdict

from jobs.report.page import Figure, Table
from jobs.report.sections import not_granted
from jobs.report.tables import Tables
from jobs.report.words import Periods, minutes, number
from transforms import figures_money as money

_TOP = 20


def by_extension(tables: Tables) -> Figure:
    """Calls and minutes, most minutes first."""
    from jobs.report import charts

    key, title, says = (
        "extensions",
        "By provider extension",
        "From the lines of the newest versions, most minutes first.",
    )
    rows = tables.ask(money.BY_EXTENSION)
    if not rows:
        return Figure(key, title, says, missing=not_granted(tables, money.BY_EXTENSION) or "Nothing is billed.")
    named = [(_extension(e), inbound, outbound, calls, seconds or 0) for e, inbound, outbound, calls, seconds in rows]
    values = [{"extension": e, "minutes": s / 60, "told": minutes(s)} for e, *_, s in named[:_TOP]]
    if len(named) > _TOP:
        says += f" The {_TOP} with the most are drawn, all {number(len(named))} are in the table."
    chart = charts.drawn(charts.ranked(values, "extension", "minutes", "minutes"), key, f"Bars: {title}.")
    table = Table(
        ("extension", "inbound calls", "outbound calls", "calls", "minutes", "seconds"),
        tuple((e, number(i), number(o), number(c), minutes(s), number(s)) for e, i, o, c, s in named),
    )
    return Figure(key, title, says, table, chart)


def by_period_and_extension(tables: Tables, periods: Periods) -> Figure:
    """The same, period by period."""
    from jobs.report import charts

    key, title = "dates-and-extensions", f"By {periods.name} and provider extension"
    says = "Minutes billed, and the number of calls behind them."
    rows = tables.ask(money.BY_DATE_AND_EXTENSION)
    if not rows:
        return Figure(
            key, title, says, missing=not_granted(tables, money.BY_DATE_AND_EXTENSION) or "Nothing is billed."
        )
    found: dict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    sums: dict[str, int] = defaultdict(int)
    for date, extension, calls, seconds in rows:
        place = (_extension(extension), periods.of(date))
        found[place] = (found[place][0] + calls, found[place][1] + (seconds or 0))
        sums[place[0]] += seconds or 0
    order = sorted(sums, key=lambda e: (-sums[e], e))
    values = [
        {"extension": e, "period": periods.brief(p), "minutes": found[e, p][1] / 60}
        for e in order[:_TOP]
        for p in periods.all
        if (e, p) in found
    ]
    across = [periods.brief(p) for p in periods.all]
    chart = charts.heat(values, "period", "extension", "minutes", "minutes", across, order[:_TOP])
    drawing = charts.drawn(chart, key, f"Fields: {title}, the darker the more minutes.")
    table = Table(
        ("extension", *periods.all),
        tuple((e, *(_calls_and_minutes(found.get((e, p))) for p in periods.all)) for e in order),
    )
    return Figure(key, title, says, table, drawing)


def _extension(value: str | None) -> str:
    return "not in the contract" if value is None else value


def _calls_and_minutes(found: tuple[int, int] | None) -> str:
    return f"{minutes(found[1])} ({number(found[0])})" if found else ""
