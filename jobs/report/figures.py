"""Sections: what the figures of all roles share."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from jobs.report.formatting import Periods, number, share
from jobs.report.granted_tables import GrantedTables
from jobs.report.page import Figure, Table
from sinks.paths import version_file
from transforms.report.query import Query

NO_CONTACT = "No contact of a patient is among these dates."


class Addresses(msgspec.Struct, frozen=True):
    """Where the files of a release are, as seen from a page."""

    base: str

    def of(self, date: str, version: int, name: str) -> str:
        """The address of a file."""
        return f"{self.base}/{version_file(date, version, name)}"


def not_granted(tables: GrantedTables, query: Query) -> str:
    """Why a figure is not there, or nothing: the settings do not grant its columns."""
    lacking = tables.missing_columns(query)
    return f"This role is not granted {', '.join(lacking)} (report.roles in the settings)." if lacking else ""


def upright(
    key: str,
    title: str,
    says: str,
    periods: Periods,
    series: Sequence[str],
    found: Mapping[tuple[str, str], int],
    unit: str,
    told: Callable[[int], str],
    scale: int = 1,
    empty: str = "",
) -> Figure:
    """Bars over the periods. `found` has numbers by date and series; `scale` of them are one of the unit drawn."""
    from jobs.report import charts

    sums: dict[tuple[str, str], int] = {}
    for (date, name), value in found.items():
        place = (periods.of(date), name)
        sums[place] = sums.get(place, 0) + value
    if not any(sums.values()):
        return Figure(key, title, says, missing=empty or "There is nothing of it on these dates.")
    by = "" if periods.name == "date" else f" Each bar is a {periods.name}."
    values = [
        {"period": periods.brief(p), "n": sums.get((p, name), 0) / scale, "series": name}
        for p in periods.all
        for name in series
    ]
    chart = charts.stacked(values, "period", "n", "series", series, unit)
    rows = [
        (p, *(told(sums.get((p, name), 0)) for name in series), told(sum(sums.get((p, name), 0) for name in series)))
        for p in periods.all
    ]
    whole = told(sum(sums.values()))
    rows.append(("in all", *(told(sum(v for (_, n), v in sums.items() if n == name)) for name in series), whole))
    head = (periods.name, *series, f"{unit} in all")
    if len(series) == 1:
        head, rows = head[:-1], [row[:-1] for row in rows]
    drawing = charts.drawn(chart, key, f"Bars: {title}, by {periods.name}; in all {whole} {unit}.")
    return Figure(key, title, says + by, Table(head, tuple(rows)), drawing)


def ranked(
    key: str, title: str, says: str, what: str, rows: Sequence[tuple[str, int]], unit: str, with_shares: bool = True
) -> Figure:
    """A lying bar for every row, in their order, with its number."""
    from jobs.report import charts

    whole = sum(count for _, count in rows)
    told = {name: (number(count), share(count, whole)) for name, count in rows}
    values = [
        {"name": name, "n": count, "told": "  ".join(told[name]) if with_shares else told[name][0]}
        for name, count in rows
    ]
    drawing = charts.drawn(charts.ranked(values, "name", "n", unit), key, f"Bars: {title}, in {unit}.")
    return Figure(key, title, says, Table((what, unit, "share"), tuple((n, *told[n]) for n, _ in rows)), drawing)
