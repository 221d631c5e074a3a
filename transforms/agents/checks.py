"""Check the agents' history for shared extensions, gaps, and agents without an extension.

None of these is an error: two nurses may share a telephone, and people leave. Rows are numbered from 1 in their order.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise

import msgspec

from transforms.records.extension import Assignment

# A row's number, and the row.
Numbered = tuple[int, Assignment]


class SharedExtension(msgspec.Struct, frozen=True, order=True):
    """Two agents have the same extension during [valid_from, valid_to), in microseconds since 1970."""

    rows: tuple[int, int]
    extension: str
    agent_ids: tuple[str, str]
    valid_from: int
    valid_to: int


class ExtensionGap(msgspec.Struct, frozen=True, order=True):
    """An agent has no extension during [valid_from, valid_to), but has one before and after."""

    rows: tuple[int, int]
    agent_id: str
    valid_from: int
    valid_to: int


class AgentWithoutExtension(msgspec.Struct, frozen=True, order=True):
    """An agent has no extension now; `since` when, and the `row` that ended then, or None if there never was one."""

    agent_id: str
    row: int | None
    since: int | None


class Findings(msgspec.Struct, frozen=True):
    """All findings, in the order of rows and agents."""

    rows: int
    agents: int
    shared: tuple[SharedExtension, ...]
    gaps: tuple[ExtensionGap, ...]
    without: tuple[AgentWithoutExtension, ...]

    @property
    def any(self) -> bool:
        """Whether there are any findings."""
        return bool(self.shared or self.gaps or self.without)


def check_assignments(history: Iterable[Assignment], now: int) -> Findings:
    """Return the findings for a history in which no agent has two rows at once; `now` in microseconds since 1970."""
    rows = list(enumerate(history, 1))
    by_agent: dict[str, list[Numbered]] = {row.agent_id: [] for _, row in rows}
    by_extension: dict[str, list[Numbered]] = {}
    for number, row in sorted(rows, key=lambda r: (r[1].valid_from, r[0])):
        # A row without an extension is the same as no row.
        if row.extension:
            by_agent[row.agent_id].append((number, row))
            by_extension.setdefault(row.extension, []).append((number, row))
    return Findings(
        len(rows),
        len(by_agent),
        tuple(sorted(shared for group in by_extension.values() for shared in _shared(group))),
        tuple(sorted(gap for group in by_agent.values() for gap in _gaps(group))),
        tuple(sorted(_without(agent_id, group, now) for agent_id, group in by_agent.items() if not _has(group, now))),
    )


def _shared(rows: list[Numbered]) -> Iterator[SharedExtension]:
    """Yield the overlaps among the rows of one extension, which are sorted by their start."""
    open_rows: list[Numbered] = []
    for number, row in rows:
        open_rows = [(n, earlier) for n, earlier in open_rows if earlier.valid_to > row.valid_from]
        for earlier_number, earlier in open_rows:
            pair = sorted([(earlier_number, earlier.agent_id), (number, row.agent_id)])
            (first, first_agent), (second, second_agent) = pair
            end = min(earlier.valid_to, row.valid_to)
            yield SharedExtension((first, second), row.extension, (first_agent, second_agent), row.valid_from, end)
        open_rows.append((number, row))


def _gaps(rows: list[Numbered]) -> Iterator[ExtensionGap]:
    for (number, row), (next_number, next_row) in pairwise(rows):
        if row.valid_to < next_row.valid_from:
            yield ExtensionGap((number, next_number), row.agent_id, row.valid_to, next_row.valid_from)


def _has(rows: list[Numbered], now: int) -> bool:
    return any(row.valid_from <= now < row.valid_to for _, row in rows)


def _without(agent_id: str, rows: list[Numbered], now: int) -> AgentWithoutExtension:
    past = [(number, row.valid_to) for number, row in rows if row.valid_to <= now]
    return AgentWithoutExtension(agent_id, *past[-1]) if past else AgentWithoutExtension(agent_id, None, None)
