"""Build the kinds of figures that several pages have."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from jobs.report.formatting import Periods, number, share
from jobs.report.granted_tables import GrantedTables
from jobs.report.page import Figure, Table
from sinks.paths import version_file
from transforms.report.query import Query

NO_CONTACT = "No contact of a patient is among these dates."
SPREAD = ("median", "90th percentile")


class Addresses(msgspec.Struct, frozen=True):
    """Addresses of release files in the links of a page."""

    base: str

    def of(self, date: str, version: int, name: str) -> str:
        """Return the address of a file."""
        return f"{self.base}/{version_file(date, version, name)}"


def not_granted(tables: GrantedTables, query: Query) -> str:
    """Return which columns of the query the settings do not grant, as a sentence; empty if they grant all."""
    columns = tables.missing_columns(query)
    return f"This role is not granted {', '.join(columns)} (report.roles in the settings)." if columns else ""


def empty_figure(
    key: str, title: str, caption: str, tables: GrantedTables, query: Query, reason: str = NO_CONTACT
) -> Figure:
    """Return a figure without rows: either its columns are not granted, or for the given reason."""
    return Figure(key, title, caption, missing=not_granted(tables, query) or reason)


def bars_by_period(
    key: str,
    title: str,
    caption: str,
    periods: Periods,
    series: Sequence[str],
    numbers: Mapping[tuple[str, str], int],
    unit: str,
    text: Callable[[int], str],
    scale: int = 1,
    empty: str = "",
) -> Figure:
    """Stack bars over the periods. `numbers` are by date and series; `scale` of them are one unit of the chart."""
    from jobs.report.pages import charts

    sums = periods.sums((date, name, value) for (date, name), value in numbers.items())
    if not any(sums.values()):
        return Figure(key, title, caption, missing=empty or "There is nothing of it on these dates.")
    by = "" if periods.name == "date" else f" Each bar is a {periods.name}."
    values = [
        {"period": periods.brief(p), "n": sums[p, name] / scale, "series": name} for p in periods.all for name in series
    ]
    chart = charts.stacked_bars(values, "period", "n", "series", series, unit)
    rows = [
        (p, *(text(sums[p, name]) for name in series), text(sum(sums[p, name] for name in series))) for p in periods.all
    ]
    total = text(sum(sums.values()))
    rows.append(("in all", *(text(sum(v for (_, n), v in sums.items() if n == name)) for name in series), total))
    head = (periods.name, *series, f"{unit} in all")
    if len(series) == 1:
        head, rows = head[:-1], [row[:-1] for row in rows]
    drawing = charts.to_svg(chart, key, f"Bars: {title}, by {periods.name}; in all {total} {unit}.")
    return Figure(key, title, caption + by, Table(head, tuple(rows)), drawing)


def ranking(
    key: str, title: str, caption: str, head: str, rows: Sequence[tuple[str, int]], unit: str, with_shares: bool = True
) -> Figure:
    """Draw a horizontal bar for every row, in their order, with its number; `head` is the head of the names."""
    from jobs.report.pages import charts

    total = sum(count for _, count in rows)
    texts = {name: (number(count), share(count, total)) for name, count in rows}
    values = [
        {"name": name, "n": count, "text": "  ".join(texts[name]) if with_shares else texts[name][0]}
        for name, count in rows
    ]
    drawing = charts.to_svg(charts.ranked_bars(values, "name", "n", unit), key, f"Bars: {title}, in {unit}.")
    table = Table((head, unit, "share"), tuple((name, *texts[name]) for name, _ in rows))
    return Figure(key, title, caption, table, drawing)
