"""What has changed since the last look: the closed dates of a ledger in, those to release again out."""

import hashlib
from collections.abc import Mapping

import msgspec

from transforms.lines.related_dates import neighbors

Closed = Mapping[str, tuple[str, ...]]


class ChangeTracker:
    """Which dates were released with which ledger parts and agents."""

    def __init__(self) -> None:
        self._seen: dict[str, str] = {}

    def changed(self, closed: Closed, agents: str) -> dict[str, str]:
        """The dates whose state is another than when they were done, in order, with that state.

        The parts of the neighbouring dates belong to it: a contact under two dates stops a release until
        one of them is mended.
        """
        states = {date: _state(date, closed, agents) for date in sorted(closed)}
        return {date: state for date, state in states.items() if self._seen.get(date) != state}

    def mark_released(self, date: str, state: str) -> None:
        """The date was released, or has failed its gate, in this state."""
        self._seen[date] = state


def _state(date: str, closed: Closed, agents: str) -> str:
    names = [closed.get(d, ()) for d in (date, *neighbors(date))]
    return hashlib.sha256(msgspec.json.encode([agents, *names])).hexdigest()
