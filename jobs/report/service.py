"""Service: how patients were served. In: the table of contacts. Out: the figures for those who run the call centre."""

from collections import defaultdict
from collections.abc import Sequence

from jobs.report.page import Figure, Table, Tile
from jobs.report.sections import not_granted, upright
from jobs.report.tables import Row, Tables
from jobs.report.words import WEEKDAYS, Periods, duration, number, share
from transforms import figures_service as service
from transforms.figures import Query

_TOP = 12
_OWN_QUEUE = "agents' own queues, or none"
_NOTHING = "No contact of a patient is among these dates."
_HOURS = tuple(f"{hour:02d}" for hour in range(24))


def tiles(tables: Tables) -> tuple[Tile, ...]:
    """Shares of inbound contacts, and how long they waited."""
    results: dict[str, int] = defaultdict(int)
    for _, result, count in tables.ask(service.SHARES):
        results[result] += count
    whole = sum(results.values())
    found = [Tile("Inbound contacts", number(whole))] if whole else []
    for result in service.RESULTS[:3] if whole else ():
        found.append(Tile(result.capitalize(), share(results[result], whole), number(results[result])))
    for count, _, usual, most in tables.ask(service.TIME_TO_ANSWER_IN_ALL):
        if count:
            found.append(Tile("Time to answer", duration(usual), f"median; 90 % within {duration(most)}"))
    return tuple(found)


def figures(tables: Tables, dates: list[str], zone: str) -> tuple[Figure, ...]:
    """Every figure; hours and weekdays are those of the zone."""
    periods = Periods(dates)
    return (
        _shares(tables, periods),
        _outcomes(tables),
        _by_time(tables, service.BY_HOUR, "hours", "By hour of the day", _HOURS, 0, zone),
        _by_time(tables, service.BY_WEEKDAY, "weekdays", "By weekday", WEEKDAYS, 1, zone),
        _by_weekday_and_hour(tables, zone),
        _time_to_answer(tables),
        _time_to_answer_by_hour(tables, zone),
        _handling(tables, service.BY_QUEUE, "queues", "By queue", "queue"),
        _handling(tables, service.BY_PROVIDER, "providers", "By provider", "agent id"),
        _chains(tables),
        _repeated(tables, periods),
        _resolved(tables),
    )


def _shares(tables: Tables, periods: Periods) -> Figure:
    from jobs.report import charts

    key, title = "shares", "Answered, voicemail, abandoned"
    says = f"Shares of all inbound contacts of a {periods.name}; the rest ended in the menu. Each leg of a transfer is a contact."
    found: dict[tuple[str, str], int] = defaultdict(int)
    for date, result, count in tables.ask(service.SHARES):
        found[periods.of(date), result] += count
    if not found:
        return Figure(key, title, says, missing=not_granted(tables, service.SHARES) or _NOTHING)
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


def _outcomes(tables: Tables) -> Figure:
    from jobs.report import charts

    key, title = "outcomes", "Contacts by outcome and reason"
    says = "What counts of every contact, of all channels. Billable and held calls reached a provider."
    rows = tables.ask(service.OUTCOMES)
    if not rows:
        return Figure(key, title, says, missing=not_granted(tables, service.OUTCOMES) or _NOTHING)
    values = [
        {"outcome": reason or outcome, "contacts": count, "told": number(count)} for outcome, reason, count in rows
    ]
    table = Table(("outcome", "reason", "contacts"), tuple((o, r, number(n)) for o, r, n in rows), texts=2)
    chart = charts.ranked(values, "outcome", "contacts", "contacts")
    return Figure(key, title, says, table, charts.drawn(chart, key, f"Bars: {title}."))


def _by_time(tables: Tables, query: Query, key: str, title: str, names: Sequence[str], first: int, zone: str) -> Figure:
    """What became of contacts by hour or weekday, drawn by result, and by outcome and reason in the table."""
    from jobs.report import charts

    says = f"When contacts began, in {zone}, and what became of them; the table tells the reasons apart."
    rows = tables.ask(query, zone=zone)
    if not rows:
        return Figure(key, title, says, missing=not_granted(tables, query) or _NOTHING)
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


