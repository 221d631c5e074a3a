"""Make the page for billing: what was billed, from the newest version of every date and its lines."""

from statistics import median

from jobs.report.formatting import Periods, minutes, number, plural, share
from jobs.report.granted_tables import GrantedTables
from jobs.report.page import Cell, Figure, Link, Table, Tile
from jobs.report.pages.billing_by_extension import by_extension, by_period_and_extension
from jobs.report.pages.figures import Addresses, bars_by_period
from jobs.report.release_history import ReleasedDate
from schemas.manifest import Manifest
from sinks.release import FILES
from transforms.lines.control_totals import total
from transforms.lines.related_dates import TRAILING_WEEKS, same_weekdays_before
from transforms.report import money

_KNOWN_DIRECTIONS, _UNKNOWN_DIRECTION = ("inbound", "outbound"), "direction not told"


def tiles(releases: list[ReleasedDate]) -> tuple[Tile, ...]:
    """Return the sums over the newest versions."""
    control = total([release.newest.control for release in releases])
    amended = sum(sum(release.amendments.values()) for release in releases)
    withheld = sum(release.newest.warnings.get("patient_phone_withheld", 0) for release in releases)
    return (
        Tile("Billed calls", number(control.billed), f"on {plural(len(releases), 'released date')}"),
        Tile("Billed minutes", minutes(control.call_seconds), f"{number(control.call_seconds)} s"),
        Tile("Talk minutes", minutes(control.talk_seconds), f"and {minutes(control.hold_seconds)} on hold"),
        Tile("Held", number(control.held), "wait for an extension"),
        Tile("Amended lines", number(amended), "after a first version"),
        Tile("Withheld phones", number(withheld), f"{share(withheld, control.billed)} of the lines"),
    )


def figures(
    releases: list[ReleasedDate], before: dict[str, Manifest], tables: GrantedTables, addresses: Addresses
) -> tuple[Figure, ...]:
    """Return every figure; `before` has the newest manifests of earlier dates, by date."""
    periods = Periods(release.billing_date for release in releases)
    return (
        *_by_direction(releases, tables, periods),
        by_extension(tables),
        by_period_and_extension(tables, periods),
        _compared(releases, before),
        _held(releases, periods),
        _amended(releases, periods),
        _withheld(releases, periods),
        _versions(releases, addresses),
    )


def _by_direction(releases: list[ReleasedDate], tables: GrantedTables, periods: Periods) -> tuple[Figure, Figure]:
    """Return calls and minutes. The manifest's sums less the lines of known directions have an unknown one."""
    calls: dict[tuple[str, str], int] = {}
    seconds: dict[tuple[str, str], int] = {}
    for date, direction, call_count, second_count in tables.query(money.BY_CALL_TYPE):
        if direction is not None:
            calls[date, direction], seconds[date, direction] = call_count, second_count or 0
    unknown = False
    for release in releases:
        control, date = release.newest.control, release.billing_date
        known = [(date, direction) for direction in _KNOWN_DIRECTIONS]
        rest = (date, _UNKNOWN_DIRECTION)
        calls[rest] = control.billed - sum(calls.get(key, 0) for key in known)
        seconds[rest] = control.call_seconds - sum(seconds.get(key, 0) for key in known)
        unknown |= (calls[rest], seconds[rest]) != (0, 0)
    directions = (*_KNOWN_DIRECTIONS, _UNKNOWN_DIRECTION) if unknown else _KNOWN_DIRECTIONS
    source = "The sum of every date is its manifest's; the direction is that of its lines."
    in_minutes = f"Talk and hold. {source}"
    return (
        bars_by_period("calls", "Billed calls", source, periods, directions, calls, "calls", number),
        bars_by_period(
            "minutes", "Billed minutes", in_minutes, periods, directions, seconds, "minutes", minutes, scale=60
        ),
    )


