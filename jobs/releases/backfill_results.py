"""Results of replays and backfills: what was read, what of it was published, and what could not be read."""

from typing import Annotated

import msgspec

from jobs.releases.results import Released, findings, table, unknown_agents, version_text
from jobs.runtime.text_table import first_few, printable
from schemas.columns import description
from schemas.errors import InputError
from schemas.manifest import Control
from transforms.lines.control_totals import total

_DAMAGED = "files that could only be read in part; that part is in the ledger"
_UNREADABLE = "files in which no record can be read, and the form that each seems to have"
_LEFT_OUT = "how many files --exclude left out"
# An error names at most this many files.
_MOST_FILES = 5
_OTHER_DATES = "records of dates outside of --from and --to, by date: in the ledger, and not published by this run"


class ReplayResult(msgspec.Struct, frozen=True):
    """The result of a replay."""

    files: Annotated[int, description("files read, by this run or earlier ones")]
    damaged: Annotated[tuple[str, ...], description(_DAMAGED)]
    dates: Annotated[dict[str, int], description("records read, by billing date, or `unknown`")]
    ledger: Annotated[str, description("location of the ledger")]
    unreadable: Annotated[dict[str, str], description(_UNREADABLE)] = {}
    left_out: Annotated[int, description(_LEFT_OUT)] = 0
    other_dates: Annotated[dict[str, int], description(_OTHER_DATES)] = {}

    def text(self) -> str:
        """Return a line for every date."""
        lines = [f"{date}  {rows} records" for date, rows in self.dates.items()]
        lines += [*_other_dates(self.other_dates), *_damaged(self.damaged), *_unreadable(self.unreadable), ""]
        return "\n".join([*lines, f"{_files(self.files, self.left_out)}; the ledger is {self.ledger}"])


class BackfillResult(msgspec.Struct, frozen=True):
    """The result of a backfill."""

    files: Annotated[int, description("files read, by this run or earlier ones")]
    damaged: Annotated[tuple[str, ...], description(_DAMAGED)]
    dates: Annotated[tuple[Released, ...], description("the result for every billing date")]
    unknown: Annotated[
        Control | None, description("control totals of rows without a date, which are not published; null if none")
    ]
    out: Annotated[str | None, description("the folder of --out, which contains all locations; null if none")]
    ledger: Annotated[str, description("location of the ledger")]
    release: Annotated[str, description("location of the release")]
    audit: Annotated[str, description("location of the audit")]
    unreadable: Annotated[dict[str, str], description(_UNREADABLE)] = {}
    left_out: Annotated[int, description(_LEFT_OUT)] = 0
    published: Annotated[bool, description("false if unreadable files kept all dates from being published")] = True
    other_dates: Annotated[dict[str, int], description(_OTHER_DATES)] = {}

    def text(self) -> str:
        """Return a table of all dates, of rows without a date, and the total."""
        summary = f"{_files(self.files, self.left_out)}; {self._locations()}"
        files = [*_damaged(self.damaged), *_unreadable(self.unreadable)]
        warnings = [*findings(self.dates), *unknown_agents(self.dates), *_other_dates(self.other_dates)]
        notes = [*warnings, *files, "", summary]
        if not self.published:
            return "\n".join(notes)
        rows = [(r.billing_date, r.control, version_text(r)) for r in self.dates]
        if self.unknown is not None:
            rows.append(("unknown", self.unknown, "not published"))
        rows.append(("in all", total([control for _, control, _ in rows]), ""))
        return "\n".join([table(rows), *notes])

    def _locations(self) -> str:
        if self.out is not None:
            return f"ledger, release and audit are below {self.out}"
        return f"the ledger is {self.ledger}, the release {self.release}, the audit {self.audit}"


def check_readable(unreadable: dict[str, str]) -> None:
    """Raise InputError if there are unreadable files; the message names the first of them, and what to do."""
    if unreadable:
        names = [f"{printable(name)} ({form})" for name, form in unreadable.items()]
        raise InputError(
            f"no record can be read in {len(names)} files, which seem to be: {first_few(names, _MOST_FILES)}; "
            "nothing was published: leave them out with --exclude, or accept them with --accept-unreadable"
        )


def _damaged(names: tuple[str, ...]) -> list[str]:
    return [f"damaged: {printable(name)} (what could be read of it is in the ledger)" for name in names]


def _unreadable(forms: dict[str, str]) -> list[str]:
    return [f"unreadable: {printable(name)} (no record; it seems to be {form})" for name, form in forms.items()]


def _files(read: int, left_out: int) -> str:
    return f"{read} files read{f', {left_out} left out' if left_out else ''}"


def _other_dates(rows: dict[str, int]) -> list[str]:
    if not rows:
        return []
    dates = min(rows) if len(rows) == 1 else f"{len(rows)} dates from {min(rows)} to {max(rows)}"
    return [f"records of other dates: {sum(rows.values())} ({dates}); they are in the ledger and were not published"]
