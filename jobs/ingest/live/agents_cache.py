"""The agent-extension table of a worker: read at the start, and again when it has grown old."""

import time
from collections.abc import Callable

from schemas.errors import ContactBillingError
from transforms.records.extension import AgentHistory

Load = Callable[[], AgentHistory]


class LiveAgents:
    """A history that is read again on an interval; one that cannot be read keeps the last good one."""

    def __init__(self, load: Load, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """InputError, StorageError: the first reading fails."""
        self._load = load
        self._seconds = seconds
        self._clock = clock
        self._tried = self._read = clock()
        self._history = load()
        self.failures = 0

    def history(self) -> AgentHistory:
        """The newest history that could be read."""
        if self._clock() - self._tried >= self._seconds:
            self._tried = self._clock()
            try:
                self._history = self._load()
                self._read = self._tried
            except ContactBillingError:
                # A table that is being replaced, or a store that is away, must not stop the calls.
                self.failures += 1
        return self._history

    def age(self) -> int:
        """Whole seconds since the history was read."""
        return int(self._clock() - self._read)
