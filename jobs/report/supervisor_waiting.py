"""Waiting and handling: how long patients waited for an answer, and what providers needed for it."""

from jobs.report.figures import NO_CONTACT, not_granted
from jobs.report.formatting import HOURS, duration, number, share
from jobs.report.granted_tables import GrantedTables, Row
from jobs.report.page import Figure, Table
from transforms.report import service
from transforms.report.query import Query

_TOP, _LISTED = 12, 500
_OWN_QUEUE = "own queue, or none"


def time_to_answer(tables: GrantedTables) -> Figure:
    """How many were answered within how long."""
    from jobs.report import charts

    key, title = "waiting", "Time to answer"
    says = (
        "Of answered inbound contacts: the time in the queue (Queue.Duration), else from the call's beginning to the "
        "agent, menu and all."
    )
    rows = tables.query(service.TIME_TO_ANSWER)
    if not rows:
        return Figure(key, title, says, missing=not_granted(tables, service.TIME_TO_ANSWER) or NO_CONTACT)
    [(whole, queued, usual, most)] = tables.query(service.TIME_TO_ANSWER_IN_ALL)
    says += (
        f" {number(queued)} were queued, {number(whole - queued)} were not. "
        f"Half were answered within {duration(usual)}, nine of ten within {duration(most)}."
    )
    names = (*service.BANDS.values(), service.LONGER)
    found: dict[int, int] = dict(rows)
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


def time_to_answer_by_hour(tables: GrantedTables, zone: str) -> Figure:
    """How long it took at which hour."""
    from jobs.report import charts

    key, title, query = "waiting-by-hour", "Time to answer by hour", service.TIME_TO_ANSWER_BY_HOUR
    says = f"Of answered inbound contacts, by the hour in which they began ({zone})."
    rows = tables.query(query, zone=zone)
    if not rows:
        return Figure(key, title, says, missing=not_granted(tables, query) or NO_CONTACT)
    order = ("median", "90th percentile")
    values = [
        {"hour": HOURS[hour], "seconds": value, "series": name}
        for hour, _, *both in rows
        for name, value in zip(order, both, strict=True)
    ]
    chart = charts.lines(values, "hour", "seconds", "series", order, "seconds")
    table = Table(
        ("hour", "contacts", "median", "90th percentile"),
        tuple((HOURS[h], number(n), duration(m), duration(p)) for h, n, m, p in rows),
    )
    return Figure(key, title, says, table, charts.drawn(chart, key, f"Lines: {title}."))


def handling(tables: GrantedTables, query: Query, key: str, title: str, what: str) -> Figure:
    """Talk, hold and after-contact work of whoever is named in the first column of the query."""
    from jobs.report import charts

    says = "Talk, hold and after-contact work of answered contacts: from the median to the 90th percentile."
    rows = tables.query(query)
    if not rows:
        return Figure(key, title, says, missing=not_granted(tables, query) or NO_CONTACT)
    if len(rows) > _TOP:
        says += f" The {_TOP} with the most contacts are drawn, of {number(len(rows))}; the table has up to {_LISTED}."
    values = [
        {"name": _brief(_named(row, what)), "measure": measure, "median": row[at] / 60, "p90": row[at + 1] / 60}
        for row in rows[:_TOP]
        for measure, at in (("talk", 2), ("hold", 4), ("after-contact work", 6))
        if row[at] is not None
    ]
    drawing = charts.drawn(charts.spans(values, "name", "minutes"), key, f"Marks and lines: handling {title.lower()}.")
    kinds = ("talk", "hold", "after-contact work")
    head = (what, "contacts", *(f"{kind}, {at}" for kind in kinds for at in ("median", "90th percentile")))
    table = Table(head, tuple((_named(row, what), number(row[1]), *map(duration, row[2:])) for row in rows[:_LISTED]))
    return Figure(key, title, says, table, drawing)


def _named(row: Row, what: str) -> str:
    return row[0] or (_OWN_QUEUE if what == "queue" else "unknown")


def _brief(name: str) -> str:
    """An agent's id is long; its beginning tells it from others."""
    return name if len(name) < 30 else f"{name[:8]}…"