def _by_weekday_and_hour(tables: Tables, zone: str) -> Figure:
    from jobs.report import charts

    key, title = "week", "By weekday and hour"
    says = f"When contacts began, in {zone}: the darker, the more of them."
    rows = tables.ask(service.BY_WEEKDAY_AND_HOUR, zone=zone)
    if not rows:
        return Figure(key, title, says, missing=not_granted(tables, service.BY_WEEKDAY_AND_HOUR) or _NOTHING)
    found = {(WEEKDAYS[day - 1], _HOURS[hour]): count for day, hour, count in rows}
    values = [{"day": d[:3], "hour": h, "n": found.get((d, h), 0)} for d in WEEKDAYS for h in _HOURS]
    chart = charts.heat(values, "hour", "day", "n", "contacts", _HOURS, [d[:3] for d in WEEKDAYS])
    table = Table(("weekday", *_HOURS), tuple((d, *(number(found.get((d, h), 0)) for h in _HOURS)) for d in WEEKDAYS))
    return Figure(key, title, says, table, charts.drawn(chart, key, f"Fields: contacts {title.lower()}."))


def _time_to_answer(tables: Tables) -> Figure:
    from jobs.report import charts

    key, title = "waiting", "Time to answer"
    says = (
        "Of answered inbound contacts: the time in the queue (Queue.Duration), else from the call's beginning to the "
        "agent, menu and all."
    )
    rows = tables.ask(service.TIME_TO_ANSWER)
    if not rows:
        return Figure(key, title, says, missing=not_granted(tables, service.TIME_TO_ANSWER) or _NOTHING)
    [(whole, queued, usual, most)] = tables.ask(service.TIME_TO_ANSWER_IN_ALL)
    says += (
        f" {number(queued)} were queued, {number(whole - queued)} were not. "
        f"Half were answered within {duration(usual)}, nine of ten within {duration(most)}."
    )
    names = (*service.BANDS.values(), service.LONGER)
    found = dict(rows)
    values = [
        {"band": name, "n": found.get(n, 0), "told": f"{number(found.get(n, 0))}  ({share(found.get(n, 0), whole)})"}
        for n, name in enumerate(names)
    ]
    so_far = [sum(found.get(m, 0) for m in range(n + 1)) for n in range(len(names))]
    table = Table(
        ("time to answer", "contacts", "share", "so far"),
        tuple(
            (name, number(found.get(n, 0)), share(found.get(n, 0), whole), share(so_far[n], whole))
            for n, name in enumerate(names)
        ),
    )
    chart = charts.ranked(values, "band", "n", "contacts")
    return Figure(key, title, says, table, charts.drawn(chart, key, f"Bars: {title}."))


def _time_to_answer_by_hour(tables: Tables, zone: str) -> Figure:
    from jobs.report import charts

    key, title, query = "waiting-by-hour", "Time to answer by hour", service.TIME_TO_ANSWER_BY_HOUR
    says = f"Of answered inbound contacts, by the hour in which they began ({zone})."
    rows = tables.ask(query, zone=zone)
    if not rows:
        return Figure(key, title, says, missing=not_granted(tables, query) or _NOTHING)
    order = ("median", "90th percentile")
    values = [
        {"hour": _HOURS[hour], "seconds": value, "series": name}
        for hour, _, *both in rows
        for name, value in zip(order, both, strict=True)
    ]
    chart = charts.lines(values, "hour", "seconds", "series", order, "seconds")
    table = Table(
        ("hour", "contacts", "median", "90th percentile"),
        tuple((_HOURS[h], number(n), duration(m), duration(p)) for h, n, m, p in rows),
    )
    return Figure(key, title, says, table, charts.drawn(chart, key, f"Lines: {title}."))


