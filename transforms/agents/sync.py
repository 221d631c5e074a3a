"""Append the changes in a snapshot of the agents' table to the history of the agent-extension table.

A snapshot has no past, so a change is dated by the time of the snapshot that first shows it.
"""

from collections.abc import Iterable, Mapping

import msgspec

from transforms.records.extension import BEGINNING, END, Assignment


class ClockBackwards(Exception):
    """The history has instants after now; `latest` is the last one, in microseconds since 1970."""

    def __init__(self, latest: int) -> None:
        super().__init__(latest)
        self.latest = latest


class Counts(msgspec.Struct, frozen=True):
    """The numbers of agents by what changed, each counted once."""

    new: int = 0
    changed: int = 0
    returned: int = 0
    ended: int = 0
    unchanged: int = 0


class SyncedHistory(msgspec.Struct, frozen=True):
    """A history, sorted by agent and time, and the counts of its changes."""

    assignments: tuple[Assignment, ...]
    counts: Counts


def sync_history(history: Iterable[Assignment], snapshot: Mapping[str, str], now: int) -> SyncedHistory:
    """Return the history with the changes in a snapshot.

    `history` has at most one row of an agent at any instant; `snapshot` is agent id to extension, where an empty
    extension is the same as no entry. `now` is in microseconds since 1970. Raises ClockBackwards if the history has
    later instants, after which no change can be appended.
    """
    assignments = tuple(history)
    edges = [edge for row in assignments for edge in (row.valid_from, row.valid_to) if BEGINNING < edge < END]
    if (latest := max(edges, default=now)) > now:
        raise ClockBackwards(latest)
    rows = [row for row in assignments if row.valid_to < END]
    current = {row.agent_id: row for row in assignments if row.valid_to == END}
    known = {row.agent_id for row in assignments}
    counts = dict.fromkeys(Counts.__struct_fields__, 0)
    for agent_id in sorted(known | snapshot.keys()):
        row, extension = current.get(agent_id), snapshot.get(agent_id, "")
        change = _change(row.extension if row else "", extension, agent_id in known)
        if change is None:
            rows += [row] if row else []
            counts["unchanged"] += bool(extension)
            continue
        counts[change] += 1
        # A second change at the same instant replaces the first: no time passed in between.
        if row and row.valid_from < now:
            rows.append(msgspec.structs.replace(row, valid_to=now))
        if extension:
            # Agent ids are never reused, so earlier calls with a new id are this agent's.
            rows.append(Assignment(agent_id, extension, now if agent_id in known else BEGINNING))
    rows.sort(key=lambda row: (row.agent_id, row.valid_from))
    return SyncedHistory(tuple(rows), Counts(**counts))


def _change(old: str, new: str, known: bool) -> str | None:
    """Return the count that an agent's change belongs to; None if the extension is the same."""
    if old == new:
        return None
    if not new:
        return "ended"
    if not known:
        return "new"
    return "changed" if old else "returned"
