"""`held list`: the calls that wait for an extension, with the agents' history as it stands.

It is for the operator's own terminal and names agents and contacts; errors do not.
"""

import tempfile
from collections import Counter
from pathlib import Path
from typing import Annotated

import msgspec

from jobs.agents.table import load_agents
from jobs.runtime.output import Emit
from jobs.runtime.progress import progress
from jobs.runtime.text_table import printable
from jobs.settings.locations import agents_uri
from jobs.sql.date_tables import DateTables
from jobs.sql.ledger_rows import read_date_parts
from jobs.suspense.ledger_access import open_ledger_readonly, selected_dates
from schemas.billing_rules import Rules
from schemas.columns import description
from schemas.outcome import UNKNOWN_DATE, UNMATCHED
from sinks.ledger import Ledger
from transforms.records.extension import AgentHistory


class Held(msgspec.Struct, frozen=True):
    """A contact that would be billed if its agent's extension were known."""

    date: Annotated[str, description("YYYY-MM-DD")]
    reason: Annotated[str, description("why it is held")]
    agent_id: Annotated[str | None, description("the agent; null: the record has none")]
    contact_id: Annotated[str, description("the contact")]
    source: Annotated[str, description("the file or shard")]
    position: Annotated[str, description("the place in it")]

    def text(self) -> str:
        """A line."""
        return (
            f"{self.date}  {self.reason}: {_agent(self.agent_id)}, contact {printable(self.contact_id)}, "
            f"{printable(self.source)} at {printable(self.position)}"
        )


class AgentCount(msgspec.Struct, frozen=True):
    """How many calls wait for an agent's extension."""

    agent_id: Annotated[str | None, description("the agent; null: the records have none")]
    rows: Annotated[int, description("how many")]


class HeldResult(msgspec.Struct, frozen=True):
    """What is held."""

    held: Annotated[int, description("how many in all")]
    agents: Annotated[tuple[AgentCount, ...], description("how many by agent, the most first")]
    rows: Annotated[tuple[Held, ...], description("every contact")]

    def text(self) -> str:
        """A line for every contact, a line for every agent, and how many in all."""
        lines = [row.text() for row in self.rows]
        lines += [f"{_agent(agent.agent_id)}: {agent.rows} held" for agent in self.agents]
        return "\n".join([*lines, f"{self.held} held in all"])


def run_held(agents: str | None, out: Path | None, config: Path | None, dates: tuple[str, ...], emit: Emit) -> None:
    """Lists what is held of these dates, or of all."""
    found = open_ledger_readonly(out, config)
    storage = found.settings.storage
    history = load_agents(agents_uri(agents, storage), storage.s3)
    listed = found.ledger.recycled.names()
    # Nothing is held of what has no date, or is not billed anyway.
    none = {UNKNOWN_DATE, *found.settings.release.not_billed}
    dated = [date for date in selected_dates(found.ledger, dates) if date not in none]
    with progress(dated, "list", "date") as among:
        held = [row for date in among for row in read_held(found.ledger, date, listed, history, found.settings.rules)]
    emit(count_held(held))


def read_held(ledger: Ledger, date: str, listed: tuple[str, ...], agents: AgentHistory, rules: Rules) -> list[Held]:
    """What a release of a date would hold, given the names of all recycled objects."""
    with tempfile.TemporaryDirectory(prefix="contact-billing-") as scratch:
        rows = read_date_parts(ledger, date, listed, Path(scratch))
        with DateTables(rows, agents, rules, more=("source", "position")) as tables:
            return [Held(date, UNMATCHED, *row) for row in tables.held()]


def count_held(held: list[Held]) -> HeldResult:
    """Contacts as a result."""
    return HeldResult(len(held), tuple(AgentCount(*pair) for pair in _by_agent(held)), tuple(held))


def _by_agent(held: list[Held]) -> list[tuple[str | None, int]]:
    """Those with the most to gain first."""
    counts = Counter(h.agent_id for h in held)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0] or ""))


def _agent(agent_id: str | None) -> str:
    return "no agent id" if agent_id is None else f"agent {printable(agent_id)}"
