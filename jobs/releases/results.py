"""What replays and releases come to: control totals per billing date, and where the files are."""

from typing import Annotated

import msgspec

from jobs.runtime.text_table import text_table
from schemas.columns import description
from schemas.errors import AuditFailed
from schemas.manifest import Control
from transforms.lines.control_totals import total

_COLUMNS = (
    "read",
    "billed",
    "held",
    "excluded",
    "superseded",
    "duplicate",
    "quarantined",
    "call s",
)
_DAMAGED = "files that could not be read as a whole; what could be read is in the ledger"


class Released(msgspec.Struct, frozen=True):
    """What became of a date: its control totals, its version, and whether that is new, or would be."""

    billing_date: Annotated[str, description("YYYY-MM-DD")]
    control: Annotated[Control, description("the control totals")]
    version: Annotated[int, description("the newest version, or the one that would be; 0: there is none")]
    new: Annotated[bool, description("whether the version was made now, or would be")]
    location: Annotated[str, description("where the version is; empty: nowhere")] = ""
    failures: Annotated[tuple[str, ...], description("what it did not pass; it was not published then")] = ()
    audit: Annotated[str, description("where the audit of what is new, or failed, is; empty: nowhere")] = ""
    amendments: Annotated[
        dict[str, int], description("lines ADDED, CHANGED and WITHDRAWN since the version before")
    ] = {}
    findings: Annotated[int, description("chains of calls that contradict themselves; the audit lists them")] = 0

    @property
    def odd(self) -> str:
        """How many findings, in words."""
        return f"{self.findings} chain finding{'' if self.findings == 1 else 's'}"

    def text(self) -> str:
        """One line for one date."""
        if self.failures:
            return f"{self.billing_date} FAILED"
        version = f"{self.billing_date} v{self.version:04d}"
        if not self.new:
            return f"{version} (unchanged)"
        told = f"{self.control.billed} lines, {self.control.call_seconds} s, of {self.control.read} records"
        return f"{version}: {told}{f', {self.odd}' if self.findings else ''}; {self.location}"


class ReplayResult(msgspec.Struct, frozen=True):
    """What a replay has come to."""

    files: Annotated[int, description("files read, now or before")]
    damaged: Annotated[tuple[str, ...], description(_DAMAGED)]
    dates: Annotated[dict[str, int], description("records read, by billing date, or unknown")]
    ledger: Annotated[str, description("where the ledger is")]

    def text(self) -> str:
        """A line for every date."""
        lines = [f"{date}  {rows} records" for date, rows in self.dates.items()]
        return "\n".join([*lines, *_damaged(self.damaged), "", f"{self.files} files read; the ledger is {self.ledger}"])


class BackfillResult(msgspec.Struct, frozen=True):
    """What a backfill has come to."""

    files: Annotated[int, description("files read, now or before")]
    damaged: Annotated[tuple[str, ...], description(_DAMAGED)]
    dates: Annotated[tuple[Released, ...], description("what became of every billing date")]
    unknown: Annotated[
        Control | None, description("of rows without a date, which are not published; null: there are none")
    ]
    out: Annotated[str | None, description("the folder that --out names, which all places are below")]
    ledger: Annotated[str, description("where the ledger is")]
    release: Annotated[str, description("where the release is")]
    audit: Annotated[str, description("where the audit is")]

    def text(self) -> str:
        """A table of all dates and what is in none."""
        rows = [(r.billing_date, r.control, _version(r)) for r in self.dates]
        if self.unknown is not None:
            rows.append(("unknown", self.unknown, "not published"))
        rows.append(("in all", total([control for _, control, _ in rows]), ""))
        told = f"{self.files} files read; {self._places()}"
        return "\n".join([table(rows), *_findings(self.dates), *_damaged(self.damaged), "", told])

    def _places(self) -> str:
        if self.out is not None:
            return f"ledger, release and audit are below {self.out}"
        return f"the ledger is {self.ledger}, the release {self.release}, the audit {self.audit}"


class ReleaseResult(msgspec.Struct, frozen=True):
    """What a release of several dates has come to, or would come to."""

    dry_run: Annotated[bool, description("whether it is only said what would be; nothing was written then")]
    dates: Annotated[tuple[Released, ...], description("what became, or would become, of every billing date")]

    def text(self) -> str:
        """A table of all dates."""
        if not self.dates:
            return "no date is closed: the live job has written no _SUCCESS yet; name dates with --date"
        lines = [table([(r.billing_date, r.control, _version(r)) for r in self.dates]), *_findings(self.dates)]
        if self.dry_run:
            new = sum(r.new for r in self.dates)
            lines += ["", f"dry run: {new} versions would be published; nothing was written"]
        return "\n".join(lines)


def check_published(released: list[Released]) -> None:
    """AuditFailed: a date was not published; says which rule, how many rows, where the audit is."""
    failed = [r for r in released if r.failures]
    if failed:
        told = "; ".join(map(_failed, failed))
        raise AuditFailed(f"{len(failed)} dates not published: {told}")


def _failed(released: Released) -> str:
    where = f" (see {released.audit})" if released.audit else ""
    return f"{released.billing_date}: {', '.join(released.failures)}{where}"


def refusal(released: Released) -> str:
    """What a date that was not published did not pass, and where the audit is."""
    return f"{released.billing_date} not published: {', '.join(released.failures)} (see {released.audit})"


def table(rows: list[tuple[str, Control, str]]) -> str:
    """Control totals as aligned text, one line per date."""
    lines: list[tuple[str, ...]] = [("billing date", *_COLUMNS, "release")]
    lines += [(date, *map(str, numbers(control)), note) for date, control, note in rows]
    return text_table(lines, texts=1, texts_after=1)


def numbers(control: Control) -> tuple[int, ...]:
    """The figures of a line, in the table's order."""
    return (
        control.read,
        control.billed,
        control.held,
        sum(control.excluded.values()),
        control.superseded,
        control.duplicate,
        sum(control.quarantined.values()),
        control.call_seconds,
    )


def _damaged(names: tuple[str, ...]) -> list[str]:
    return [f"damaged: {name} (what could be read of it is in the ledger)" for name in names]


def _findings(dates: tuple[Released, ...]) -> list[str]:
    """Names the dates on which calls contradict themselves in time; a warning."""
    return [f"{r.billing_date}: {r.odd} (see {r.audit})" for r in dates if r.findings]


def _version(released: Released) -> str:
    if released.failures:
        return "FAILED"
    if not released.new:
        return f"v{released.version:04d} (unchanged)"
    amended = ", ".join(f"{count} {kind.lower()}" for kind, count in released.amendments.items())
    return f"v{released.version:04d}{f' ({amended})' if amended else ''}"
