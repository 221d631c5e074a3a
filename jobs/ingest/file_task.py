"""Read one archived file into ledger parts, in a Python worker of the replay job.

Idempotent: the parts are named by the file's path and content, and an input that was read to its end under the same
settings is not read again.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from jobs.ingest.archive.damage import Damage
from jobs.ingest.archive.file_state import file_state, has_changed
from jobs.ingest.archive.files import ArchiveFile, content_digest
from jobs.ingest.archive.reader import read_payloads
from jobs.ingest.archive.unreadable import unreadable_form
from jobs.runtime.redaction import redacted_traceback
from jobs.runtime.text_table import printable
from schemas.billing_rules import MAX_PAYLOAD_BYTES, Rules
from schemas.errors import ContactBillingError, InputError
from schemas.outcome import LEDGER_COLUMNS, QUARANTINE_COLUMNS, UNKNOWN_DATE, UNREADABLE_REASONS, OutcomeRow
from sinks.ledger import InputMark, Ledger
from sinks.parquet import Rows
from sinks.paths import input_name
from transforms.records.decode import Decoder
from transforms.records.extension import AgentHistory
from transforms.records.outcome import classify_payload
from transforms.records.payloads import Payload

# Rows, or bytes of quarantined payloads, in memory before they are written as a part.
PART_ROWS = 100_000
PART_BYTES = 64 * MAX_PAYLOAD_BYTES

Progress = Callable[[int], None]


class FileResult(msgspec.Struct, frozen=True):
    """The result of a file: its mark, or the user's error or bug that stopped it.

    `damaged_at` is the position of the first damage, if the file was read in this run.
    """

    name: str
    mark: InputMark | None = None
    error: str | None = None
    error_class: str | None = None
    bug: str | None = None
    damaged_at: str | None = None


class FileTask:
    """Reads files into a ledger, with one set of rules and one agent-extension table."""

    def __init__(self, ledger: Ledger, rules: Rules, agents: AgentHistory, settings: str) -> None:
        self._ledger = ledger
        self._rules = rules
        self._agents = agents
        self._settings = settings

    def run(self, file: ArchiveFile, progress: Progress) -> FileResult:
        """Read one file. Errors that a user can fix are results, so that other files continue."""
        damage: list[Damage] = []
        try:
            mark = self._read(file, progress, damage)
            return FileResult(file.name, mark, damaged_at=damage[0].position if damage else None)
        except ContactBillingError as error:
            return FileResult(file.name, None, str(error), type(error).__name__)
        except OSError as error:
            reason = f"cannot read {printable(file.path)}: {error.strerror}; check the file, then run again"
            return FileResult(file.name, None, reason, InputError.__name__)
        except Exception as bug:  # noqa: BLE001  its message could hold a value, its frames cannot
            return FileResult(file.name, bug=redacted_traceback(bug))

    def _read(self, file: ArchiveFile, progress: Progress, damage: list[Damage]) -> InputMark:
        with Path(file.path).open("rb") as content:
            before = file_state(content)
            digest = content_digest(content)
            name = input_name(file.name, digest)
            mark = self._ledger.mark(name)
            if mark is not None and mark.settings == self._settings and not _may_be_unreadable(mark):
                return mark
            if mark is not None:
                self._ledger.forget(name)
            parts = _Parts(self._ledger, name, file.name)
            decoder = Decoder(self._rules.extension_attribute)
            for position, payload in read_payloads(content, decoder, damage):
                row = classify_payload(payload.decoded, self._agents, self._rules)
                if parts.add(row, position, payload):
                    progress(content.tell())
            parts.write()
            form = None if parts.has_object else unreadable_form(content)
            if has_changed(content, before, digest):
                self._ledger.forget(name)
                raise InputError(
                    f"{printable(file.path)} changed while it was read; wait until it is complete, then run again"
                )
        mark = InputMark(file.name, self._settings, dict(parts.rows), dict(parts.outcomes), bool(damage), form)
        self._ledger.finish(name, mark)
        return mark


def _may_be_unreadable(mark: InputMark) -> bool:
    """Whether a mark does not say if its input is unreadable, as old ones do not, and its counts do not tell."""
    counts = (mark.rows.keys() - {UNKNOWN_DATE}, mark.outcomes.keys() - {"quarantined"})
    return mark.unreadable is msgspec.UNSET and not any(counts)


class _Parts:
    """Rows by date, written as a part of each date whenever there are enough."""

    def __init__(self, ledger: Ledger, input_name: str, source: str) -> None:
        self._ledger = ledger
        self._input_name = input_name
        self._source = source
        self._rows: dict[str, Rows] = defaultdict(partial(Rows, LEDGER_COLUMNS))
        self._quarantine: dict[str, Rows] = defaultdict(partial(Rows, QUARANTINE_COLUMNS))
        self._number = self._pending = self._pending_bytes = 0
        self.rows: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self._reasons: Counter[str | None] = Counter()

    @property
    def has_object(self) -> bool:
        """Whether a row that was written is that of an object, good or bad."""
        return any(count for reason, count in self._reasons.items() if reason not in UNREADABLE_REASONS)

    def add(self, row: OutcomeRow, position: str, payload: Payload) -> bool:
        """Add a row; return whether that completed and wrote a part."""
        location = (self._source, position, payload.length)
        date = row.billing_date
        self._rows[date].add(msgspec.structs.astuple(row)[:-1] + location)
        self._pending += 1
        if row.outcome == "quarantined":
            data = payload.data if len(payload.data or b"") <= MAX_PAYLOAD_BYTES else None
            self._quarantine[date].add((row.reason, row.detail, *location, data))
            self._pending_bytes += len(data or b"")
        if self._pending >= PART_ROWS or self._pending_bytes >= PART_BYTES:
            self.write()
            return True
        return False

    def write(self) -> None:
        """Write the rows as a part of each of their dates."""
        for date, rows in sorted(self._rows.items()):
            table = rows.table()
            self._ledger.write_rows(date, self._input_name, self._number, table)
            self.rows[date] += len(table)
            self.outcomes.update(_counts(table, "outcome"))
            self._reasons.update(_counts(table, "reason"))
        for date, rows in sorted(self._quarantine.items()):
            self._ledger.write_quarantine(date, self._input_name, self._number, rows.table())
        self._rows.clear()
        self._quarantine.clear()
        self._number += 1
        self._pending = self._pending_bytes = 0


def _counts(table: pa.Table, column: str) -> dict[Any, int]:
    return {count["values"]: count["counts"] for count in table[column].value_counts().to_pylist()}
