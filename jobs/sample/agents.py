"""Invent the agents of a hospital group and write their agent-extension table as CSV.

The table has one row per agent and extension: `agent_id,extension,valid_from,valid_to`, a half-open interval of
RFC 3339 UTC instants; an empty `valid_to` means still valid.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

from transforms.records.timestamps import moment_text

FIRST_DAY = date(2026, 3, 1)
AGENTS = 52
STRANGERS = 3
PROFILES = 8
DAY = 86_400
# A removed agent still takes calls this long after the row in the table ends.
LATE_CALLS = 12 * 3600


@dataclass(frozen=True, slots=True)
class Holding:
    """The period in which an agent holds an extension: half-open, in seconds since 1970."""

    extension: str
    valid_from: int
    valid_to: int | None


@dataclass(frozen=True, slots=True)
class Agent:
    """A person who answers calls between two instants, and the extensions that the agent holds."""

    agent_id: str
    username: str
    profile: int  # number of the routing profile
    active_from: int
    active_to: int
    holdings: tuple[Holding, ...]

    def extension_at(self, at: int) -> str:
        """Return the agent's extension at an instant; empty if the agent has none."""
        for holding in self.holdings:
            if holding.valid_from <= at and (holding.valid_to is None or at < holding.valid_to):
                return holding.extension
        return ""


@dataclass(frozen=True, slots=True)
class Roster:
    """Everyone who answers: the agents in the table, and strangers who are not in it."""

    agents: tuple[Agent, ...]
    strangers: tuple[Agent, ...]


def new_id(rng: Random) -> str:
    """Return an id that looks like a version 4 UUID."""
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def midnight(day: date) -> int:
    """Return the first second of a UTC day, in seconds since 1970."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def roster(seed: int, first_day: date = FIRST_DAY, days: int = 3) -> Roster:
    """Return the agents of a seed.

    Agent 0 gets a new extension after 55 % of the days; agent 1 starts then and takes over the old one. Agent 2 is
    removed after 50 %. Agent 3 has no extension. Agents 4 and 5 share one.
    """
    rng = Random(f"{seed}:roster")
    start = midnight(first_day)
    moved_at = start + days * DAY * 55 // 100 // 60 * 60
    removed_at = start + days * DAY * 50 // 100 // 60 * 60
    extensions = _extensions(rng, AGENTS)
    agents: list[Agent] = []
    for number, extension in enumerate(extensions):
        since = start - rng.randrange(30, 600) * DAY + rng.randrange(14 * 60, 23 * 60) * 60
        active_from, active_to = 0, 1 << 40
        holdings: tuple[Holding, ...] = (Holding(extension, since, None),)
        match number:
            case 0:
                holdings = (
                    Holding(extensions[0], since, moved_at),
                    Holding(extensions[1], moved_at, None),
                )
            case 1:
                holdings, active_from = (Holding(extensions[0], moved_at, None),), moved_at
            case 2:
                holdings, active_to = (
                    (Holding(extension, since, removed_at),),
                    removed_at + LATE_CALLS,
                )
            case 3:
                holdings = (Holding("", since, None),)
            case 5:
                holdings = (Holding(extensions[4], since, None),)
        name = f"agent.{number + 1:03d}"
        agents.append(Agent(new_id(rng), name, number % PROFILES, active_from, active_to, holdings))
    strangers = (Agent(new_id(rng), f"temp.{n + 1:02d}", n % PROFILES, 0, 1 << 40, ()) for n in range(STRANGERS))
    return Roster(tuple(agents), tuple(strangers))


def write_agents(path: Path, seed: int, *, first_day: date = FIRST_DAY, days: int = 3) -> None:
    """Write the agent-extension table that fits `contacts.deliveries` with the same seed, first day and days."""
    rows = sorted(_rows(roster(seed, first_day, days)))
    lines = ["agent_id,extension,valid_from,valid_to", *(",".join(row) for row in rows)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _rows(roster: Roster) -> Iterator[tuple[str, str, str, str]]:
    for agent in roster.agents:
        for holding in agent.holdings:
            until = "" if holding.valid_to is None else _instant(holding.valid_to)
            yield agent.agent_id, holding.extension, _instant(holding.valid_from), until


def _instant(at: int) -> str:
    return moment_text(datetime.fromtimestamp(at, UTC))


def _extensions(rng: Random, count: int) -> list[str]:
    """Return distinct extensions of 3 to 5 digits; about one in four begins with a zero."""
    extensions: list[str] = []
    while len(extensions) < count:
        kind = len(extensions) % 12
        if kind in (0, 7):
            extension = f"{rng.randrange(10, 1000):04d}"
        elif kind == 4:
            extension = f"{rng.randrange(100, 10_000):05d}"
        elif kind == 9:
            extension = str(rng.randrange(100, 1000))
        else:
            extension = str(rng.randrange(1000, 10_000))
        if extension not in extensions:
            extensions.append(extension)
    return extensions
