"""The `held list` command: list the calls that wait for an extension, by today's agents' history.

The output names agents and contacts, for the operator's own terminal; errors do not.
"""

from collections import Counter
from pathlib import Path
from typing import Annotated

import msgspec

from jobs.agents.table import load_agents
from jobs.runtime.output import Emit
from jobs.runtime.progress import progress
from jobs.runtime.text_table import printable
from jobs.settings.locations import agents_uri
from jobs.sql.date_tables import open_date_tables
from jobs.suspense.ledger_access import open_ledger_readonly, selected_dates
from schemas.billing_rules import Rules
from schemas.columns import description
from schemas.outcome import UNKNOWN_DATE, UNMATCHED
from sinks.ledger import Ledger
from transforms.records.extension import AgentHistory


class Held(msgspec.Struct, frozen=True):
    """A contact that is not billed because its agent's extension is unknown."""

    date: Annotated[str, description("YYYY-MM-DD")]
    reason: Annotated[str, description("why it is held")]
    agent_id: Annotated[str | None, description("the agent; null if the record has none")]
    contact_id: Annotated[str, description("the contact")]
    source: Annotated[str, description("the file or shard")]
    position: Annotated[str, description("the position in it")]

    def text(self) -> str:
        """Return one line."""
        return (
            f"{self.date}  {self.reason}: {_agent(self.agent_id)}, contact {printable(self.contact_id)}, "
            f"{printable(self.source)} at {printable(self.position)}"
        )


class AgentCount(msgspec.Struct, frozen=True):
    """How many calls wait for an agent's extension."""

    agent_id: Annotated[str | None, description("the agent; null if the records have none")]
    rows: Annotated[int, description("number of calls")]


class HeldResult(msgspec.Struct, frozen=True):
    """The held contacts."""

    held: Annotated[int, description("number of held contacts")]
    agents: Annotated[tuple[AgentCount, ...], description("counts by agent, highest first")]
    rows: Annotated[tuple[Held, ...], description("every contact")]

    def text(self) -> str:
        """Return a line for every contact, a line for every agent, and the total."""
        lines = [row.text() for row in self.rows]
        lines += [f"{_agent(agent.agent_id)}: {agent.rows} held" for agent in self.agents]
        return "\n".join([*lines, f"{self.held} held in all"])


def run_held(agents: str | None, out: Path | None, config: Path | None, dates: tuple[str, ...], emit: Emit) -> None:
    """List the held contacts of these dates, or of all."""
    access = open_ledger_readonly(out, config)
    ledger, settings = access.ledger, access.settings
    storage = settings.storage
    history = load_agents(agents_uri(agents, storage), storage.s3)
    recycled = ledger.recycled.names()
    # Rows without a date, and dates that are not billed, have no held contacts.
    excluded = {UNKNOWN_DATE, *settings.release.not_billed}
    billed_dates = [date for date in selected_dates(ledger, dates) if date not in excluded]
    with progress(billed_dates, "list", "date") as bar:
        held = [row for date in bar for row in read_held(ledger, date, recycled, history, settings.rules)]
    emit(count_held(held))


def read_held(ledger: Ledger, date: str, recycled: tuple[str, ...], agents: AgentHistory, rules: Rules) -> list[Held]:
    """Return the contacts that a release of a date would hold, given the names of all recycled objects."""
    columns = ("source", "position")
    with open_date_tables(ledger, date, recycled, agents, rules, extra_columns=columns) as (_, tables, _):
        return [Held(date, UNMATCHED, *row) for row in tables.held()]


def count_held(held: list[Held]) -> HeldResult:
    """Return the contacts with their counts."""
    return HeldResult(len(held), tuple(AgentCount(*pair) for pair in _by_agent(held)), tuple(held))


def _by_agent(held: list[Held]) -> list[tuple[str | None, int]]:
    """Return the counts of held contacts by agent, highest first."""
    counts = Counter(h.agent_id for h in held)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0] or ""))


def _agent(agent_id: str | None) -> str:
    return "no agent id" if agent_id is None else f"agent {printable(agent_id)}"
