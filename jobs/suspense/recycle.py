"""Recycle: quarantined payloads through today's code and settings; one object in the ledger out.

That object is all that is written: before it nothing has changed, after it everything has.
"""

from collections import Counter
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec

from jobs.agents.table import load_agents
from jobs.runtime.log_format import Event
from jobs.runtime.logs import log, run_log
from jobs.runtime.output import Emit
from jobs.runtime.progress import progress
from jobs.runtime.text_table import text_table
from jobs.settings.locations import agents_uri
from jobs.suspense.ledger_access import open_ledger_readonly, selected_dates
from jobs.suspense.quarantine import payloads, read_quarantined
from schemas.columns import description
from schemas.outcome import UNKNOWN_DATE
from schemas.recycled import RECYCLED_COLUMNS
from sinks.ledger import Ledger
from sinks.parquet import Rows
from transforms.records.outcome import outcome
from transforms.records.recycle import NO_PAYLOAD, QUARANTINED, Judge, Recycler

_FATES = ("billable", "held", "excluded", QUARANTINED, NO_PAYLOAD)
_RECYCLED = frozenset(_FATES[:3])

Fates = dict[tuple[str, str], Counter[str]]


class RecycledPayload(msgspec.Struct, frozen=True):
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


class Fate(msgspec.Struct, frozen=True):
    """What has become, or would become, of the rows of a date that were quarantined for a reason."""

    date: Annotated[str, description("YYYY-MM-DD, or unknown")]
    reason: Annotated[str, description("why they were quarantined")]
    billable: Annotated[int, description("rows that are billable now")]
    held: Annotated[int, description("rows that are held now")]
    excluded: Annotated[int, description("rows that are excluded now")]
    quarantined: Annotated[int, description("rows that stay quarantined")]
    no_payload: Annotated[int, description("rows that stay quarantined, because their payload is not kept")]


class RecycleResult(msgspec.Struct, frozen=True):
    """What a recycle has come to, or would come to."""

    dry_run: Annotated[bool, description("whether it is only said what would be; nothing was written then")]
    rows: Annotated[int, description("rows that are quarantined no longer, or would be")]
    object: Annotated[str, description("where they were written; empty: nothing was written")]
    release: Annotated[tuple[str, ...], description("billing dates to be released then")]
    fates: Annotated[tuple[Fate, ...], description("what has become of the rows, by date and reason")]

    def text(self) -> str:
        """A table by date and reason, what was written, and what to release."""
        if not self.fates:
            return "nothing is quarantined"
        lines: list[tuple[str, ...]] = [("date", "reason", *_FATES)]
        lines += [tuple(map(str, msgspec.structs.astuple(fate))) for fate in self.fates]
        said = [text_table(lines, texts=2), ""]
        if self.dry_run:
            said.append(f"dry run: {self.rows} rows would be recycled; nothing was written")
        elif self.object:
            said.append(f"{self.rows} rows recycled: {self.object}")
        else:
            said.append("0 rows recycled; nothing was written")
        if self.release:
            when = "to be released then" if self.dry_run else "to be released again"
            said.append(f"{when}: {', '.join(self.release)}")
        return "\n".join(said)


def run_recycle(
    agents: str | None,
    out: Path | None,
    config: Path | None,
    dates: tuple[str, ...],
    reason: str | None,
    dry_run: bool,
    emit: Emit,
) -> None:
    """Recycles what is quarantined of these dates, or of all; says what has become of it and what to release."""
    found = open_ledger_readonly(out, config)
    storage = found.settings.storage
    with run_log("quarantine recycle", found.settings):
        history = load_agents(agents_uri(agents, storage), storage.s3)
        ledger, rules = found.ledger, found.settings.rules
        judge = partial(outcome, agents=history, rules=rules)
        result = recycle(ledger, judge, selected_dates(ledger, dates), reason, dry_run)
        emit(
            RecycleResult(
                dry_run,
                result.rows,
                result.object and ledger.store.location(result.object),
                result.release,
                tuple(Fate(*key, *(fate[name] for name in _FATES)) for key, fate in sorted(result.fates.items())),
            )
        )


def recycle(
    ledger: Ledger, classify_payload: Judge, dates: list[str], reason: str | None = None, dry_run: bool = False
) -> RecycledPayload:
    """Judges the quarantined payloads of these dates again, and writes those that are quarantined no longer."""
    rows, fates, listed = Rows(RECYCLED_COLUMNS), Fates(), ledger.recycled.names()
    with progress(dates, "recycle", "date") as among:
        for date in among:
            suspended = read_quarantined(ledger, date, listed, reason)
            if not suspended.still:
                continue
            recycler = Recycler(date, suspended.still, suspended.done, classify_payload)
            for kept in payloads(ledger, date):
                if (row := recycler.recycled_rows(kept.row, kept.payload)) is not None:
                    rows.add(row)
            fates |= {(date, why): fate for why, fate in recycler.fates().items()}
    table = rows.table()
    touched = {*table["from_date"].to_pylist(), *table["billing_date"].to_pylist()}
    name = ledger.recycled.add(table) if len(table) and not dry_run else ""
    result = RecycledPayload(fates, tuple(sorted(touched - {UNKNOWN_DATE})), name)
    for date in result.release if name else ():
        log(Event.RECYCLED, date=date, object=name)
    return result
