"""Service: how patients were served. In: the table of contacts. Out: the figures for those who run the call centre."""

from collections import defaultdict
from collections.abc import Sequence

from jobs.report.figures import NO_CONTACT, not_granted
from jobs.report.formatting import HOURS, WEEKDAYS, Periods, duration, number, share
from jobs.report.granted_tables import GrantedTables
from jobs.report.page import Figure, Table, Tile
from jobs.report.supervisor_callers import chains, repeated, resolved
from jobs.report.supervisor_waiting import handling, time_to_answer, time_to_answer_by_hour
from transforms.report import service
from transforms.report.query import Query


def tiles(tables: GrantedTables) -> tuple[Tile, ...]:
    """Shares of inbound contacts, and how long they waited."""
    results: dict[str, int] = defaultdict(int)
    for _, result, count in tables.query(service.SHARES):
        results[result] += count
    whole = sum(results.values())
    found = [Tile("Inbound contacts", number(whole))] if whole else []
    for result in service.RESULTS[:3] if whole else ():
        found.append(Tile(result.capitalize(), share(results[result], whole), number(results[result])))
    for count, _, usual, most in tables.query(service.TIME_TO_ANSWER_IN_ALL):
        if count:
            found.append(Tile("Time to answer", duration(usual), f"median; 90 % within {duration(most)}"))
    return tuple(found)


def figures(tables: GrantedTables, dates: list[str], zone: str) -> tuple[Figure, ...]:
    """Every figure; hours and weekdays are those of the zone."""
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
    from jobs.report import charts

    key, title = "shares", "Answered, voicemail, abandoned"
    says = (
        f"Shares of all inbound contacts of a {periods.name}; the rest ended in the menu. "
        "Each leg of a transfer is a contact."
    )
    found: dict[tuple[str, str], int] = defaultdict(int)
    for date, result, count in tables.query(service.SHARES):
        found[periods.of(date), result] += count
    if not found:
        return Figure(key, title, says, missing=not_granted(tables, service.SHARES) or NO_CONTACT)
    whole = {p: sum(count for (q, _), count in found.items() if q == p) for p in periods.all}
    drawn = service.RESULTS[:3]
    values = [
        {"period": periods.brief(p), "share": found[p, r] / whole[p], "result": r}
        for p in periods.all
        if whole[p]
        for r in drawn
    ]
    chart = charts.lines(values, "period", "share", "result", drawn, "of inbound contacts", "%")
    rows = [
        (p, number(whole[p]), *(cell for r in drawn for cell in (number(found[p, r]), share(found[p, r], whole[p]))))
        for p in periods.all
    ]
    head = (periods.name, "inbound", *(cell for r in drawn for cell in (r, "share")))
    return Figure(key, title, says, Table(head, tuple(rows)), charts.drawn(chart, key, f"Lines: {title}."))


def _outcomes(tables: GrantedTables) -> Figure:
    from jobs.report import charts

    key, title = "outcomes", "Contacts by outcome and reason"
    says = "What counts of every contact, of all channels. Billable and held calls reached a provider."
    rows = tables.query(service.OUTCOMES)
    if not rows:
        return Figure(key, title, says, missing=not_granted(tables, service.OUTCOMES) or NO_CONTACT)
    values = [
        {"outcome": reason or outcome, "contacts": count, "told": number(count)} for outcome, reason, count in rows
    ]
    table = Table(("outcome", "reason", "contacts"), tuple((o, r, number(n)) for o, r, n in rows), texts=2)
    chart = charts.ranked(values, "outcome", "contacts", "contacts")
    return Figure(key, title, says, table, charts.drawn(chart, key, f"Bars: {title}."))


def _by_time(
    tables: GrantedTables, query: Query, key: str, title: str, names: Sequence[str], first: int, zone: str
) -> Figure:
    """What became of contacts by hour or weekday, drawn by result, and by outcome and reason in the table."""
    from jobs.report import charts

    says = f"When contacts began, in {zone}, and what became of them; the table tells the reasons apart."
    rows = tables.query(query, zone=zone)
    if not rows:
        return Figure(key, title, says, missing=not_granted(tables, query) or NO_CONTACT)
    drawn: dict[tuple[str, str], int] = defaultdict(int)
    told: dict[tuple[str, str], int] = defaultdict(int)
    for place, result, reason, outcome, count in rows:
        drawn[names[place - first], result] += count
        told[names[place - first], outcome if reason is None or outcome == "held" else reason] += count
    shown = [result for result in service.RESULTS if any(r == result for _, r in drawn)]
    values = [{"at": name[:3], "n": drawn[name, r], "result": r} for name in names for r in shown]
    chart = charts.stacked(values, "at", "n", "result", shown, "contacts")
    columns = sorted({reason for _, reason in told}, key=lambda r: -sum(n for (_, q), n in told.items() if q == r))
    table = Table(
        (title.removeprefix("By "), *columns),
        tuple((name, *(number(told[name, c]) for c in columns)) for name in names),
    )
    return Figure(key, title, says, table, charts.drawn(chart, key, f"Bars: contacts {title.lower()}."))


def _by_weekday_and_hour(tables: GrantedTables, zone: str) -> Figure:
    from jobs.report import charts

    key, title = "week", "By weekday and hour"
    says = f"When contacts began, in {zone}: the darker, the more of them."
    rows = tables.query(service.BY_WEEKDAY_AND_HOUR, zone=zone)
    if not rows:
        return Figure(key, title, says, missing=not_granted(tables, service.BY_WEEKDAY_AND_HOUR) or NO_CONTACT)
    found = {(WEEKDAYS[day - 1], HOURS[hour]): count for day, hour, count in rows}
    values = [{"day": d[:3], "hour": h, "n": found.get((d, h), 0)} for d in WEEKDAYS for h in HOURS]
    chart = charts.heat(values, "hour", "day", "n", "contacts", HOURS, [d[:3] for d in WEEKDAYS])
    table = Table(("weekday", *HOURS), tuple((d, *(number(found.get((d, h), 0)) for h in HOURS)) for d in WEEKDAYS))
    return Figure(key, title, says, table, charts.drawn(chart, key, f"Fields: contacts {title.lower()}."))
