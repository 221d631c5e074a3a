"""Balance: what was read, what became of it, and why, as a picture and as a table."""

from collections import defaultdict
from typing import Any

from jobs.report.figures import not_granted
from jobs.report.formatting import number, share
from jobs.report.granted_tables import GrantedTables
from jobs.report.page import Figure, Table
from jobs.report.release_history import ReleasedDate
from schemas.manifest import Control
from transforms.report import flow

_WAITING = "not released"
# In the order in which they are drawn: those that have reasons are the last.
FATES = ("billed", _WAITING, "superseded", "duplicate", "excluded", "held", "quarantined")
_COLOURS = dict(zip(FATES, (f"var(--c{n})" for n in (1, 4, 5, 6, 3, 4, 2)), strict=True))
_BOX, _COLUMNS, _APART = 0.16, (0, 1.0, 2.35), 1 / 23

# Records by what became of them and the reason.
Boxes = dict[tuple[str, str], int]
Drawn = list[dict[str, Any]]


def balances(released: dict[str, ReleasedDate], tables: GrantedTables) -> dict[str, Boxes]:
    """Of every date: its newest manifest's control totals where it is released, else what the ledger says."""
    found: dict[str, Boxes] = {date: _told(one.newest.control) for date, one in released.items()}
    for date, standing, outcome, reason, count in tables.query(flow.BALANCE):
        if date not in released:
            boxes = found.setdefault(date, defaultdict(int))
            place = _place(standing, outcome, reason)
            boxes[place] = boxes.get(place, 0) + count
    return found


def _told(control: Control) -> Boxes:
    boxes = {
        ("billed", ""): control.billed,
        ("held", "extension_unmatched"): control.held,
        ("superseded", ""): control.superseded,
        ("duplicate", ""): control.duplicate,
    }
    boxes |= {("excluded", reason): count for reason, count in control.excluded.items()}
    return boxes | {("quarantined", reason): count for reason, count in control.quarantined.items()}


def _place(standing: str, outcome: str, reason: str) -> tuple[str, str]:
    if standing in ("superseded", "duplicate"):
        return standing, ""
    return (_WAITING, "") if outcome == "billable" else (outcome, reason)


def balance(released: dict[str, ReleasedDate], tables: GrantedTables) -> Figure:
    """read = billed + held + excluded + superseded + duplicate + quarantined, drawn."""
    from jobs.report import charts

    sums: Boxes = defaultdict(int)
    for boxes in balances(released, tables).values():
        for place, count in boxes.items():
            sums[place] += count
    whole = sum(sums.values())
    key, title = "balance", "The balance"
    says = (
        "read = billed + held + excluded + superseded + duplicate + quarantined, in records: of released dates as "
        "their newest manifests say, of others as the ledger's rows do, whose billable records are not released yet. "
        "The right column shows the reasons, and is drawn larger."
    )
    if not whole:
        return Figure(key, title, says, missing=not_granted(tables, flow.BALANCE) or "Nothing was read yet.")
    order = sorted(filter(sums.get, sums), key=lambda place: (FATES.index(place[0]), -sums[place], place[1]))
    drawing = charts.drawn(
        charts.balance(*_drawing(sums, order, whole)), key, f"Boxes: what became of {number(whole)} records."
    )
    rows = [(fate, reason, number(sums[fate, reason]), share(sums[fate, reason], whole)) for fate, reason in order]
    rows.append(("read", "", number(whole), share(whole, whole)))
    return Figure(key, title, says, Table(("what became of it", "reason", "records", "share"), tuple(rows), 2), drawing)


def _drawing(sums: Boxes, order: list[tuple[str, str]], whole: int) -> tuple[Drawn, Drawn]:
    """Boxes in three columns, as high as their share, and lines: what was read, what became of it, and, drawn larger,
    why."""
    fates: dict[str, int] = defaultdict(int)
    for fate, reason in order:
        fates[fate] += sums[fate, reason]
    reasons = [(fate, reason) for fate, reason in order if reason]
    columns = [
        _stack(0, [("read", whole, "var(--c6)")], whole),
        _stack(1, [(fate, count, _COLOURS[fate]) for fate, count in fates.items()], whole),
        _stack(2, [(r, sums[f, r], _COLOURS[f]) for f, r in reasons], sum(sums[place] for place in reasons)),
    ]
    lines = [line for column in columns for line in _to_names(column)]
    if reasons:
        first = next(box for box in columns[1] if box["name"] == reasons[0][0])
        right = _COLUMNS[1] + _BOX
        lines += _line("top", (right, first["from"]), (_COLUMNS[2], 0))
        lines += _line("bottom", (right, 1), (_COLUMNS[2], 1))
    return [box for column in columns for box in column], lines


def _stack(column: int, parts: list[tuple[str, int, str]], whole: int) -> Drawn:
    """Boxes one below the other, and where their names are: a line apart, if need be."""
    boxes: Drawn = []
    at, left = 0, _COLUMNS[column]
    for name, count, colour in parts:
        begins, ends = at / whole, (at + count) / whole
        place = {"left": left, "right": left + _BOX, "from": begins, "to": ends, "text_x": left + _BOX + 0.1}
        boxes.append({"name": name, "told": f"{name} {number(count)}", "colour": colour, **place})
        at += count
    places = [(box["from"] + box["to"]) / 2 for box in boxes]
    for n in range(1, len(places)):
        places[n] = max(places[n], places[n - 1] + _APART)
    limit = 1 - _APART / 3
    for n in reversed(range(len(places))):
        places[n] = min(places[n], limit)
        limit = places[n] - _APART
    for box, place in zip(boxes, places, strict=True):
        box["text_y"] = place
    return boxes


def _to_names(column: Drawn) -> Drawn:
    """Lines from boxes to names that are not beside them."""
    lines: Drawn = []
    for box in column:
        middle = (box["from"] + box["to"]) / 2
        lines += _line(box["name"], (box["right"], middle), (box["text_x"], box["text_y"]))
    return lines


def _line(name: str, *points: tuple[float, float]) -> Drawn:
    return [{"id": name, "n": n, "x": x, "y": y} for n, (x, y) in enumerate(points)]
