"""The `release` command: publish closed dates of a ledger once, or follow a ledger that others write.

Several processes may follow one ledger: each version is made once, see sinks/release.py.
"""

import datetime
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import msgspec

from jobs.agents.table import load_agents
from jobs.releases.candidate import Overrides
from jobs.releases.changed_dates import ChangeTracker
from jobs.releases.publisher import Publisher, preview_dates, publisher_at, release_dates
from jobs.releases.results import Released, ReleaseResult, check_published, refusal, unknown_agents
from jobs.runtime.backoff import next_pause
from jobs.runtime.log_format import Event
from jobs.runtime.logs import log, run_log
from jobs.runtime.output import Emit
from jobs.runtime.signals import stopped_by_signals
from jobs.runtime.text_table import escape
from jobs.settings.digests import agents_digest
from jobs.settings.locations import StorageLocations, agents_uri, resolve_locations
from jobs.settings.settings import Settings, load_settings
from schemas.errors import ContactBillingError, StorageError
from sinks.ledger import Ledger
from transforms.records.extension import AgentHistory

Load = Callable[[], AgentHistory]
Warn = Callable[[str], None]


def run_release(
    agents: str | None,
    out: Path | None,
    config: Path | None,
    dates: list[str],
    dry_run: bool,
    overrides: Overrides,
    emit: Emit,
) -> None:
    """Publish these dates of an existing ledger, or all closed ones; or with `dry_run` emit what it would publish."""
    settings = load_settings(config)
    with run_log("release", settings):
        inputs = _inputs(agents, out, settings)
        selected = sorted(set(dates)) or list(inputs.ledger.closed())
        publisher = publisher_at(inputs.locations, inputs.ledger, settings, inputs.load())
        released = (preview_dates if dry_run else release_dates)(publisher, selected, overrides)
        emit(ReleaseResult(dry_run, tuple(released)))
        check_published(released)


def run_follow(agents: str | None, out: Path | None, config: Path | None, emit: Emit) -> None:
    """Publish dates of a ledger that others write, as they close and change, until a signal stops it."""
    settings = load_settings(config)
    with run_log("release", settings), stopped_by_signals() as stop:
        inputs = _inputs(agents, out, settings)
        Follower(inputs.locations, inputs.ledger, settings, inputs.load, emit, _warn).run(stop)


class _Inputs(msgspec.Struct, frozen=True):
    """The locations and the ledger, checked, and how to load the agents' history."""

    locations: StorageLocations
    ledger: Ledger
    load: Load


def _inputs(agents: str | None, out: Path | None, settings: Settings) -> _Inputs:
    uri = agents_uri(agents, settings.storage)
    locations = resolve_locations(settings.storage, out)
    locations.check()
    ledger = locations.open_ledger(settings, claim=False)
    return _Inputs(locations, ledger, lambda: load_agents(uri, settings.storage.s3))


class Follower:
    """Releases dates that have changed since its last look; the first time, every closed date."""

    def __init__(
        self,
        locations: StorageLocations,
        ledger: Ledger,
        settings: Settings,
        load: Load,
        emit: Emit,
        warn: Warn,
    ) -> None:
        self._locations = locations
        self._ledger = ledger
        self._settings = settings
        self._load = load
        self._emit = emit
        self._warn = warn
        self._agents = load()
        self._publisher = self._new_publisher()
        self._changes = ChangeTracker()
        self._errors: Counter[str] = Counter()

    def run(self, stop: threading.Event) -> None:
        """Look every `poll_seconds` until `stop` is set; a release that has begun is finished."""
        poll = self._settings.follow.poll_seconds
        pause = float(poll)
        while not stop.is_set():
            seen: list[Released] = []
            try:
                for released in self.look(stop):
                    seen.append(released)
                    if released.failures:
                        self._warn(refusal(released))
                    if released.failures or released.new:
                        self._emit(released)
                for warning in unknown_agents(seen):
                    self._warn(warning)
                pause = poll
            except StorageError as error:
                pause = next_pause(pause, poll)
                log(Event.TRYING_AGAIN, error=type(error).__name__, seconds=pause)
                self._warn(f"{error}; trying again in {pause:.0f} s")
            stop.wait(pause)

    def look(self, stop: threading.Event) -> Iterator[Released]:
        """Release every changed date. Raises StorageError at the first date that fails; later dates are not tried."""
        self._refresh()
        changed = self._changes.changed(self._ledger.closed(), agents_digest(self._agents))
        # Dates that failed before come last, so that they do not delay the others.
        for date in sorted(changed, key=lambda d: (self._errors[d], d)):
            if stop.is_set():
                return
            try:
                released = self._publisher.release_date(date, datetime.datetime.now(tz=datetime.UTC))
            except StorageError:
                self._errors[date] += 1
                raise
            self._errors.pop(date, None)
            self._changes.mark_released(date, changed[date])
            yield released

    def _refresh(self) -> None:
        """Read the agents' table again; if that fails, keep the last good one."""
        try:
            agents = self._load()
        except ContactBillingError as error:
            log(Event.AGENTS_KEPT, error=type(error).__name__)
            self._warn(f"{error}; going on with the table as it was")
            return
        if agents_digest(agents) != agents_digest(self._agents):
            self._agents = agents
            self._publisher = self._new_publisher()

    def _new_publisher(self) -> Publisher:
        return publisher_at(self._locations, self._ledger, self._settings, self._agents)


def _warn(message: str) -> None:
    click.echo(f"contact-billing: {escape(message)}", err=True)
