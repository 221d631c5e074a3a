"""Money: what was billed. In: the newest version of every date, and the lines of it. Out: the figures for billing."""

from statistics import median

from jobs.report.billing_by_extension import by_extension, by_period_and_extension
from jobs.report.figures import Addresses, upright
from jobs.report.formatting import Periods, counted, minutes, number, share
from jobs.report.granted_tables import GrantedTables
from jobs.report.page import Cell, Figure, Link, Table, Tile
from jobs.report.release_history import ReleasedDate
from schemas.manifest import Manifest
from sinks.release import FILES
from transforms.lines.control_totals import total
from transforms.lines.related_dates import TRAILING_WEEKS, same_weekdays_before
from transforms.report import money

_NOT_TOLD = "direction not told"
_DIRECTIONS = ("inbound", "outbound", _NOT_TOLD)


def tiles(released: list[ReleasedDate]) -> tuple[Tile, ...]:
    """The sums of the newest versions."""
    control = total([date.newest.control for date in released])
    amended = sum(sum(date.amendments.values()) for date in released)
    withheld = sum(date.newest.warnings.get("patient_phone_withheld", 0) for date in released)
    return (
        Tile("Billed calls", number(control.billed), f"on {counted(len(released), 'released date')}"),
        Tile("Billed minutes", minutes(control.call_seconds), f"{number(control.call_seconds)} s"),
        Tile("Talk minutes", minutes(control.talk_seconds), f"and {minutes(control.hold_seconds)} on hold"),
        Tile("Held", number(control.held), "wait for an extension"),
        Tile("Amended lines", number(amended), "after a first version"),
        Tile("Withheld phones", number(withheld), f"{share(withheld, control.billed)} of the lines"),
    )


def figures(
    released: list[ReleasedDate], before: dict[str, Manifest], tables: GrantedTables, addresses: Addresses
) -> tuple[Figure, ...]:
    """Every figure; `before` has the newest manifests of dates before these, by date."""
    periods = Periods(date.billing_date for date in released)
    return (
        *_by_direction(released, tables, periods),
        by_extension(tables),
        by_period_and_extension(tables, periods),
        _compared(released, before),
        _held(released, periods),
        _amended(released, periods),
        _withheld(released, periods),
        _versions(released, addresses),
    )


def _by_direction(released: list[ReleasedDate], tables: GrantedTables, periods: Periods) -> tuple[Figure, Figure]:
    """Calls and minutes; what the lines do not say the direction of is the rest of the manifest's sum."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for date, direction, calls, seconds in tables.query(money.BY_CALL_TYPE):
        if direction is not None:
            found[date, direction] = (calls, seconds or 0)
    for one in released:
        control, date = one.newest.control, one.billing_date
        told = [found.get((date, d), (0, 0)) for d in _DIRECTIONS[:2]]
        rest = (control.billed - sum(c for c, _ in told), control.call_seconds - sum(s for _, s in told))
        found[date, _NOT_TOLD] = rest
    shown = [d for d in _DIRECTIONS if d != _NOT_TOLD or any(found[one.billing_date, d] != (0, 0) for one in released)]
    calls = {key: n for key, (n, _) in found.items()}
    seconds = {key: n for key, (_, n) in found.items()}
    source = "The sum of every date is its manifest's; the direction is that of its lines."
    return (
        upright("calls", "Billed calls", source, periods, shown, calls, "calls", number),
        upright(
            "minutes", "Billed minutes", f"Talk and hold. {source}", periods, shown, seconds, "minutes", minutes, 60
        ),
    )


def _compared(released: list[ReleasedDate], before: dict[str, Manifest]) -> Figure:
    """Lines of a date against the median of the same weekday in the weeks before, as far as they are released."""
    from jobs.report import charts

    billed = {date: manifest.control.billed for date, manifest in before.items()}
    billed |= {one.billing_date: one.newest.control.billed for one in released}
    rows, values = [], []
    periods = Periods(one.billing_date for one in released)
    for one in released:
        date = one.billing_date
        earlier = [billed[day] for day in same_weekdays_before(date) if day in billed]
        usual = median(earlier) if earlier else None
        told = ("-", "-") if usual is None else (f"{usual:,.1f}", _change(billed[date], usual))
        rows.append((date, number(billed[date]), *told, str(len(earlier))))
        values.append({"date": periods.brief(date), "calls": billed[date], "series": "billed calls", "usual": usual})
    says = (
        f"Billed calls of a date, and as a line across the median of the same weekday in the {TRAILING_WEEKS} weeks "
        "before, as far as they were released."
    )
    table = Table(("date", "billed calls", "median before", "change", "weeks"), tuple(rows))
    key, title, drawing, missing = "compared", "Compared with the weeks before", "", ""
    if not any(v["usual"] is not None for v in values):
        missing = "Nothing lies a week back yet: there is nothing to compare with."
    elif periods.name == "date":
        chart = charts.stacked(values, "date", "calls", "series", ("billed calls",), "calls", mark="usual")
        drawing = charts.drawn(chart, key, f"Bars: {title}.")
    else:
        drawing = ""
        says += " So many dates are in the table alone."
    return Figure(key, title, says, table, drawing, missing)


def _held(released: list[ReleasedDate], periods: Periods) -> Figure:
    held = {(one.billing_date, "held"): one.newest.control.held for one in released}
    says = (
        "Calls that would be billed if their provider's extension were known (extension_unmatched): neither the record "
        "nor the agent-extension table has one for the moment of connection. They are billed by a later version, once "
        "the table has it."
    )
    return upright("held", "Held", says, periods, ("held",), held, "calls", number, empty="No call is held.")


def _amended(released: list[ReleasedDate], periods: Periods) -> Figure:
    kinds = ("ADDED", "CHANGED", "WITHDRAWN")
    found = {(one.billing_date, kind): count for one in released for kind, count in one.amendments.items()}
    return upright(
        "amendments",
        "Amended after release",
        "Lines that later versions have added, changed or withdrawn, as the manifests of these say.",
        periods,
        kinds,
        found,
        "lines",
        number,
        empty="No line was amended after its first version.",
    )


def _withheld(released: list[ReleasedDate], periods: Periods) -> Figure:
    found = {(one.billing_date, "withheld"): one.newest.warnings.get("patient_phone_withheld", 0) for one in released}
    return upright(
        "withheld",
        "Withheld phones",
        "Billed lines without a phone number: withheld by the caller, or no E.164 number.",
        periods,
        ("withheld",),
        found,
        "lines",
        number,
        empty="Every billed line has a phone number.",
    )


def _versions(released: list[ReleasedDate], addresses: Addresses) -> Figure:
    rows: list[tuple[Cell, ...]] = [
        (
            one.billing_date,
            f"v{one.newest.version:04d}",
            one.newest.contract,
            one.published_at or "-",
            *(_link(one, name, addresses) for name in (*FILES, "manifest.json")),
            one.manifest_sha256,
            number(one.newest.control.billed),
            number(one.newest.control.call_seconds),
        )
        for one in released
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


def _link(one: ReleasedDate, name: str, addresses: Addresses) -> Link:
    return Link(name, addresses.of(one.billing_date, one.newest.version, name))


def _change(now: int, usual: float) -> str:
    return f"{100 * (now - usual) / usual:+.0f} %" if usual else "-"
