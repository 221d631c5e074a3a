"""`quarantine show`: what the ledger says of one place; its raw payload on request only.

The payload goes to stdout as it was read, and nothing else does then.
"""

import sys
from pathlib import Path
from typing import Annotated

import click
import msgspec

from jobs.runtime.output import Emit
from jobs.runtime.progress import progress
from jobs.runtime.text_table import printable
from jobs.sql.connection import literal
from jobs.sql.recycled_rows import parts_errors, sources
from jobs.suspense.ledger_access import open_ledger_readonly, selected_dates
from jobs.suspense.quarantine import KeptPayload, payloads, suspense
from schemas.columns import description
from schemas.errors import InputError
from sinks.ledger import Ledger
from transforms.lines.recycled_rows import at_place
from transforms.records.recycle import QUARANTINED


class RecordPosition(msgspec.Struct, frozen=True):
    """Where a payload came from, as the ledger names it."""

    source: str
    position: str

    def __str__(self) -> str:
        return f"{printable(self.source)} at {printable(self.position)}"


class Entry(msgspec.Struct, frozen=True):
    """A ledger row at a place, without its payload."""

    date: Annotated[str, description("YYYY-MM-DD, or unknown")]
    outcome: Annotated[str, description("what the ledger says it is")]
    reason: Annotated[str | None, description("why")]
    detail: Annotated[str | None, description("path of the field that is wrong")]
    length: Annotated[int | None, description("bytes; null: not known")]
    now: Annotated[str | None, description("the outcome since it was recycled; null: it was not")]
    now_on: Annotated[str | None, description("the billing date since it was recycled")]
    payload: Annotated[tuple[str, ...], description("where the raw payload is: patients' data")] = ()
    no_payload: Annotated[str | None, description("why there is no payload; null: there is one")] = None

    def text(self) -> str:
        """A line for everything that is known."""
        told = {
            "billing date": self.date,
            "outcome": self.outcome,
            "reason": self.reason,
            "detail": self.detail and printable(self.detail),
            "length": None if self.length is None else f"{self.length} bytes",
            "payload": self.no_payload or ", ".join(self.payload),
            "recycled": self.now and f"{self.now}, billing date {self.now_on}",
        }
        return "\n".join(f"{name:<14}{value}" for name, value in told.items() if value)


class ShowResult(msgspec.Struct, frozen=True):
    """What the ledger says of a place."""

    source: Annotated[str, description("the file or shard")]
    position: Annotated[str, description("the place in it")]
    rows: Annotated[tuple[Entry, ...], description("the ledger's rows of this place")]

    def text(self) -> str:
        """The rows, with a blank line between them."""
        return "\n\n".join(entry.text() for entry in self.rows)


def run_show(out: Path | None, config: Path | None, place: RecordPosition, dates: tuple[str, ...], emit: Emit) -> None:
    """Tells what the ledger says of a place. InputError: nothing."""
    ledger, entries, kept = _found(out, config, place, dates)
    emit(ShowResult(place.source, place.position, tuple(_with_whereabouts(ledger, entry, kept) for entry in entries)))


def run_payload(out: Path | None, config: Path | None, place: RecordPosition, dates: tuple[str, ...]) -> None:
    """Writes the payload of a place to stdout, as it was read. InputError: there is none, or it is not kept."""
    _, entries, kept = _found(out, config, place, dates)
    found = list(dict.fromkeys(k.payload for k in kept))
    if not found:
        raise InputError(f"no payload of {place}: {_why(entries)}")
    click.echo("contact-billing: what is shown on stdout is patients' data; keep it as such", err=True)
    # Of records that share a position one after another, each on a line.
    sys.stdout.buffer.write(b"\n".join(found))


def _found(
    out: Path | None, config: Path | None, place: RecordPosition, dates: tuple[str, ...]
) -> tuple[Ledger, list[Entry], list[KeptPayload]]:
    """The ledger, its rows of a place, and their payloads. InputError: it has none."""
    ledger = open_ledger_readonly(out, config).ledger
    listed = ledger.recycled.names()
    with progress(selected_dates(ledger, dates), "show", "date") as among:
        entries = [entry for date in among for entry in read_entries(ledger, date, listed, place)]
    if not entries:
        raise InputError(f"the ledger has no row of {place}; take source and position from quarantine list")
    return ledger, entries, [k for date in sorted({e.date for e in entries}) for k in payloads_at(ledger, date, place)]


def read_entries(ledger: Ledger, date: str, listed: tuple[str, ...], place: RecordPosition) -> list[Entry]:
    """What the ledger's rows of a date say of a place, in order, given the names of all recycled objects."""
    with suspense(ledger, date, listed) as (connection, parts):
        values = {"date": date, **msgspec.structs.asdict(place)} | ({"parts": literal(parts)} if parts else {})
        with parts_errors(date, parts):
            found = connection.execute(at_place(*sources(parts, None)), values).fetchall()
    return [Entry(date, *row) for row in found]


def payloads_at(ledger: Ledger, date: str, place: RecordPosition) -> list[KeptPayload]:
    """The payloads of a place that were kept."""
    return [
        kept
        for kept in payloads(ledger, date)
        if (kept.row.source, kept.row.position) == (place.source, place.position)
    ]


def _with_whereabouts(ledger: Ledger, entry: Entry, kept: list[KeptPayload]) -> Entry:
    store, _ = ledger.payloads(entry.date)
    names = dict.fromkeys(k.name for k in kept if k.row.reason == entry.reason and k.row.length == entry.length)
    why = None if names else _why([entry])
    return msgspec.structs.replace(entry, payload=tuple(map(store.location, names)), no_payload=why)


def _why(entries: list[Entry]) -> str:
    """Why there is no payload."""
    if all(entry.outcome != QUARANTINED for entry in entries):
        return "not kept, because it is not quarantined; see the archive"
    if any(entry.reason == "too_large" for entry in entries):
        return "not kept, because it was over the size limit; see the archive"
    return "gone from the quarantine; replay its archive"
