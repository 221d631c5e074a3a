"""Track which closed dates of a ledger have changed since they were last released."""

import hashlib
from collections.abc import Mapping

import msgspec

from transforms.lines.related_dates import neighbors

Closed = Mapping[str, tuple[str, ...]]


class ChangeTracker:
    """Remembers the ledger parts and agents that each date was released with."""

    def __init__(self) -> None:
        self._released: dict[str, str] = {}

    def changed(self, closed: Closed, agents: str) -> dict[str, str]:
        """Return, in order, the dates whose state has changed since they were released, with that state.

        The parts of the neighboring dates belong to the state: a contact under two dates stops a release until one of
        the dates is fixed.
        """
        states = {date: _state(date, closed, agents) for date in sorted(closed)}
        return {date: state for date, state in states.items() if self._released.get(date) != state}

    def mark_released(self, date: str, state: str) -> None:
        """Record that the date was released, or failed its gate, in this state."""
        self._released[date] = state


def _state(date: str, closed: Closed, agents: str) -> str:
    names = [closed.get(d, ()) for d in (date, *neighbors(date))]
    return hashlib.sha256(msgspec.json.encode([agents, *names])).hexdigest()
