"""Keep a worker's agent-extension table fresh: read it at the start, and again when it is too old."""

import time
from collections.abc import Callable

from schemas.errors import ContactBillingError
from transforms.records.extension import AgentHistory

Load = Callable[[], AgentHistory]


class LiveAgents:
    """A history that is read again on an interval; if it cannot be read, the last good one stays."""

    def __init__(self, load: Load, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Raises InputError or StorageError if the first read fails."""
        self._load = load
        self._seconds = seconds
        self._clock = clock
        self._tried = self._read = clock()
        self._history = load()
        self.failures = 0

    def history(self) -> AgentHistory:
        """Return the newest history that could be read."""
        if self._clock() - self._tried >= self._seconds:
            self._tried = self._clock()
            try:
                self._history = self._load()
                self._read = self._tried
            except ContactBillingError:
                # A table that is being replaced, or an unavailable store, must not stop the job.
                self.failures += 1
        return self._history

    def age(self) -> int:
        """Return whole seconds since the history was read."""
        return int(self._clock() - self._read)
