"""The `quarantine list` command: list the rows still quarantined, by date and reason; never a payload."""

from itertools import groupby
from pathlib import Path
from typing import Annotated

import msgspec

from jobs.runtime.output import Emit
from jobs.runtime.progress import progress
from jobs.runtime.text_table import printable
from jobs.suspense.ledger_access import open_ledger_readonly, selected_dates
from jobs.suspense.quarantine import read_quarantined
from schemas.columns import description
from schemas.recycled import Suspended


class ReasonCount(msgspec.Struct, frozen=True):
    """How many rows of a date are quarantined for a reason."""

    date: Annotated[str, description("YYYY-MM-DD, or unknown")]
    reason: Annotated[str, description("why they are quarantined")]
    rows: Annotated[int, description("number of rows")]


class QuarantinedRow(msgspec.Struct, frozen=True):
    """A quarantined row, without its payload."""

    date: Annotated[str, description("YYYY-MM-DD, or unknown")]
    source: Annotated[str, description("the file or shard")]
    position: Annotated[str, description("the position in it")]
    length: Annotated[int | None, description("bytes; null if unknown")]
    reason: Annotated[str, description("why it is quarantined")]
    detail: Annotated[str | None, description("path of the invalid field")]

    def text(self) -> str:
        """Return one line."""
        detail = f", {printable(self.detail)}" if self.detail else ""
        length = "length unknown" if self.length is None else f"{self.length} bytes"
        return f"  {printable(self.source)} at {printable(self.position)}: {length}{detail}"


class QuarantineResult(msgspec.Struct, frozen=True):
    """The rows that are still quarantined."""

    quarantined: Annotated[int, description("number of rows")]
    reasons: Annotated[tuple[ReasonCount, ...], description("number of rows, by date and reason")]
    rows: Annotated[tuple[QuarantinedRow, ...], description("every row, in the order of `reasons`")]

    def text(self) -> str:
        """Return a heading with a count for every date and reason, a line for every row, and the total."""
        rows, lines = iter(self.rows), []
        for group in self.reasons:
            lines.append(f"{group.date}  {group.reason}: {group.rows}")
            lines += [next(rows).text() for _ in range(group.rows)]
        return "\n".join([*lines, f"{self.quarantined} quarantined in all"])


def run_list(out: Path | None, config: Path | None, dates: tuple[str, ...], reason: str | None, emit: Emit) -> None:
    """List the quarantined rows of these dates, or of all, for one reason or all."""
    ledger = open_ledger_readonly(out, config).ledger
    recycled = ledger.recycled.names()
    with progress(selected_dates(ledger, dates), "list", "date") as bar:
        counts_by_date = {date: read_quarantined(ledger, date, recycled, reason).counts for date in bar}
    emit(list_quarantined(counts_by_date))


def list_quarantined(counts_by_date: dict[str, dict[Suspended, int]]) -> QuarantineResult:
    """Return the result for counts of rows by date, which are in the order of the ledger's rows."""
    rows = [
        QuarantinedRow(date, *row)
        for date, counts in sorted(counts_by_date.items())
        for row, count in sorted(counts.items(), key=lambda item: item[0].reason)
        for _ in range(count)
    ]
    groups = [(*key, len([*group])) for key, group in groupby(rows, lambda row: (row.date, row.reason))]
    return QuarantineResult(len(rows), tuple(ReasonCount(*group) for group in groups), tuple(rows))
