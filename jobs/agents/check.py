"""The `agents check` command: list shared extensions, gaps, and agents without an extension.

The listing is for the operator's own terminal and names agents and extensions; errors do not.
"""

from pathlib import Path
from typing import Annotated

import msgspec

from jobs.agents.sync import now
from jobs.agents.table import load_agents
from jobs.runtime.output import Emit
from jobs.runtime.text_table import printable
from jobs.settings.locations import agents_uri
from jobs.settings.settings import load_settings
from schemas.columns import description
from schemas.errors import AuditFailed
from transforms.agents.checks import Findings, check_assignments
from transforms.records.extension import BEGINNING, END
from transforms.records.timestamps import instant_text

_FROM = description("UTC instant; null: ever")
_TO = description("UTC instant; null: open")
_ROWS = description("the numbers of both rows, from 1")


class SharedExtension(msgspec.Struct, frozen=True):
    """Two agents have an extension at the same time."""

    rows: Annotated[tuple[int, int], _ROWS]
    extension: Annotated[str, description("the extension")]
    agent_ids: Annotated[tuple[str, str], description("both agents")]
    valid_from: Annotated[str | None, _FROM]
    valid_to: Annotated[str | None, _TO]


class GapBetween(msgspec.Struct, frozen=True):
    """An agent has no extension for a time."""

    rows: Annotated[tuple[int, int], _ROWS]
    agent_id: Annotated[str, description("the agent")]
    valid_from: Annotated[str | None, _FROM]
    valid_to: Annotated[str | None, _TO]


class WithoutExtension(msgspec.Struct, frozen=True):
    """An agent has no extension now."""

    agent_id: Annotated[str, description("the agent")]
    row: Annotated[int | None, description("the row that ended; null: there never was one")]
    since: Annotated[str | None, description("UTC instant; null: ever")]


class CheckResult(msgspec.Struct, frozen=True):
    """The findings in the agents' history."""

    table: Annotated[str, description("location of the agents' history")]
    at: Annotated[str, description("UTC instant that `without` is about")]
    rows: Annotated[int, description("rows of the table")]
    agents: Annotated[int, description("agents in it")]
    shared: Annotated[tuple[SharedExtension, ...], description("extensions that two agents have at the same time")]
    gaps: Annotated[tuple[GapBetween, ...], description("times between two assignments")]
    without: Annotated[tuple[WithoutExtension, ...], description("agents without an extension now")]

    def text(self) -> str:
        """Return a line for every finding, and a summary."""
        lines = [
            f"shared: extension {printable(s.extension)} of agents {' and '.join(map(printable, s.agent_ids))}, "
            f"{_period(s)} (rows {s.rows[0]} and {s.rows[1]})"
            for s in self.shared
        ]
        lines += [
            f"gap: agent {printable(g.agent_id)}, {_period(g)} (rows {g.rows[0]} and {g.rows[1]})" for g in self.gaps
        ]
        for w in self.without:
            since = "ever" if w.since is None else f"since {w.since} (row {w.row})"
            lines.append(f"without extension: agent {printable(w.agent_id)}, {since}")
        return "\n".join([*lines, f"{self.table}: {self.rows} rows, {self.agents} agents; {self.summary()}"])

    def summary(self) -> str:
        """Return the number of findings, without agents and extensions."""
        return (
            f"shared extensions: {len(self.shared)}, gaps: {len(self.gaps)}, "
            f"agents without an extension now: {len(self.without)}"
        )


def run_check(config: Path | None, agents: str | None, strict: bool, emit: Emit) -> None:
    """List shared extensions, gaps and agents without an extension. Raises AuditFailed if strict and there are any."""
    settings = load_settings(config)
    table = agents_uri(agents, settings.storage)
    at = now()
    findings = check_assignments(load_agents(table, settings.storage.s3).assignments, at)
    result = check_history(findings, table, at)
    emit(result)
    if strict and findings.any:
        raise AuditFailed(f"agents table {table}: {result.summary()}; see the listing, and correct the voicemail table")


def check_history(findings: Findings, table: str, at: int) -> CheckResult:
    """Return the findings in a table at a time, in microseconds since 1970, with instants as texts."""
    return CheckResult(
        table,
        instant_text(at),
        findings.rows,
        findings.agents,
        tuple(
            SharedExtension(s.rows, s.extension, s.agent_ids, _instant(s.valid_from), _instant(s.valid_to))
            for s in findings.shared
        ),
        tuple(GapBetween(g.rows, g.agent_id, _instant(g.valid_from), _instant(g.valid_to)) for g in findings.gaps),
        tuple(WithoutExtension(w.agent_id, w.row, _instant(w.since)) for w in findings.without),
    )


def _period(item: SharedExtension | GapBetween) -> str:
    return f"from {item.valid_from or 'ever'} to {item.valid_to or 'open'}"


def _instant(at: int | None) -> str | None:
    return None if at is None or at in (BEGINNING, END) else instant_text(at)
