"""Recycle: quarantined payloads through today's code and settings; one object in the ledger out.

That object is all that is written: before it nothing has changed, after it everything has.
"""

from collections import Counter
from pathlib import Path

import click
import msgspec

from jobs.agents import load_agents
from jobs.places import agents_at
from jobs.suspense import payloads, quarantined
from jobs.suspense_given import chosen, given
from jobs.tables import aligned
from schemas.outcome import UNKNOWN_DATE
from schemas.recycled import RECYCLED_COLUMNS
from sinks.ledger import Ledger
from sinks.rows import Rows
from transforms.outcome import outcome
from transforms.recycle import NO_PAYLOAD, QUARANTINED, Judge, Recycler

_FATES = ("billable", "held", "excluded", QUARANTINED, NO_PAYLOAD)
_RECYCLED = frozenset(_FATES[:3])

Fates = dict[tuple[str, str], Counter[str]]


class Result(msgspec.Struct, frozen=True):
    """What a recycle has come to: by date and reason how many rows have which outcome now, and what was written.

    `release` are the dates whose rows are others now; `object` is empty where nothing was written.
    """

    fates: Fates
    release: tuple[str, ...]
    object: str = ""

    @property
    def rows(self) -> int:
        """How many rows are quarantined no longer."""
        return sum(count for fate in self.fates.values() for name, count in fate.items() if name in _RECYCLED)


def run_recycle(
    agents: str | None, out: Path | None, config: Path | None, dates: tuple[str, ...], reason: str | None, dry_run: bool
) -> None:
    """Recycles what is quarantined of these dates, or of all; says what has become of it and what to release."""
    found = given(out, config)
    storage = found.settings.storage
    history = load_agents(agents_at(agents, storage), storage.s3)
    ledger, rules = found.ledger, found.settings.rules
    result = recycle(ledger, lambda payload: outcome(payload, history, rules), chosen(ledger, dates), reason, dry_run)
    click.echo(told(result, ledger, dry_run))


def recycle(ledger: Ledger, judge: Judge, dates: list[str], reason: str | None = None, dry_run: bool = False) -> Result:
    """Judges the quarantined payloads of these dates again, and writes those that are quarantined no longer."""
    rows, fates, listed = Rows(RECYCLED_COLUMNS), Fates(), ledger.recycled.names()
    for date in dates:
        suspended = quarantined(ledger, date, listed, reason)
        if not suspended.still:
            continue
        recycler = Recycler(date, suspended.still, suspended.done, judge)
        for kept in payloads(ledger, date):
            if (row := recycler.again(kept.row, kept.payload)) is not None:
                rows.add(row)
        fates |= {(date, why): fate for why, fate in recycler.fates().items()}
    table = rows.table()
    touched = {*table["from_date"].to_pylist(), *table["billing_date"].to_pylist()}
    name = ledger.recycled.add(table) if len(table) and not dry_run else ""
    return Result(fates, tuple(sorted(touched - {UNKNOWN_DATE})), name)


def told(result: Result, ledger: Ledger, dry_run: bool) -> str:
    """The result for people."""
    if not result.fates:
        return "nothing is quarantined"
    lines: list[tuple[str, ...]] = [("date", "reason", *_FATES)]
    lines += [(*key, *(str(fate[name]) for name in _FATES)) for key, fate in sorted(result.fates.items())]
    said = [aligned(lines, texts=2), ""]
    if dry_run:
        said.append(f"dry run: {result.rows} rows would be recycled; nothing was written")
    elif result.object:
        said.append(f"{result.rows} rows recycled: {ledger.store.location(result.object)}")
    else:
        said.append("0 rows recycled; nothing was written")
    if result.release:
        said.append(f"{'to be released then' if dry_run else 'to be released again'}: {', '.join(result.release)}")
    return "\n".join(said)
