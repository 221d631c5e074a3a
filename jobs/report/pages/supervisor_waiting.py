"""Make the figures about the time to answer and the handling time of providers."""

from itertools import accumulate

from jobs.report.formatting import HOURS, duration, number, share
from jobs.report.granted_tables import GrantedTables, Row
from jobs.report.page import Figure, Table
from jobs.report.pages.figures import SPREAD, empty_figure
from transforms.report import service
from transforms.report.query import Query

_MOST_DRAWN, _MOST_LISTED = 12, 500
_OWN_QUEUE = "own queue, or none"


def time_to_answer(tables: GrantedTables) -> Figure:
    """Return contacts by bands of their time to answer."""
    from jobs.report.pages import charts

    key, title = "waiting", "Time to answer"
    caption = (
        "Of answered inbound contacts: the time in the queue (Queue.Duration), else from the call's beginning to the "
        "agent, menu and all."
    )
    rows = tables.query(service.TIME_TO_ANSWER)
    if not rows:
        return empty_figure(key, title, caption, tables, service.TIME_TO_ANSWER)
    [(total, queued, usual, most)] = tables.query(service.TIME_TO_ANSWER_IN_ALL)
    caption += (
        f" {number(queued)} were queued, {number(total - queued)} were not. "
        f"Half were answered within {duration(usual)}, nine of ten within {duration(most)}."
    )
    counts: dict[int, int] = dict(rows)
    names = (*service.BANDS.values(), service.LONGER)
    bands = [(name, counts.get(n, 0)) for n, name in enumerate(names)]
    values = [{"band": name, "n": n, "text": f"{number(n)}  ({share(n, total)})"} for name, n in bands]
    sums = accumulate(n for _, n in bands)
    table = Table(
        ("time to answer", "contacts", "share", "so far"),
        tuple(
            (name, number(n), share(n, total), share(so_far, total))
            for (name, n), so_far in zip(bands, sums, strict=True)
        ),
    )
    chart = charts.ranked_bars(values, "band", "n", "contacts")
    return Figure(key, title, caption, table, charts.to_svg(chart, key, f"Bars: {title}."))


def time_to_answer_by_hour(tables: GrantedTables, zone: str) -> Figure:
    """Return the time to answer by hour of the day."""
    from jobs.report.pages import charts

    key, title, query = "waiting-by-hour", "Time to answer by hour", service.TIME_TO_ANSWER_BY_HOUR
    caption = f"Of answered inbound contacts, by the hour in which they began ({zone})."
    rows = tables.query(query, zone=zone)
    if not rows:
        return empty_figure(key, title, caption, tables, query)
    values = [
        {"hour": HOURS[hour], "seconds": value, "series": name}
        for hour, _, *pair in rows
        for name, value in zip(SPREAD, pair, strict=True)
    ]
    chart = charts.lines(values, "hour", "seconds", "series", SPREAD, "seconds")
    table = Table(
        ("hour", "contacts", *SPREAD),
        tuple((HOURS[h], number(n), duration(m), duration(p)) for h, n, m, p in rows),
    )
    return Figure(key, title, caption, table, charts.to_svg(chart, key, f"Lines: {title}."))


def handling(tables: GrantedTables, query: Query, key: str, title: str, head: str) -> Figure:
    """Return talk, hold, and after-contact work by the first column of the query; `head` is its head."""
    from jobs.report.pages import charts

    caption = "Talk, hold and after-contact work of answered contacts: from the median to the 90th percentile."
    rows = tables.query(query)
    if not rows:
        return empty_figure(key, title, caption, tables, query)
    if len(rows) > _MOST_DRAWN:
        caption += (
            f" The {_MOST_DRAWN} with the most contacts are drawn, of {number(len(rows))}; "
            f"the table has up to {_MOST_LISTED}."
        )
    measures = ("talk", "hold", "after-contact work")
    values = [
        {"name": _brief(_name(row, head)), "measure": measure, "median": row[at] / 60, "p90": row[at + 1] / 60}
        for row in rows[:_MOST_DRAWN]
        for measure, at in zip(measures, (2, 4, 6), strict=True)
        if row[at] is not None
    ]
    drawing = charts.to_svg(charts.spans(values, "name", "minutes"), key, f"Marks and lines: handling {title.lower()}.")
    heads = (head, "contacts", *(f"{measure}, {spread}" for measure in measures for spread in SPREAD))
    cells = tuple((_name(row, head), number(row[1]), *map(duration, row[2:])) for row in rows[:_MOST_LISTED])
    return Figure(key, title, caption, Table(heads, cells), drawing)


def _name(row: Row, head: str) -> str:
    return row[0] or (_OWN_QUEUE if head == "queue" else "unknown")


def _brief(name: str) -> str:
    """Return the start of an agent's long id, which tells it from others."""
    return name if len(name) < 30 else f"{name[:8]}…"