def _handling(tables: Tables, query: Query, key: str, title: str, what: str) -> Figure:
    from jobs.report import charts

    says = "Talk, hold and after-contact work of answered contacts: a mark at the median, and a line to the 90th percentile."
    rows = tables.ask(query)
    if not rows:
        return Figure(key, title, says, missing=not_granted(tables, query) or _NOTHING)
    if len(rows) > _TOP:
        says += f" The {_TOP} with the most contacts are drawn, all {number(len(rows))} are in the table."
    values = [
        {"name": _brief(_named(row, what)), "measure": measure, "median": row[at] / 60, "p90": row[at + 1] / 60}
        for row in rows[:_TOP]
        for measure, at in (("talk", 2), ("hold", 4), ("after-contact work", 6))
        if row[at] is not None
    ]
    drawing = charts.drawn(charts.spans(values, "name", "minutes"), key, f"Marks and lines: handling {title.lower()}.")
    head = (what, "contacts", "talk median", "90th", "hold median", "90th", "after-contact work median", "90th")
    table = Table(head, tuple((_named(row, what), number(row[1]), *map(duration, row[2:])) for row in rows))
    return Figure(key, title, says, table, drawing)


def _named(row: Row, what: str) -> str:
    return row[0] or (_OWN_QUEUE if what == "queue" else "unknown")


def _brief(name: str) -> str:
    """An agent's id is long; its beginning tells it from others."""
    return name if len(name) < 30 else f"{name[:8]}…"


def _chains(tables: Tables) -> Figure:
    from jobs.report import charts

    key, title = "chains", "Transfers"
    says = (
        "Conversations by how many legs were answered: with two or more, the patient was passed on, or called back. "
        "Legs belong together by InitialContactId."
    )
    rows = tables.ask(service.CHAINS)
    if not rows:
        return Figure(key, title, says, missing=not_granted(tables, service.CHAINS) or _NOTHING)
    whole = sum(count for _, count in rows)
    names = {1: "1 leg", 2: "2 legs", 3: "3 legs", 4: "4 legs", 5: "5 or more"}
    values = [
        {"legs": names[legs], "n": count, "told": f"{number(count)}  ({share(count, whole)})"} for legs, count in rows
    ]
    table = Table(
        ("answered legs", "conversations", "share"),
        tuple((names[legs], number(count), share(count, whole)) for legs, count in rows),
    )
    chart = charts.ranked(values, "legs", "n", "conversations")
    return Figure(key, title, says, table, charts.drawn(chart, key, f"Bars: {title}."))


def _repeated(tables: Tables, periods: Periods) -> Figure:
    rows = tables.ask(service.REPEATED)
    says = (
        "Inbound calls, first legs with a phone number, whose patient had called within 7 days before. What came before "
        "the first date of the page is not looked at. Phones are compared while the ledger is read, and are in no part "
        "of this page."
    )
    if lacking := not_granted(tables, service.REPEATED):
        return Figure("repeated", "Repeat callers", says, missing=lacking)
    found = {(date, "again within 7 days"): again for date, _, again in rows}
    found |= {(date, "first"): calls - again for date, calls, again in rows}
    order = ("first", "again within 7 days")
    return upright("repeated", "Repeat callers", says, periods, order, found, "calls", number, empty=_NOTHING)


def _resolved(tables: Tables) -> Figure:
    from jobs.report import charts

    key, title = "resolved", "Settled with the first call"
    says = (
        "First-contact resolution as far as records can tell: inbound conversations that were answered and after which "
        "the patient did not call again for 7 days. Calls of which the 7 days are not over on the last date are left out."
    )
    if lacking := not_granted(tables, service.RESOLVED):
        return Figure(key, title, says, missing=lacking)
    [(whole, settled)] = tables.ask(service.RESOLVED)
    if not whole:
        return Figure(key, title, says, missing="No answered call of these dates lies 7 days back yet.")
    rows = (("settled", settled), ("called again", whole - settled))
    values = [{"what": name, "n": count, "told": f"{number(count)}  ({share(count, whole)})"} for name, count in rows]
    table = Table(("conversations", "number", "share"), tuple((n, number(c), share(c, whole)) for n, c in rows))
    chart = charts.ranked(values, "what", "n", "conversations")
    return Figure(key, title, says, table, charts.drawn(chart, key, f"Bars: {title}."))
