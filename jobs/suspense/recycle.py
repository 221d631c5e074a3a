"""The `quarantine recycle` command: classify quarantined payloads again with today's code and settings.

A run writes a single object to the ledger: before it nothing has changed, after it everything has.
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
from jobs.suspense.references import References, open_references
from schemas.columns import description
from schemas.outcome import UNKNOWN_DATE
from schemas.recycled import RECYCLED_COLUMNS
from sinks.ledger import Ledger
from sinks.parquet import Rows
from transforms.records.outcome import outcome
from transforms.records.recycle import NO_PAYLOAD, QUARANTINED, Classifier, Recycler

_FATES = ("billable", "held", "excluded", QUARANTINED, NO_PAYLOAD)
_RECYCLED = frozenset(_FATES[:3])

Fates = dict[tuple[str, str], Counter[str]]


class RecycledPayload(msgspec.Struct, frozen=True):
    """The result of `recycle`: by date and reason, counts of rows by their outcome now; and what was written.

    `release` are the dates whose rows have changed; `object` is empty if nothing was written.
    """

    fates: Fates
    release: tuple[str, ...]
    object: str = ""

    @property
    def rows(self) -> int:
        """The number of rows that are no longer quarantined."""
        return sum(count for fate in self.fates.values() for name, count in fate.items() if name in _RECYCLED)


class Fate(msgspec.Struct, frozen=True):
    """The outcomes, or in a dry run the expected ones, of the rows of a date that were quarantined for a reason."""

    date: Annotated[str, description("YYYY-MM-DD, or unknown")]
    reason: Annotated[str, description("why they were quarantined")]
    billable: Annotated[int, description("rows that are now billable")]
    held: Annotated[int, description("rows that are now held")]
    excluded: Annotated[int, description("rows that are now excluded")]
    quarantined: Annotated[int, description("rows that stay quarantined")]
    no_payload: Annotated[int, description("rows that stay quarantined: their payload is lost, or only in the archive")]


class RecycleResult(msgspec.Struct, frozen=True):
    """The result of a recycle, or of its dry run."""

    dry_run: Annotated[bool, description("whether this was a dry run, which writes nothing")]
    rows: Annotated[int, description("rows that are no longer quarantined, or in a dry run would not be")]
    object: Annotated[str, description("location of the object with these rows; empty if nothing was written")]
    release: Annotated[tuple[str, ...], description("billing dates to release afterwards")]
    fates: Annotated[tuple[Fate, ...], description("outcomes of the rows, by date and reason")]

    def text(self) -> str:
        """Return a table by date and reason, what was written, and what to release."""
        if not self.fates:
            return "nothing is quarantined"
        rows: list[tuple[str, ...]] = [("date", "reason", *_FATES)]
        rows += [tuple(map(str, msgspec.structs.astuple(fate))) for fate in self.fates]
        lines = [text_table(rows, texts=2), ""]
        if self.dry_run:
            lines.append(f"dry run: {self.rows} rows would be recycled; nothing was written")
        elif self.object:
            lines.append(f"{self.rows} rows recycled: {self.object}")
        else:
            lines.append("0 rows recycled; nothing was written")
        if self.release:
            when = "to be released then" if self.dry_run else "to be released again"
            lines.append(f"{when}: {', '.join(self.release)}")
        return "\n".join(lines)


def run_recycle(
    agents: str | None,
    out: Path | None,
    config: Path | None,
    dates: tuple[str, ...],
    reason: str | None,
    dry_run: bool,
    archive: Path | None,
    emit: Emit,
) -> None:
    """Recycle the quarantined rows of these dates, or of all; emit their outcomes and the dates to release.

    Payloads that are kept by reference are read from the archive, if it is named.
    """
    access = open_ledger_readonly(out, config)
    ledger, settings = access.ledger, access.settings
    storage = settings.storage
    with run_log("quarantine recycle", settings):
        history = load_agents(agents_uri(agents, storage), storage.s3)
        classify_payload = partial(outcome, agents=history, rules=settings.rules)
        with open_references(archive, history, settings.rules) as references:
            result = recycle(ledger, classify_payload, selected_dates(ledger, dates), reason, dry_run, references)
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
    ledger: Ledger,
    classify_payload: Classifier,
    dates: list[str],
    reason: str | None = None,
    dry_run: bool = False,
    references: References | None = None,
) -> RecycledPayload:
    """Classify the quarantined payloads of these dates again, and write those that are no longer quarantined."""
    rows, fates, recycled = Rows(RECYCLED_COLUMNS), Fates(), ledger.recycled.names()
    with progress(dates, "recycle", "date") as bar:
        for date in bar:
            quarantined = read_quarantined(ledger, date, recycled, reason)
            if not (counts := quarantined.counts):
                continue
            recycler = Recycler(date, counts, quarantined.recycled, classify_payload)
            for item in payloads(ledger, date):
                if item.payload is not None:
                    row = recycler.recycled_row(item.row, item.payload)
                else:
                    row = references.recycled_row(recycler, item) if references and item.row in counts else None
                if row is not None:
                    rows.add(row)
            fates |= {(date, from_reason): fate for from_reason, fate in recycler.fates().items()}
    table = rows.table()
    changed = {*table["from_date"].to_pylist(), *table["billing_date"].to_pylist()}
    name = ledger.recycled.add(table) if len(table) and not dry_run else ""
    result = RecycledPayload(fates, tuple(sorted(changed - {UNKNOWN_DATE})), name)
    for date in result.release if name else ():
        log(Event.RECYCLED, date=date, object=name)
    return result