def _compared(releases: list[ReleasedDate], before: dict[str, Manifest]) -> Figure:
    """Compare the lines of a date with the median of the same weekday in the weeks before, as far as released."""
    from jobs.report.pages import charts

    billed = {date: manifest.control.billed for date, manifest in before.items()}
    billed |= {release.billing_date: release.newest.control.billed for release in releases}
    rows, values = [], []
    periods = Periods(release.billing_date for release in releases)
    for release in releases:
        date = release.billing_date
        earlier = [billed[day] for day in same_weekdays_before(date) if day in billed]
        usual = median(earlier) if earlier else None
        comparison = ("-", "-") if usual is None else (f"{usual:,.1f}", _change(billed[date], usual))
        rows.append((date, number(billed[date]), *comparison, str(len(earlier))))
        values.append({"date": periods.brief(date), "calls": billed[date], "series": "billed calls", "usual": usual})
    caption = (
        f"Billed calls of a date, and as a line across the median of the same weekday in the {TRAILING_WEEKS} weeks "
        "before, as far as they were released."
    )
    table = Table(("date", "billed calls", "median before", "change", "weeks"), tuple(rows))
    key, title, drawing, missing = "compared", "Compared with the weeks before", "", ""
    if not any(v["usual"] is not None for v in values):
        missing = "Nothing lies a week back yet: there is nothing to compare with."
    elif periods.name == "date":
        chart = charts.stacked_bars(values, "date", "calls", "series", ("billed calls",), "calls", mark="usual")
        drawing = charts.to_svg(chart, key, f"Bars: {title}.")
    else:
        caption += " So many dates are in the table alone."
    return Figure(key, title, caption, table, drawing, missing)


def _held(releases: list[ReleasedDate], periods: Periods) -> Figure:
    held = {(release.billing_date, "held"): release.newest.control.held for release in releases}
    caption = (
        "Calls that would be billed if their provider's extension were known (extension_unmatched): neither the record "
        "nor the agent-extension table has one for the moment of connection. They are billed by a later version, once "
        "the table has it."
    )
    return bars_by_period("held", "Held", caption, periods, ("held",), held, "calls", number, empty="No call is held.")


def _amended(releases: list[ReleasedDate], periods: Periods) -> Figure:
    kinds = ("ADDED", "CHANGED", "WITHDRAWN")
    counts = {(release.billing_date, kind): count for release in releases for kind, count in release.amendments.items()}
    return bars_by_period(
        "amendments",
        "Amended after release",
        "Lines that later versions have added, changed or withdrawn, as the manifests of these say.",
        periods,
        kinds,
        counts,
        "lines",
        number,
        empty="No line was amended after its first version.",
    )


def _withheld(releases: list[ReleasedDate], periods: Periods) -> Figure:
    counts = {
        (release.billing_date, "withheld"): release.newest.warnings.get("patient_phone_withheld", 0)
        for release in releases
    }
    return bars_by_period(
        "withheld",
        "Withheld phones",
        "Billed lines without a phone number: withheld by the caller, or no E.164 number.",
        periods,
        ("withheld",),
        counts,
        "lines",
        number,
        empty="Every billed line has a phone number.",
    )


def _versions(releases: list[ReleasedDate], addresses: Addresses) -> Figure:
    rows: list[tuple[Cell, ...]] = [
        (
            release.billing_date,
            f"v{release.newest.version:04d}",
            release.newest.contract,
            release.published_at or "-",
            *(_link(release, name, addresses) for name in (*FILES, "manifest.json")),
            release.manifest_sha256,
            number(release.newest.control.billed),
            number(release.newest.control.call_seconds),
        )
        for release in releases
    ]
    head = (
        "date",
        "version",
        "contract",
        "published",
        "lines",
        "parquet",
        "amendments",
        "manifest",
        "SHA-256 of manifest.json",
    )
    return Figure(
        "versions",
        "Where the figures are from",
        "Every figure on this page is that of the newest version of its date: of its manifest.json, named here by the "
        "digest of its bytes, and of its billing.parquet, whose sums were held against it.",
        Table((*head, "billed calls", "seconds"), tuple(rows), texts=9) if rows else None,
        missing="" if rows else "Nothing is released on these dates.",
        wide=True,
        open_table=True,
    )


def _link(release: ReleasedDate, name: str, addresses: Addresses) -> Link:
    return Link(name, addresses.of(release.billing_date, release.newest.version, name))


def _change(now: int, usual: float) -> str:
    return f"{100 * (now - usual) / usual:+.0f} %" if usual else "-"
