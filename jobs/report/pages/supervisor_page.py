"""Make the page for the supervisor of the call center: how patients were served."""

from collections import Counter
from collections.abc import Sequence

from jobs.report.formatting import HOURS, WEEKDAYS, Periods, duration, number, share
from jobs.report.granted_tables import GrantedTables
from jobs.report.page import Figure, Table, Tile
from jobs.report.pages.figures import empty_figure
from jobs.report.pages.supervisor_callers import chains, repeated, resolved
from jobs.report.pages.supervisor_waiting import handling, time_to_answer, time_to_answer_by_hour
from transforms.report import service
from transforms.report.query import Query


def tiles(tables: GrantedTables) -> tuple[Tile, ...]:
    """Return the shares of inbound contacts, and how long they waited."""
    results: Counter[str] = Counter()
    for _, result, count in tables.query(service.SHARES):
        results[result] += count
    total = results.total()
    tiles = [Tile("Inbound contacts", number(total))] if total else []
    for result in service.RESULTS[:3] if total else ():
        tiles.append(Tile(result.capitalize(), share(results[result], total), number(results[result])))
    for count, _, usual, most in tables.query(service.TIME_TO_ANSWER_IN_ALL):
        if count:
            tiles.append(Tile("Time to answer", duration(usual), f"median; 90 % within {duration(most)}"))
    return tuple(tiles)


def figures(tables: GrantedTables, dates: list[str], zone: str) -> tuple[Figure, ...]:
    """Return every figure; hours and weekdays are those of the time zone."""
    periods = Periods(dates)
    return (
        _shares(tables, periods),
        _outcomes(tables),
        _by_time(tables, service.BY_HOUR, "hours", "By hour of the day", HOURS, 0, zone),
        _by_time(tables, service.BY_WEEKDAY, "weekdays", "By weekday", WEEKDAYS, 1, zone),
        _by_weekday_and_hour(tables, zone),
        time_to_answer(tables),
        time_to_answer_by_hour(tables, zone),
        handling(tables, service.BY_QUEUE, "queues", "By queue", "queue"),
        handling(tables, service.BY_PROVIDER, "providers", "By provider", "agent id"),
        chains(tables),
        repeated(tables, periods),
        resolved(tables),
    )


def _shares(tables: GrantedTables, periods: Periods) -> Figure:
    from jobs.report.pages import charts

    key, title = "shares", "Answered, voicemail, abandoned"
    caption = (
        f"Shares of all inbound contacts of a {periods.name}; the rest ended in the menu. "
        "Each leg of a transfer is a contact."
    )
    counts = periods.sums(tables.query(service.SHARES))
    if not counts:
        return empty_figure(key, title, caption, tables, service.SHARES)
    totals = {p: sum(count for (q, _), count in counts.items() if q == p) for p in periods.all}
    results = service.RESULTS[:3]
    values = [
        {"period": periods.brief(p), "share": counts[p, r] / totals[p], "result": r}
        for p in periods.all
        if totals[p]
        for r in results
    ]
    chart = charts.lines(values, "period", "share", "result", results, "of inbound contacts", "%")
    rows = [
        (p, number(totals[p]), *(c for r in results for c in (number(counts[p, r]), share(counts[p, r], totals[p]))))
        for p in periods.all
    ]
    head = (periods.name, "inbound", *(cell for r in results for cell in (r, "share")))
    return Figure(key, title, caption, Table(head, tuple(rows)), charts.to_svg(chart, key, f"Lines: {title}."))


def _outcomes(tables: GrantedTables) -> Figure:
    from jobs.report.pages import charts

    key, title = "outcomes", "Contacts by outcome and reason"
    caption = "What counts of every contact, of all channels. Billable and held calls reached a provider."
    rows = tables.query(service.OUTCOMES)
    if not rows:
        return empty_figure(key, title, caption, tables, service.OUTCOMES)
    values = [
        {"outcome": reason or outcome, "contacts": count, "text": number(count)} for outcome, reason, count in rows
    ]
    table = Table(("outcome", "reason", "contacts"), tuple((o, r, number(n)) for o, r, n in rows), texts=2)
    chart = charts.ranked_bars(values, "outcome", "contacts", "contacts")
    return Figure(key, title, caption, table, charts.to_svg(chart, key, f"Bars: {title}."))


def _by_time(
    tables: GrantedTables, query: Query, key: str, title: str, names: Sequence[str], first: int, zone: str
) -> Figure:
    """Return contacts by hour or weekday: by result in the chart, by outcome or reason in the table.

    `first` is the number of the first of `names` in the rows of the query.
    """
    from jobs.report.pages import charts

    caption = f"When contacts began, in {zone}, and what became of them; the table tells the reasons apart."
    rows = tables.query(query, zone=zone)
    if not rows:
        return empty_figure(key, title, caption, tables, query)
    by_result: Counter[tuple[str, str]] = Counter()
    by_reason: Counter[tuple[str, str]] = Counter()
    totals: Counter[str] = Counter()
    for part, result, reason, outcome, count in rows:
        column = outcome if reason is None or outcome == "held" else reason
        by_result[names[part - first], result] += count
        by_reason[names[part - first], column] += count
        totals[column] += count
    results = [result for result in service.RESULTS if any(r == result for _, r in by_result)]
    values = [{"at": name[:3], "n": by_result[name, r], "result": r} for name in names for r in results]
    chart = charts.stacked_bars(values, "at", "n", "result", results, "contacts")
    columns = sorted(totals, key=lambda column: -totals[column])
    table = Table(
        (title.removeprefix("By "), *columns),
        tuple((name, *(number(by_reason[name, c]) for c in columns)) for name in names),
    )
    return Figure(key, title, caption, table, charts.to_svg(chart, key, f"Bars: contacts {title.lower()}."))


def _by_weekday_and_hour(tables: GrantedTables, zone: str) -> Figure:
    from jobs.report.pages import charts

    key, title = "week", "By weekday and hour"
    caption = f"When contacts began, in {zone}: the darker, the more of them."
    rows = tables.query(service.BY_WEEKDAY_AND_HOUR, zone=zone)
    if not rows:
        return empty_figure(key, title, caption, tables, service.BY_WEEKDAY_AND_HOUR)
    counts = Counter({(WEEKDAYS[day - 1], HOURS[hour]): count for day, hour, count in rows})
    values = [{"day": d[:3], "hour": h, "n": counts[d, h]} for d in WEEKDAYS for h in HOURS]
    chart = charts.heatmap(values, "hour", "day", "n", "contacts", HOURS, [d[:3] for d in WEEKDAYS])
    table = Table(("weekday", *HOURS), tuple((d, *(number(counts[d, h]) for h in HOURS)) for d in WEEKDAYS))
    return Figure(key, title, caption, table, charts.to_svg(chart, key, f"Fields: contacts {title.lower()}."))
