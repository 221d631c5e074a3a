"""Run the release job's steps on Flink workers: find the dates to release, and release them.

Only the first worker tracks what has changed; the others track what to try again. All of it is in memory: after a
restart every closed date is released again, which writes nothing if nothing is new.
"""

import datetime
import time
from collections.abc import Iterator
from typing import Any

import msgspec

from jobs.agents.table import load_agents
from jobs.releases.changed_dates import ChangeTracker
from jobs.releases.publisher import Publisher, publisher_at
from jobs.releases.results import refusal
from jobs.runtime.backoff import next_pause
from jobs.runtime.log_format import Event
from jobs.runtime.logs import log, redact_worker_logs
from jobs.runtime.redaction import redact_errors
from jobs.settings.digests import agents_digest
from jobs.settings.locations import StorageLocations
from jobs.settings.settings import Settings
from schemas.errors import ContactBillingError
from sinks.ledger import Ledger


class Order(msgspec.Struct, frozen=True):
    """A date to release with the agents of that digest. Without a date: a chance to retry, or a message to pass on."""

    date: str = ""
    agents: str = ""
    message: str = ""


class ReleaseInputs(msgspec.Struct, frozen=True):
    """What every worker needs."""

    locations: StorageLocations
    settings: Settings
    agents_uri: str

    def ledger(self) -> Ledger:
        """Open the ledger."""
        return self.locations.open_ledger(self.settings, claim=False)


class ChangeOrders:
    """Looks at the ledger every `poll_seconds`, and orders the release of dates that have changed."""

    def __init__(self, inputs: ReleaseInputs, workers: int) -> None:
        self._inputs = inputs
        self._workers = workers
        self._changes = ChangeTracker()
        self._agents = ""
        self._next_look = 0.0
        self._pause = 0.0

    def run(self, _: Any) -> Iterator[str]:
        """Yield orders for a tick, if it is time."""
        if time.monotonic() < self._next_look:
            return
        poll = self._inputs.settings.follow.poll_seconds
        redact_worker_logs("release")
        try:
            with redact_errors():
                yield from map(_encode, self._orders())
            self._pause = poll
        except ContactBillingError as error:
            self._pause = next_pause(max(self._pause, poll), poll)
            log(Event.TRYING_AGAIN, error=type(error).__name__, seconds=self._pause)
            yield _encode(Order(message=f"{error}; trying again in {self._pause:.0f} s"))
        self._next_look = time.monotonic() + self._pause

    def _orders(self) -> list[Order]:
        self._agents, warnings = self._read_agents_digest()
        changed = self._changes.changed(self._inputs.ledger().closed(), self._agents)
        for date, state in changed.items():
            self._changes.mark_released(date, state)
        # Flink distributes orders in turn, so that one per worker reaches each of them.
        retries = [Order(agents=self._agents)] * self._workers
        return [*warnings, *(Order(date, self._agents) for date in changed), *retries]

    def _read_agents_digest(self) -> tuple[str, list[Order]]:
        """Return the digest of the agents' table; if it cannot be read, the last good one, if any, and a warning."""
        try:
            return agents_digest(load_agents(self._inputs.agents_uri, self._inputs.settings.storage.s3)), []
        except ContactBillingError as error:
            if not self._agents:
                raise
            log(Event.AGENTS_KEPT, error=type(error).__name__)
            return self._agents, [Order(message=f"{error}; going on with the table as it was")]


class ReleaseDates:
    """Releases ordered dates, and retries those that failed before."""

    def __init__(self, inputs: ReleaseInputs) -> None:
        self._inputs = inputs
        self._publisher: Publisher | None = None
        self._ordered_agents = self._loaded_agents = ""
        # By date: when to retry it, and the pause in seconds before that.
        self._retries: dict[str, tuple[float, float]] = {}

    def run(self, element: str) -> Iterator[str]:
        """Yield a line for every new version, every date that was not published, and every error."""
        redact_worker_logs("release")
        order = msgspec.json.decode(element, type=Order)
        if order.message:
            yield order.message
            return
        due = [date for date, (retry_at, _) in self._retries.items() if retry_at <= time.monotonic()]
        for date in dict.fromkeys([*([order.date] if order.date else ()), *due]):
            try:
                with redact_errors():
                    yield from self._release(date, order.agents)
            except ContactBillingError as error:
                pause = self._schedule_retry(date)
                log(Event.TRYING_AGAIN, date=date, error=type(error).__name__, seconds=pause)
                yield f"{date}: {error}; trying again in {pause:.0f} s"

    def _release(self, date: str, agents: str) -> list[str]:
        released = self._publisher_with(agents).release_date(date, datetime.datetime.now(tz=datetime.UTC))
        self._retries.pop(date, None)
        if released.failures:
            return [refusal(released)]
        return [released.text()] if released.new else []

    def _publisher_with(self, agents: str) -> Publisher:
        if self._publisher is None or agents != self._ordered_agents:
            history = load_agents(self._inputs.agents_uri, self._inputs.settings.storage.s3)
            if self._publisher is None or agents_digest(history) != self._loaded_agents:
                self._publisher = publisher_at(
                    self._inputs.locations, self._inputs.ledger(), self._inputs.settings, history
                )
                self._loaded_agents = agents_digest(history)
            self._ordered_agents = agents
        return self._publisher

    def _schedule_retry(self, date: str) -> float:
        poll = float(self._inputs.settings.follow.poll_seconds)
        _, last_pause = self._retries.get(date, (0.0, poll / 2))
        pause = next_pause(last_pause, poll)
        self._retries[date] = (time.monotonic() + pause, pause)
        return pause


def _encode(order: Order) -> str:
    return msgspec.json.encode(order).decode()
