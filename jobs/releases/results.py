"""Results of releases: control totals per billing date, and the locations of the files."""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from jobs.runtime.text_table import text_table
from schemas.columns import description
from schemas.errors import AuditFailed
from schemas.manifest import Control

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


class Released(msgspec.Struct, frozen=True):
    """The result of releasing a date, or of its dry run: control totals, version, and whether that is new."""

    billing_date: Annotated[str, description("YYYY-MM-DD")]
    control: Annotated[Control, description("the control totals")]
    version: Annotated[int, description("newest version (the next one in a dry run); 0 if none")]
    new: Annotated[bool, description("whether this run made the version, or would make it")]
    location: Annotated[str, description("location of the version; empty if none")] = ""
    failures: Annotated[tuple[str, ...], description("checks that failed; if any, nothing was published")] = ()
    audit: Annotated[str, description("location of the audit, if the version is new or failed; else empty")] = ""
    amendments: Annotated[
        dict[str, int], description("lines ADDED, CHANGED and WITHDRAWN since the previous version")
    ] = {}
    findings: Annotated[
        int, description("call chains with contradictory times, and consult legs; the audit lists them")
    ] = 0
    agents: Annotated[int, description("agents who have billed or held calls")] = 0
    known_agents: Annotated[
        int | None, description("how many of them the agent-extension table has, at any time; null if it is empty")
    ] = None

    @property
    def findings_text(self) -> str:
        """The number of chain findings, in words."""
        return f"{self.findings} chain finding{'' if self.findings == 1 else 's'}"

    def text(self) -> str:
        """Return one line for one date."""
        if self.failures:
            return f"{self.billing_date} FAILED"
        version = f"{self.billing_date} v{self.version:04d}"
        if not self.new:
            return f"{version} (unchanged)"
        totals = f"{self.control.billed} lines, {self.control.call_seconds} s, of {self.control.read} records"
        return f"{version}: {totals}{f', {self.findings_text}' if self.findings else ''}; {self.location}"


class ReleaseResult(msgspec.Struct, frozen=True):
    """The result of releasing several dates, or of a dry run."""

    dry_run: Annotated[bool, description("whether this was a dry run, which writes nothing")]
    dates: Annotated[tuple[Released, ...], description("the result for every billing date")]

    def text(self) -> str:
        """Return a table of all dates."""
        if not self.dates:
            return "no date is closed: the live job has written no _SUCCESS yet; name dates with --date"
        lines = [table([(r.billing_date, r.control, version_text(r)) for r in self.dates])]
        lines += [*findings(self.dates), *unknown_agents(self.dates)]
        if self.dry_run:
            new = sum(r.new for r in self.dates)
            lines += ["", f"dry run: {new} versions would be published; nothing was written"]
        return "\n".join(lines)


def check_published(released: list[Released]) -> None:
    """Raise AuditFailed if a date was not published; the message has rules, row counts and the audit's location."""
    failed = [r for r in released if r.failures]
    if failed:
        details = "; ".join(map(_failure, failed))
        raise AuditFailed(f"{len(failed)} dates not published: {details}")


def _failure(released: Released) -> str:
    audit = f" (see {released.audit})" if released.audit else ""
    return f"{released.billing_date}: {', '.join(released.failures)}{audit}"


def refusal(released: Released) -> str:
    """Return the message for a date that was not published: the failed checks, and the location of the audit."""
    return f"{released.billing_date} not published: {', '.join(released.failures)} (see {released.audit})"


def table(rows: list[tuple[str, Control, str]]) -> str:
    """Return control totals as aligned text, one line per date."""
    lines: list[tuple[str, ...]] = [("billing date", *_COLUMNS, "release")]
    lines += [(date, *map(str, numbers(control)), note) for date, control, note in rows]
    return text_table(lines, texts=1, texts_after=1)


def numbers(control: Control) -> tuple[int, ...]:
    """Return the figures of a line, in the table's order."""
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


def findings(dates: tuple[Released, ...]) -> list[str]:
    """Return a warning for every date with contradictory call chains."""
    return [f"{r.billing_date}: {r.findings_text} (see {r.audit})" for r in dates if r.findings]


def unknown_agents(dates: Sequence[Released]) -> list[str]:
    """Return a warning if the agent-extension table has agents, but none of those of these dates."""
    counts = [(r.agents, r.known_agents) for r in dates if r.agents and r.known_agents is not None]
    if not counts or any(known for _, known in counts):
        return []
    return [
        "none of the agents of these calls is in the agent-extension table; check that it is the table of this "
        "Amazon Connect instance, see docs/agents.md"
    ]


def version_text(released: Released) -> str:
    """Return the version of a date as a table shows it, with its amendments."""
    if released.failures:
        return "FAILED"
    if not released.new:
        return f"v{released.version:04d} (unchanged)"
    amended = ", ".join(f"{count} {kind.lower()}" for kind, count in released.amendments.items())
    return f"v{released.version:04d}{f' ({amended})' if amended else ''}"
