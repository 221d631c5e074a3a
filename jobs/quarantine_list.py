"""`quarantine list`: what is quarantined still, by date and reason, with its place; never a payload."""

import json
from pathlib import Path
from typing import Any

import click

from jobs.suspense import quarantined
from jobs.suspense_given import chosen, given
from jobs.tables import shown
from schemas.recycled import Suspended

# By date, in the order of the ledger's rows.
Listed = dict[str, dict[Suspended, int]]


def run_list(out: Path | None, config: Path | None, dates: tuple[str, ...], reason: str | None, as_json: bool) -> None:
    """Lists what is quarantined of these dates, or of all, for one reason or all."""
    ledger = given(out, config).ledger
    recycled = ledger.recycled.names()
    found = {date: quarantined(ledger, date, recycled, reason).still for date in chosen(ledger, dates)}
    click.echo(json.dumps(document(found), indent=2) if as_json else listing(found))


def listing(found: Listed) -> str:
    """A heading with a number for every date and reason, a line for every row, and how many in all."""
    lines = []
    for (date, reason), rows in _by_reason(found).items():
        lines.append(f"{date}  {reason}: {len(rows)}")
        for row in rows:
            detail = f", {shown(row.detail)}" if row.detail else ""
            length = "length unknown" if row.length is None else f"{row.length} bytes"
            lines.append(f"  {shown(row.source)} at {shown(row.position)}: {length}{detail}")
    return "\n".join([*lines, f"{_total(found)} quarantined in all"])


def document(found: Listed) -> dict[str, Any]:
    """The same as one JSON document."""
    groups = _by_reason(found)
    return {
        "quarantined": _total(found),
        "reasons": [{"date": date, "reason": reason, "rows": len(rows)} for (date, reason), rows in groups.items()],
        "rows": [{"date": date, **row._asdict()} for (date, _), rows in groups.items() for row in rows],
    }


def _by_reason(found: Listed) -> dict[tuple[str, str], list[Suspended]]:
    groups: dict[tuple[str, str], list[Suspended]] = {}
    for date, rows in found.items():
        for row, count in rows.items():
            groups.setdefault((date, row.reason), []).extend([row] * count)
    return dict(sorted(groups.items()))


def _total(found: Listed) -> int:
    return sum(sum(rows.values()) for rows in found.values())
