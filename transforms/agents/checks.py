"""What an operator should know of the agents' history: shared extensions, gaps, and agents without an extension.

None of it is an error: two nurses may share a telephone, and people leave. Rows are numbered from 1, as they come.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise

import msgspec

from transforms.records.extension import Assignment

# A row's number, and the row.
Numbered = tuple[int, Assignment]


class SharedExtension(msgspec.Struct, frozen=True, order=True):
    """Two agents have an extension during [valid_from, valid_to), in microseconds since 1970."""

    rows: tuple[int, int]
    extension: str
    agent_ids: tuple[str, str]
    valid_from: int
    valid_to: int


class ExtensionGap(msgspec.Struct, frozen=True, order=True):
    """An agent has no extension during [valid_from, valid_to), but before and after it."""

    rows: tuple[int, int]
    agent_id: str
    valid_from: int
    valid_to: int


class AgentWithoutExtension(msgspec.Struct, frozen=True, order=True):
    """An agent has no extension now; since when, and the row that ended then: None if there never was one."""

    agent_id: str
    row: int | None
    since: int | None


class Findings(msgspec.Struct, frozen=True):
    """All of it, in the order of rows and agents."""

    rows: int
    agents: int
    shared: tuple[SharedExtension, ...]
    gaps: tuple[ExtensionGap, ...]
    without: tuple[AgentWithoutExtension, ...]

    @property
    def any(self) -> bool:
        """Whether there is anything to list."""
        return bool(self.shared or self.gaps or self.without)


def check_assignments(history: Iterable[Assignment], now: int) -> Findings:
    """What is to be known of a history in which no agent has two rows at once; `now` in microseconds since 1970."""
    rows = list(enumerate(history, 1))
    by_agent: dict[str, list[Numbered]] = {row.agent_id: [] for _, row in rows}
    by_extension: dict[str, list[Numbered]] = {}
    for number, row in sorted(rows, key=lambda r: (r[1].valid_from, r[0])):
        # A row without an extension says the same as no row.
        if row.extension:
            by_agent[row.agent_id].append((number, row))
            by_extension.setdefault(row.extension, []).append((number, row))
    return Findings(
        len(rows),
        len(by_agent),
        tuple(sorted(shared for held in by_extension.values() for shared in _shared(held))),
        tuple(sorted(gap for held in by_agent.values() for gap in _gaps(held))),
        tuple(sorted(_without(agent_id, held, now) for agent_id, held in by_agent.items() if not _has(held, now))),
    )


def _shared(held: list[Numbered]) -> Iterator[SharedExtension]:
    """The overlaps among the rows of an extension, which come in the order of their beginnings."""
    open_rows: list[Numbered] = []
    for number, row in held:
        open_rows = [(other, before) for other, before in open_rows if before.valid_to > row.valid_from]
        for other, before in open_rows:
            (first, one), (second, two) = sorted([(other, before.agent_id), (number, row.agent_id)])
            end = min(before.valid_to, row.valid_to)
            yield SharedExtension((first, second), row.extension, (one, two), row.valid_from, end)
        open_rows.append((number, row))


def _gaps(held: list[Numbered]) -> Iterator[ExtensionGap]:
    for (number, row), (following, after) in pairwise(held):
        if row.valid_to < after.valid_from:
            yield ExtensionGap((number, following), row.agent_id, row.valid_to, after.valid_from)


def _has(held: list[Numbered], now: int) -> bool:
    return any(row.valid_from <= now < row.valid_to for _, row in held)


def _without(agent_id: str, held: list[Numbered], now: int) -> AgentWithoutExtension:
    past = [(number, row.valid_to) for number, row in held if row.valid_to <= now]
    return AgentWithoutExtension(agent_id, *past[-1]) if past else AgentWithoutExtension(agent_id, None, None)
