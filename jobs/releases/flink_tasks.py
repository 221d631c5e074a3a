"""What the workers of the release job run: ticks in, dates to release out; dates in, lines for people out.

The first worker alone knows what has changed; the others know what they have to try again. All of it
is in memory: after a restart every closed date is looked at again, which changes nothing where
nothing is new.
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
    """A date to release with the agents of that digest. Without a date: a moment to try again, or a word to pass on."""

    date: str = ""
    agents: str = ""
    message: str = ""


class ReleaseInputs(msgspec.Struct, frozen=True):
    """What every worker needs."""

    locations: StorageLocations
    settings: Settings
    agents_uri: str

    def ledger(self) -> Ledger:
        return self.locations.open_ledger(self.settings, claim=False)


class ChangeOrders:
    """Looks at the ledger every poll_seconds, and orders what has changed."""

    def __init__(self, given: ReleaseInputs, workers: int) -> None:
        self._given = given
        self._workers = workers
        self._changes = ChangeTracker()
        self._agents = ""
        self._next = 0.0
        self._pause = 0.0

    def run(self, _: Any) -> Iterator[str]:
        """One tick in; orders out, when it is time."""
        if time.monotonic() < self._next:
            return
        poll = self._given.settings.follow.poll_seconds
        redact_worker_logs("release")
        try:
            with redact_errors():
                yield from map(_text, self._orders())
            self._pause = poll
        except ContactBillingError as error:
            self._pause = next_pause(max(self._pause, poll), poll)
            log(Event.TRYING_AGAIN, error=type(error).__name__, seconds=self._pause)
            yield _text(Order(message=f"{error}; trying again in {self._pause:.0f} s"))
        self._next = time.monotonic() + self._pause

    def _orders(self) -> list[Order]:
        self._agents, told = self._digest()
        changed = self._changes.changed(self._given.ledger().closed(), self._agents)
        for date, state in changed.items():
            self._changes.mark_released(date, state)
        # Orders go round: as many as there are workers reach each of them.
        rounds = [Order(agents=self._agents)] * self._workers
        return [*told, *(Order(date, self._agents) for date in changed), *rounds]

    def _digest(self) -> tuple[str, list[Order]]:
        """The digest of the agents' table. One that cannot be read keeps the last good one, if there is any."""
        try:
            return agents_digest(load_agents(self._given.agents_uri, self._given.settings.storage.s3)), []
        except ContactBillingError as error:
            if not self._agents:
                raise
            log(Event.AGENTS_KEPT, error=type(error).__name__)
            return self._agents, [Order(message=f"{error}; going on with the table as it was")]


class ReleaseDates:
    """Releases the dates that it is ordered to, and those that it could not release before."""

    def __init__(self, given: ReleaseInputs) -> None:
        self._given = given
        self._publisher: Publisher | None = None
        self._wanted = self._have = ""
        self._again: dict[str, tuple[float, float]] = {}

    def run(self, element: str) -> Iterator[str]:
        """An order in; a line for every new version, for every date that did not pass, and for every error."""
        redact_worker_logs("release")
        order = msgspec.json.decode(element, type=Order)
        if order.message:
            yield order.message
            return
        due = [date for date, (at, _) in self._again.items() if at <= time.monotonic()]
        for date in dict.fromkeys([*([order.date] if order.date else ()), *due]):
            try:
                with redact_errors():
                    yield from self._released(date, order.agents)
            except ContactBillingError as error:
                pause = self._later(date)
                log(Event.TRYING_AGAIN, date=date, error=type(error).__name__, seconds=pause)
                yield f"{date}: {error}; trying again in {pause:.0f} s"

    def _released(self, date: str, agents: str) -> list[str]:
        released = self._with(agents).release_date(date, datetime.datetime.now(tz=datetime.UTC))
        self._again.pop(date, None)
        if released.failures:
            return [refusal(released)]
        return [released.text()] if released.new else []

    def _with(self, agents: str) -> Publisher:
        if self._publisher is None or agents != self._wanted:
            history = load_agents(self._given.agents_uri, self._given.settings.storage.s3)
            if self._publisher is None or agents_digest(history) != self._have:
                self._publisher = publisher_at(
                    self._given.locations, self._given.ledger(), self._given.settings, history
                )
                self._have = agents_digest(history)
            self._wanted = agents
        return self._publisher

    def _later(self, date: str) -> float:
        poll = float(self._given.settings.follow.poll_seconds)
        _, before = self._again.get(date, (0.0, poll / 2))
        pause = next_pause(before, poll)
        self._again[date] = (time.monotonic() + pause, pause)
        return pause


def _text(order: Order) -> str:
    return msgspec.json.encode(order).decode()
