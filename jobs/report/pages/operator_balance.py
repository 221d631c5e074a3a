"""Make the balance of the operator's page: records read, their dispositions, and the reasons."""

from collections import Counter, defaultdict
from typing import Any

from jobs.report.formatting import number, share
from jobs.report.granted_tables import GrantedTables
from jobs.report.page import Figure, Table
from jobs.report.pages.figures import empty_figure
from jobs.report.release_history import ReleasedDate
from schemas.manifest import Control
from transforms.report import flow

_NOT_RELEASED = "not released"
# In the order of the chart: those that have reasons are last.
DISPOSITIONS = ("billed", _NOT_RELEASED, "superseded", "duplicate", "excluded", "held", "quarantined")
_COLORS = dict(zip(DISPOSITIONS, (f"var(--c{n})" for n in (1, 4, 5, 6, 3, 4, 2)), strict=True))
# In units of the chart: width of a box, left edges of the columns, and height of a line of text.
_BOX_WIDTH, _LEFT_EDGES, _LINE_HEIGHT = 0.16, (0, 1.0, 2.35), 1 / 23

# Numbers of records by disposition and reason.
Counts = Counter[tuple[str, str]]
Shapes = list[dict[str, Any]]


def balances(releases: dict[str, ReleasedDate], tables: GrantedTables) -> dict[str, Counts]:
    """Return the counts of every date: its newest manifest's control totals if released, else the ledger's rows."""
    counts = {date: _control_counts(release.newest.control) for date, release in releases.items()}
    for date, status, outcome, reason, count in tables.query(flow.BALANCE):
        if date not in releases:
            counts.setdefault(date, Counter())[_disposition(status, outcome, reason)] += count
    return counts


def _control_counts(control: Control) -> Counts:
    counts = Counter(
        {
            ("billed", ""): control.billed,
            ("held", "extension_unmatched"): control.held,
            ("superseded", ""): control.superseded,
            ("duplicate", ""): control.duplicate,
        }
    )
    counts.update({("excluded", reason): count for reason, count in control.excluded.items()})
    counts.update({("quarantined", reason): count for reason, count in control.quarantined.items()})
    return counts


def _disposition(status: str, outcome: str, reason: str) -> tuple[str, str]:
    """Return the disposition and the reason of a row with this version status."""
    if status in ("superseded", "duplicate"):
        return status, ""
    return (_NOT_RELEASED, "") if outcome == "billable" else (outcome, reason)


def balance(releases: dict[str, ReleasedDate], tables: GrantedTables) -> Figure:
    """Draw read = billed + held + excluded + superseded + duplicate + quarantined."""
    from jobs.report.pages import charts

    sums: Counts = Counter()
    for counts in balances(releases, tables).values():
        sums.update(counts)
    total = sums.total()
    key, title = "balance", "The balance"
    caption = (
        "read = billed + held + excluded + superseded + duplicate + quarantined, in records: of released dates as "
        "their newest manifests say, of others as the ledger's rows do, whose billable records are not released yet. "
        "The right column shows the reasons, and is drawn larger."
    )
    if not total:
        return empty_figure(key, title, caption, tables, flow.BALANCE, "Nothing was read yet.")
    order = sorted(filter(sums.get, sums), key=lambda pair: (DISPOSITIONS.index(pair[0]), -sums[pair], pair[1]))
    drawing = charts.to_svg(
        charts.balance(*_shapes(sums, order, total)), key, f"Boxes: what became of {number(total)} records."
    )
    rows = [(*pair, number(sums[pair]), share(sums[pair], total)) for pair in order]
    rows.append(("read", "", number(total), share(total, total)))
    table = Table(("what became of it", "reason", "records", "share"), tuple(rows), texts=2)
    return Figure(key, title, caption, table, drawing)


def _shapes(sums: Counts, order: list[tuple[str, str]], total: int) -> tuple[Shapes, Shapes]:
    """Return boxes in three columns and lines: what was read, its dispositions, and, drawn larger, the reasons.

    The height of a box is its share of the column.
    """
    dispositions: dict[str, int] = defaultdict(int)
    for disposition, reason in order:
        dispositions[disposition] += sums[disposition, reason]
    reasons = [(disposition, reason) for disposition, reason in order if reason]
    columns = [
        _stack(0, [("read", total, "var(--c6)")], total),
        _stack(1, [(name, count, _COLORS[name]) for name, count in dispositions.items()], total),
        _stack(2, [(r, sums[d, r], _COLORS[d]) for d, r in reasons], sum(sums[pair] for pair in reasons)),
    ]
    lines = [line for column in columns for line in _lines_to_texts(column)]
    if reasons:
        first = next(box for box in columns[1] if box["name"] == reasons[0][0])
        right = _LEFT_EDGES[1] + _BOX_WIDTH
        lines += _line("top", (right, first["from"]), (_LEFT_EDGES[2], 0))
        lines += _line("bottom", (right, 1), (_LEFT_EDGES[2], 1))
    return [box for column in columns for box in column], lines


def _stack(column: int, parts: list[tuple[str, int, str]], total: int) -> Shapes:
    """Stack boxes from the top down, with texts beside them at least one line apart."""
    boxes: Shapes = []
    sum_above, left = 0, _LEFT_EDGES[column]
    for name, count, color in parts:
        top, bottom = sum_above / total, (sum_above + count) / total
        position = {"left": left, "right": left + _BOX_WIDTH, "from": top, "to": bottom}
        text = {"text": f"{name} {number(count)}", "text_x": left + _BOX_WIDTH + 0.1}
        boxes.append({"name": name, "color": color, **position, **text})
        sum_above += count
    text_ys = [(box["from"] + box["to"]) / 2 for box in boxes]
    for n in range(1, len(text_ys)):
        text_ys[n] = max(text_ys[n], text_ys[n - 1] + _LINE_HEIGHT)
    limit = 1 - _LINE_HEIGHT / 3
    for n in reversed(range(len(text_ys))):
        text_ys[n] = min(text_ys[n], limit)
        limit = text_ys[n] - _LINE_HEIGHT
    for box, text_y in zip(boxes, text_ys, strict=True):
        box["text_y"] = text_y
    return boxes


def _lines_to_texts(column: Shapes) -> Shapes:
    """Return lines from boxes to their texts."""
    lines: Shapes = []
    for box in column:
        middle = (box["from"] + box["to"]) / 2
        lines += _line(box["name"], (box["right"], middle), (box["text_x"], box["text_y"]))
    return lines


def _line(name: str, *points: tuple[float, float]) -> Shapes:
    return [{"id": name, "n": n, "x": x, "y": y} for n, (x, y) in enumerate(points)]
