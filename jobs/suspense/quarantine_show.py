"""The `quarantine show` command: show the ledger's rows of one position, and its raw payload only on request.

The payload goes to stdout as it was read, and then nothing else does.
"""

import shutil
import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated

import click
import msgspec

from jobs.runtime.output import Emit
from jobs.runtime.progress import progress
from jobs.runtime.text_table import printable
from jobs.sql.connection import fetch_rows, literal
from jobs.sql.recycled_rows import parts_errors, sources
from jobs.suspense.archived_payloads import ArchivedPayloads
from jobs.suspense.ledger_access import open_ledger_readonly, selected_dates
from jobs.suspense.quarantine import KeptPayload, payloads, suspense
from schemas.columns import description
from schemas.errors import InputError
from sinks.ledger import Ledger
from sinks.paths import replayed_input
from transforms.lines.recycled_rows import rows_at_position
from transforms.records.recycle import QUARANTINED

_WARNING = "contact-billing: what is shown on stdout is patients' data; keep it as such"
_BLOCK = 1 << 20


class RecordPosition(msgspec.Struct, frozen=True):
    """The origin of a payload, as the ledger names it."""

    source: str
    position: str

    def __str__(self) -> str:
        return f"{printable(self.source)} at {printable(self.position)}"


class Entry(msgspec.Struct, frozen=True):
    """A ledger row of a position, without its payload."""

    date: Annotated[str, description("YYYY-MM-DD, or unknown")]
    outcome: Annotated[str, description("its outcome in the ledger")]
    reason: Annotated[str | None, description("the reason for the outcome")]
    detail: Annotated[str | None, description("path of the invalid field")]
    length: Annotated[int | None, description("bytes; null if unknown")]
    now: Annotated[str | None, description("the outcome since it was recycled; null if it was not")]
    now_on: Annotated[str | None, description("the billing date since it was recycled")]
    payload: Annotated[tuple[str, ...], description("locations of the raw payload, which is patient data")] = ()
    no_payload: Annotated[str | None, description("why there is no payload; null if there is one")] = None

    def text(self) -> str:
        """Return a line for every value that is known."""
        values = {
            "billing date": self.date,
            "outcome": self.outcome,
            "reason": self.reason,
            "detail": self.detail and printable(self.detail),
            "length": None if self.length is None else f"{self.length} bytes",
            "payload": self.no_payload or ", ".join(self.payload),
            "recycled": self.now and f"{self.now}, billing date {self.now_on}",
        }
        return "\n".join(f"{name:<14}{value}" for name, value in values.items() if value)


class ShowResult(msgspec.Struct, frozen=True):
    """The ledger's rows of a position."""

    source: Annotated[str, description("the file or shard")]
    position: Annotated[str, description("the position in it")]
    rows: Annotated[tuple[Entry, ...], description("the ledger's rows of this position")]

    def text(self) -> str:
        """Return the rows, with a blank line between them."""
        return "\n\n".join(entry.text() for entry in self.rows)


def run_show(
    out: Path | None, config: Path | None, position: RecordPosition, dates: tuple[str, ...], emit: Emit
) -> None:
    """Show the ledger's rows of a position. Raises InputError if there are none."""
    ledger, entries, position_payloads = _read_position(out, config, position, dates)
    rows = tuple(_with_payload_locations(ledger, entry, position_payloads) for entry in entries)
    emit(ShowResult(position.source, position.position, rows))


def run_payload(
    out: Path | None, config: Path | None, position: RecordPosition, dates: tuple[str, ...], archive: Path | None
) -> None:
    """Write the payload of a position to stdout, as it was read; from the archive, if it is kept by reference.

    Raises InputError if it does not exist or is lost.
    """
    _, entries, position_payloads = _read_position(out, config, position, dates)
    unique = list(dict.fromkeys(item.payload for item in position_payloads if item.payload is not None))
    if unique:
        click.echo(_WARNING, err=True)
        # Records can share a position: write one per line.
        sys.stdout.buffer.write(b"\n".join(unique))
    elif not _write_archived(archive, position_payloads):
        raise InputError(f"no payload of {position}: {_no_payload_reason(entries, position_payloads, archive)}")


def _write_archived(archive: Path | None, position_payloads: list[KeptPayload]) -> bool:
    """Write the payload from the archive; return whether it has it."""
    if archive is None:
        return False
    with closing(ArchivedPayloads(archive)) as archived:
        for item in position_payloads:
            with archived.payload(item.row, item.name) as payload:
                if payload is not None:
                    click.echo(_WARNING, err=True)
                    shutil.copyfileobj(payload, sys.stdout.buffer, _BLOCK)
                    return True
    return False


def _read_position(
    out: Path | None, config: Path | None, position: RecordPosition, dates: tuple[str, ...]
) -> tuple[Ledger, list[Entry], list[KeptPayload]]:
    """Return the ledger, its rows of a position, and their payloads. Raises InputError if it has no row."""
    ledger = open_ledger_readonly(out, config).ledger
    recycled = ledger.recycled.names()
    with progress(selected_dates(ledger, dates), "show", "date") as bar:
        entries = [entry for date in bar for entry in read_entries(ledger, date, recycled, position)]
    if not entries:
        raise InputError(f"the ledger has no row of {position}; take source and position from quarantine list")
    entry_dates = sorted({entry.date for entry in entries})
    return ledger, entries, [item for date in entry_dates for item in payloads_at(ledger, date, position)]


def read_entries(ledger: Ledger, date: str, recycled: tuple[str, ...], position: RecordPosition) -> list[Entry]:
    """Return a date's ledger rows of a position, in order, given the names of all recycled objects."""
    with suspense(ledger, date, recycled) as (connection, parts):
        values = {"date": date, **msgspec.structs.asdict(position)} | ({"parts": literal(parts)} if parts else {})
        with parts_errors(date, parts):
            rows = fetch_rows(connection, rows_at_position(*sources(parts, None)), values)
    return [Entry(date, *row) for row in rows]


def payloads_at(ledger: Ledger, date: str, position: RecordPosition) -> list[KeptPayload]:
    """Return the kept payloads of a position."""
    return [
        item
        for item in payloads(ledger, date)
        if (item.row.source, item.row.position) == (position.source, position.position)
    ]


def _with_payload_locations(ledger: Ledger, entry: Entry, items: list[KeptPayload]) -> Entry:
    store, _ = ledger.payloads(entry.date)
    items = [item for item in items if (item.row.reason, item.row.length) == (entry.reason, entry.length)]
    names = dict.fromkeys(item.name for item in items if item.payload is not None)
    no_payload = None if names else _no_payload_reason([entry], items)
    return msgspec.structs.replace(entry, payload=tuple(map(store.location, names)), no_payload=no_payload)


def _no_payload_reason(entries: list[Entry], items: list[KeptPayload], archive: Path | None = None) -> str:
    """Return why there is no payload, or where it lies; `archive` was searched for it."""
    if all(entry.outcome != QUARANTINED for entry in entries):
        return "not kept, because it is not quarantined; see the archive"
    if rows := [item.row for item in items if item.payload is None and replayed_input(item.name)]:
        source = printable(rows[0].source)
        if archive is not None:
            return f"{archive} does not have {source} as it was read; name the archive of that time"
        place = f"{rows[0].length} bytes of {source} at {printable(rows[0].position)}"
        return f"in the archive, because it is over the size limit: {place}; read it with --payload --archive ARCHIVE"
    if any(entry.reason == "too_large" for entry in entries):
        return "not kept, because it was over the size limit; see the archive"
    return "missing from the quarantine; replay its archive"
