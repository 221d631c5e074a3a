"""`held list`: the calls that wait for an extension, with the agents' history as it stands.

It is for the operator's own terminal and names agents and contacts; errors do not.
"""

import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import click
import msgspec

from jobs.agents import load_agents
from jobs.date_rows import rows_of
from jobs.places import agents_at
from jobs.suspense_given import chosen, given
from jobs.tables import shown
from jobs.workbench import Workbench
from schemas.outcome import UNKNOWN_DATE, UNMATCHED
from schemas.rules import Rules
from sinks.ledger import Ledger
from transforms.extension import AgentHistory


class Held(msgspec.Struct, frozen=True):
    """A contact that would be billed if its agent's extension were known; no agent id: the record has none."""

    date: str
    reason: str
    agent_id: str | None
    contact_id: str
    source: str
    position: str


def run_held(agents: str | None, out: Path | None, config: Path | None, dates: tuple[str, ...], as_json: bool) -> None:
    """Lists what is held of these dates, or of all."""
    found = given(out, config)
    storage = found.settings.storage
    history = load_agents(agents_at(agents, storage), storage.s3)
    listed = found.ledger.recycled.names()
    held = [
        row
        for date in chosen(found.ledger, dates)
        if date != UNKNOWN_DATE
        for row in held_of(found.ledger, date, listed, history, found.settings.rules)
    ]
    click.echo(json.dumps(document(held), indent=2) if as_json else listing(held))


def held_of(ledger: Ledger, date: str, listed: tuple[str, ...], agents: AgentHistory, rules: Rules) -> list[Held]:
    """What a release of a date would hold, given the names of all recycled objects."""
    with tempfile.TemporaryDirectory(prefix="contact-billing-") as scratch, Workbench(agents, rules) as bench:
        rows = rows_of(ledger, date, listed, Path(scratch))
        bench.load(date, list(rows.parts.values()), rows.recycled, more=("source", "position"))
        return [Held(date, UNMATCHED, *row) for row in bench.held()]


def listing(held: list[Held]) -> str:
    """A line for every contact, a line for every agent, and how many in all."""
    lines = [
        f"{h.date}  {h.reason}: {_agent(h.agent_id)}, contact {shown(h.contact_id)}, "
        f"{shown(h.source)} at {shown(h.position)}"
        for h in held
    ]
    lines += [f"{_agent(agent)}: {count} held" for agent, count in _by_agent(held)]
    return "\n".join([*lines, f"{len(held)} held in all"])


def document(held: list[Held]) -> dict[str, Any]:
    """The same as one JSON document."""
    return {
        "held": len(held),
        "agents": [{"agent_id": agent, "rows": count} for agent, count in _by_agent(held)],
        "rows": [msgspec.structs.asdict(h) for h in held],
    }


def _by_agent(held: list[Held]) -> list[tuple[str | None, int]]:
    """Those with the most to gain first."""
    counts = Counter(h.agent_id for h in held)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0] or ""))


def _agent(agent_id: str | None) -> str:
    return "no agent id" if agent_id is None else f"agent {shown(agent_id)}"
