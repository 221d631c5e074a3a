"""`agents check`: the agents' history in, a listing of what an operator should know of it out.

It is for the operator's own terminal and names agents and extensions; errors do not.
"""

import json
from pathlib import Path
from typing import Any

import click
import msgspec

from jobs.agents import load_agents
from jobs.agents_sync import now
from jobs.places import agents_at
from jobs.settings import load_settings
from jobs.tables import shown
from schemas.errors import AuditFailed
from transforms.assignment_checks import Findings, findings
from transforms.extension import BEGINNING, END
from transforms.instants import instant_text


def run_check(config: Path | None, agents: str | None, as_json: bool, strict: bool) -> None:
    """Lists shared extensions, gaps and agents without an extension. AuditFailed: strict, and there is something."""
    settings = load_settings(config)
    where = agents_at(agents, settings.storage)
    at = now()
    found = findings(load_agents(where, settings.storage.s3).assignments, at)
    click.echo(json.dumps(document(found, where, at), indent=2) if as_json else listing(found, where))
    if strict and found.any:
        raise AuditFailed(f"agents table {where}: {_summary(found)}; see the listing, and correct the voicemail table")


def listing(found: Findings, where: str) -> str:
    """A line for everything that was found, and a summary."""
    lines = [
        f"shared: extension {shown(s.extension)} of agents {shown(s.agent_ids[0])} and {shown(s.agent_ids[1])}, "
        f"{_period(s.valid_from, s.valid_to)} (rows {s.rows[0]} and {s.rows[1]})"
        for s in found.shared
    ]
    lines += [
        f"gap: agent {shown(g.agent_id)}, {_period(g.valid_from, g.valid_to)} (rows {g.rows[0]} and {g.rows[1]})"
        for g in found.gaps
    ]
    for w in found.without:
        since = "ever" if w.since is None else f"since {instant_text(w.since)} (row {w.row})"
        lines.append(f"without extension: agent {shown(w.agent_id)}, {since}")
    return "\n".join([*lines, f"{where}: {found.rows} rows, {found.agents} agents; {_summary(found)}"])


def document(found: Findings, where: str, at: int) -> dict[str, Any]:
    """The same as one JSON document; null: open, or never."""
    instants = {"valid_from": _instant, "valid_to": _instant, "since": _instant}

    def entry(item: msgspec.Struct) -> dict[str, Any]:
        return {name: instants.get(name, _same)(value) for name, value in msgspec.structs.asdict(item).items()}

    return {
        "table": where,
        "at": instant_text(at),
        "rows": found.rows,
        "agents": found.agents,
        "shared": [entry(item) for item in found.shared],
        "gaps": [entry(item) for item in found.gaps],
        "without": [entry(item) for item in found.without],
    }


def _summary(found: Findings) -> str:
    shared, gaps, without = len(found.shared), len(found.gaps), len(found.without)
    return f"shared extensions: {shared}, gaps: {gaps}, agents without an extension now: {without}"


def _period(start: int, end: int) -> str:
    return f"from {_instant(start) or 'ever'} to {_instant(end) or 'open'}"


def _instant(at: int | None) -> str | None:
    return None if at in (None, BEGINNING, END) else instant_text(at)


def _same(value: Any) -> Any:
    return value
