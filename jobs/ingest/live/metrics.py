"""Count the live job's records by outcome and reason, its decode time, and reads of the agents' table."""

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
            (outcome, reason): self._counter(outcome, reason)
            for outcome, reasons in REASONS.items()
            for reason in reasons
        }
        self._conflicts = self._group.counter("extension_conflicts")
        self._failures = self._group.counter("agents_refresh_failures")
        self._reported_failures = 0
        # A sum: reporters such as Prometheus's leave out PyFlink's distributions.
        self._decode = self._group.counter("decode_nanoseconds")
        self._group.gauge("agents_age_seconds", agents.age)

    def count(self, outcomes: Outcomes, conflicts: int, nanoseconds: int) -> None:
        """Add a batch: records by (outcome, reason), and the time that all of them took."""
        # Every counter, also with 0: one that begins with its first records hides them from `increase`.
        for key, counter in self._records.items():
            counter.inc(outcomes[key])
        self._conflicts.inc(conflicts)
        self._decode.inc(nanoseconds)
        self._failures.inc(self._agents.failures - self._reported_failures)
        self._reported_failures = self._agents.failures

    def _counter(self, outcome: str, reason: str | None) -> Any:
        return self._group.add_group("outcome", outcome).add_group("reason", reason or "none").counter("records")
