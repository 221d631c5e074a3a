"""Find a provider's extension: from the contact attribute, or from the agent-extension table at the time of the call.

A billable record without an extension is held.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable

import msgspec

from schemas.billing_rules import Precedence

# The attribute is raw keypad input: `Timeout` or six digits are not an extension. Leading zeros matter.
_EXTENSION = re.compile(r"[0-9]{1,5}")

BEGINNING = -(2**63)
END = 2**63 - 1


class Assignment(msgspec.Struct, frozen=True):
    """An extension of an agent during [valid_from, valid_to), in microseconds since 1970."""

    agent_id: str
    extension: str
    valid_from: int = BEGINNING
    valid_to: int = END


class Overlap(Exception):
    """Two assignments of one agent overlap; `first` and `second` are their positions in the table, from 0."""

    def __init__(self, first: int, second: int) -> None:
        super().__init__(first, second)
        self.first = first
        self.second = second


class AgentHistory:
    """The agent-extension table over time: which agent had which extension when."""

    def __init__(self, assignments: Iterable[Assignment] = ()) -> None:
        """Raises Overlap if two rows of one agent are valid at the same instant."""
        self.assignments = tuple(assignments)
        self._starts: dict[str, list[int]] = {}
        self._rows: dict[str, list[Assignment]] = {}
        order = sorted(
            range(len(self.assignments)),
            key=lambda i: (self.assignments[i].agent_id, self.assignments[i].valid_from, i),
        )
        previous = -1
        for position in order:
            row = self.assignments[position]
            earlier = self.assignments[previous] if previous >= 0 else None
            if earlier and earlier.agent_id == row.agent_id and earlier.valid_to > row.valid_from:
                raise Overlap(*sorted((previous, position)))
            self._starts.setdefault(row.agent_id, []).append(row.valid_from)
            self._rows.setdefault(row.agent_id, []).append(row)
            previous = position

    def extension(self, agent_id: str, at: int) -> str | None:
        """Return the agent's extension at the instant, in microseconds since 1970, or None."""
        starts = self._starts.get(agent_id)
        if starts is None:
            return None
        position = bisect_right(starts, at) - 1
        if position < 0:
            return None
        row = self._rows[agent_id][position]
        return row.extension or None if at < row.valid_to else None


def agent_id_of(text: str) -> str:
    """Return the agent id in an agent's ARN, which is the part after `/agent/`; other texts are an id."""
    _, marker, agent_id = text.partition("/agent/")
    return agent_id if marker else text


def valid_extension(attribute: str | None) -> str | None:
    """Return the contact attribute if it is an extension."""
    return attribute if attribute and _EXTENSION.fullmatch(attribute) else None


def join(attribute: str | None, directory: str | None, precedence: Precedence) -> tuple[str | None, bool]:
    """Return the extension that counts, and whether the two sources disagree."""
    first, second = attribute, directory
    if precedence == "directory_first":
        first, second = directory, attribute
    return first or second, bool(first and second and first != second)
