"""The agents' history goes on: the table as it stands in, the history with what has changed since appended out.

The table has no past: only what it says at one instant, so a change is dated by the instant at which it was seen.
"""

from collections.abc import Iterable, Mapping

import msgspec

from transforms.records.extension import BEGINNING, END, Assignment


class ClockBackwards(Exception):
    """The history has instants after now; holds the latest, in microseconds since 1970."""

    def __init__(self, latest: int) -> None:
        super().__init__(latest)
        self.latest = latest


class Counts(msgspec.Struct, frozen=True):
    """What has become of agents, each counted once."""

    new: int = 0
    changed: int = 0
    returned: int = 0
    ended: int = 0
    unchanged: int = 0


class SyncedHistory(msgspec.Struct, frozen=True):
    """A history, sorted by agent and time, and how it differs from the one before."""

    assignments: tuple[Assignment, ...]
    counts: Counts


def sync_history(history: Iterable[Assignment], snapshot: Mapping[str, str], now: int) -> SyncedHistory:
    """The history after a look at the table.

    `history` has at most one row of an agent at any instant; `snapshot` is agent id to extension, where an empty
    extension is the same as no entry. `now` is in microseconds since 1970. ClockBackwards: the history knows later
    instants, so that what has changed cannot be put after it.
    """
    before = tuple(history)
    edges = [edge for row in before for edge in (row.valid_from, row.valid_to) if BEGINNING < edge < END]
    if (latest := max(edges, default=now)) > now:
        raise ClockBackwards(latest)
    rows = [row for row in before if row.valid_to < END]
    current = {row.agent_id: row for row in before if row.valid_to == END}
    known = {row.agent_id for row in before}
    counts = dict.fromkeys(Counts.__struct_fields__, 0)
    for agent_id in sorted(known | snapshot.keys()):
        row, extension = current.get(agent_id), snapshot.get(agent_id, "")
        what = _difference(row.extension if row else "", extension, agent_id in known)
        if what is None:
            rows += [row] if row else []
            counts["unchanged"] += bool(extension)
            continue
        counts[what] += 1
        # A second change within the instant of the first takes its place: no time has passed in between.
        if row and row.valid_from < now:
            rows.append(msgspec.structs.replace(row, valid_to=now))
        if extension:
            # Nobody else ever has the id, so an agent's earlier calls are its own.
            rows.append(Assignment(agent_id, extension, now if agent_id in known else BEGINNING))
    rows.sort(key=lambda row: (row.agent_id, row.valid_from))
    return SyncedHistory(tuple(rows), Counts(**counts))


def _difference(before: str, after: str, known: bool) -> str | None:
    """Which count an agent's change belongs to; None: it has what it had."""
    if before == after:
        return None
    if not after:
        return "ended"
    if not known:
        return "new"
    return "changed" if before else "returned"
