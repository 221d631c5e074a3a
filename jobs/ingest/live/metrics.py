"""What the live job counts: records by outcome and reason, decode time, the agents' table."""

from collections import Counter
from typing import Any

from jobs.ingest.live.agents_cache import LiveAgents
from schemas.outcome import REASONS

Outcomes = Counter[tuple[str, str | None]]


class Metrics:
    """Flink metrics of one worker. The group is that of the function's context."""

    def __init__(self, group: Any, agents: LiveAgents) -> None:
        self._group = group.add_group("contact_billing")
        self._agents = agents
        self._records = {
            (outcome, reason): self._counter(outcome, reason) for outcome, found in REASONS.items() for reason in found
        }
        self._conflicts = self._group.counter("extension_conflicts")
        self._failures = self._group.counter("agents_refresh_failures")
        self._told_failures = 0
        # A sum: reporters such as Prometheus's leave out what PyFlink makes of a distribution.
        self._decode = self._group.counter("decode_nanoseconds")
        self._group.gauge("agents_age_seconds", agents.age)

    def count(self, outcomes: Outcomes, conflicts: int, nanoseconds: int) -> None:
        """Adds a batch: records by (outcome, reason), and the time that all of them took."""
        # All of them, from 0 on: a counter that begins with its first records hides them from `increase`.
        for key, counter in self._records.items():
            counter.inc(outcomes[key])
        self._conflicts.inc(conflicts)
        self._decode.inc(nanoseconds)
        self._failures.inc(self._agents.failures - self._told_failures)
        self._told_failures = self._agents.failures

    def _counter(self, outcome: str, reason: str | None) -> Any:
        return self._group.add_group("outcome", outcome).add_group("reason", reason or "none").counter("records")
