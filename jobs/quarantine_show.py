"""`quarantine show`: what the ledger says of one place; its raw payload on request only.

The payload goes to stdout as it was read, and nothing else does then.
"""

import sys
from pathlib import Path

import click
import msgspec

from jobs.recycled_rows import sources, unreadable
from jobs.sql import literal
from jobs.suspense import KeptPayload, payloads, suspense
from jobs.suspense_given import chosen, given
from jobs.tables import shown
from schemas.errors import InputError
from sinks.ledger import Ledger
from transforms.recycle import QUARANTINED
from transforms.recycled import at_place


class Place(msgspec.Struct, frozen=True):
    """Where a payload came from, as the ledger names it."""

    source: str
    position: str

    def __str__(self) -> str:
        return f"{shown(self.source)} at {shown(self.position)}"


class Entry(msgspec.Struct, frozen=True):
    """A ledger row at a place; of one that was recycled also what it is now, and on which date."""

    date: str
    outcome: str
    reason: str | None
    detail: str | None
    length: int | None
    now: str | None
    now_on: str | None


def run_show(out: Path | None, config: Path | None, place: Place, dates: tuple[str, ...], with_payload: bool) -> None:
    """Tells what the ledger says of a place, or shows its payload. InputError: there is none, or it is not kept."""
    ledger = given(out, config).ledger
    among = chosen(ledger, dates)
    listed = ledger.recycled.names()
    entries = [entry for date in among for entry in entries_of(ledger, date, listed, place)]
    if not entries:
        raise InputError(f"the ledger has no row of {place}; take source and position from quarantine list")
    kept = [k for date in sorted({e.date for e in entries}) for k in kept_at(ledger, date, place)]
    if not with_payload:
        click.echo("\n\n".join(described(ledger, entry, kept) for entry in entries))
        return
    found = list(dict.fromkeys(k.payload for k in kept))
    if not found:
        raise InputError(f"no payload of {place}: {_why(entries)}")
    click.echo("contact-billing: what is shown on stdout is patients' data; keep it as such", err=True)
    # As it was read; of records that share a position one after another, each on a line.
    sys.stdout.buffer.write(b"\n".join(found))


def entries_of(ledger: Ledger, date: str, listed: tuple[str, ...], place: Place) -> list[Entry]:
    """What the ledger's rows of a date say of a place, in order, given the names of all recycled objects."""
    with suspense(ledger, date, listed) as (connection, parts):
        values = {"date": date, **msgspec.structs.asdict(place)} | ({"parts": literal(parts)} if parts else {})
        with unreadable(date, parts):
            found = connection.execute(at_place(*sources(parts, None)), values).fetchall()
    return [Entry(date, *row) for row in found]


def kept_at(ledger: Ledger, date: str, place: Place) -> list[KeptPayload]:
    """The payloads of a place that were kept."""
    return [
        kept
        for kept in payloads(ledger, date)
        if (kept.row.source, kept.row.position) == (place.source, place.position)
    ]


def described(ledger: Ledger, entry: Entry, kept: list[KeptPayload]) -> str:
    """One ledger row for people."""
    told = {
        "billing date": entry.date,
        "outcome": entry.outcome,
        "reason": entry.reason,
        "detail": entry.detail and shown(entry.detail),
        "length": None if entry.length is None else f"{entry.length} bytes",
        "payload": _whereabouts(ledger, entry, kept),
        "recycled": entry.now and f"{entry.now}, billing date {entry.now_on}",
    }
    return "\n".join(f"{name:<14}{value}" for name, value in told.items() if value)


def _whereabouts(ledger: Ledger, entry: Entry, kept: list[KeptPayload]) -> str:
    store, _ = ledger.payloads(entry.date)
    names = dict.fromkeys(k.name for k in kept if k.row.reason == entry.reason and k.row.length == entry.length)
    return ", ".join(map(store.location, names)) or _why([entry])


def _why(entries: list[Entry]) -> str:
    """Why there is no payload."""
    if all(entry.outcome != QUARANTINED for entry in entries):
        return "not kept, because it is not quarantined; see the archive"
    if any(entry.reason == "too_large" for entry in entries):
        return "not kept, because it was over the size limit; see the archive"
    return "gone from the quarantine; replay its archive"
