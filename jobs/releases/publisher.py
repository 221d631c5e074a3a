"""Publish a billing date: write, audit, publish, from top to bottom in `release_date`.

A pure function of the ledger, the agents' history and the settings: run twice, it writes nothing.
"""

import datetime
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from jobs.releases import data_docs
from jobs.releases.audit import Audited, Auditor
from jobs.releases.candidate import NO_OVERRIDES, Candidate, Overrides, compare, read_previous
from jobs.releases.contract import contract_of
from jobs.releases.manifest import build_attempt, build_audit, build_manifest
from jobs.releases.results import Released
from jobs.runtime.log_format import Event
from jobs.runtime.logs import log
from jobs.runtime.progress import progress
from jobs.settings.locations import StorageLocations
from jobs.settings.settings import Settings
from jobs.sql.date_tables import DateTables, open_date_tables
from jobs.sql.ledger_rows import DateParts
from schemas.errors import StorageError
from schemas.manifest import Attempt, Audit, Control, json_text
from sinks.ledger import Ledger
from sinks.paths import attempt_name, audit_name, control_name
from sinks.release import PATIENCE_SECONDS, ReleaseFolder
from sinks.store import Store
from transforms.records.extension import AgentHistory
from transforms.records.timestamps import moment_text

# A release that keeps losing to concurrent ones gives up.
_TRIES = 5


class Publisher:
    """Releases dates of one ledger, which others may write, and release from, at the same time."""

    def __init__(
        self,
        ledger: Ledger,
        partner: Store,
        audits: Store,
        settings: Settings,
        agents: AgentHistory,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """Raises SettingsError if the contract cannot be used."""
        self._ledger = ledger
        self._partner = partner
        self._audits = audits
        self._settings = settings
        self._agents = agents
        self._patience = patience_seconds
        self._contract = contract_of(settings)
        self._auditor = Auditor(ledger, partner, audits, settings)

    def release_date(self, date: str, now: datetime.datetime, overrides: Overrides = NO_OVERRIDES) -> Released:
        """Publish a date if any of its lines is new. Failures of checks are in the result.

        Raises StorageError if ledger, release or audit cannot be read or written, or other releases keep winning.
        """
        started_at = time.monotonic()
        for _ in range(_TRIES):
            if (released := self._write_audit_publish(date, now, overrides)) is not None:
                _log(released, time.monotonic() - started_at)
                return released
        raise StorageError(f"other releases keep publishing {date}; stop all but one, then run again")

    def _write_audit_publish(self, date: str, now: datetime.datetime, overrides: Overrides) -> Released | None:
        """Return None if a concurrent release has made the version: the date must be compared with that one."""
        folder = ReleaseFolder(self._partner, date, self._patience)
        with self._tables(date) as (rows, tables, scratch):
            previous = read_previous(folder)
            candidate, lines = compare(rows, tables, previous, self._contract, overrides, self._partner, scratch)
            if not candidate.is_new:
                return self._unchanged(candidate, folder, now)
            audited = self._auditor.audit(candidate, rows, tables, lines, overrides, scratch)
            if folder.version() != previous.version:
                return None
            _check_clock(folder, now)
            audit_location = self._write_audit(audited)
            if audited.failures:
                return self._refused(audited, audit_location)
            files = lines.files(scratch)
            if not folder.publish(files, build_manifest(audited, files, self._settings, self._agents)):
                return None
            return self._published(audited, folder, now)

    def preview_date(self, date: str, overrides: Overrides = NO_OVERRIDES) -> Released:
        """Return what `release_date` would do. Read-only."""
        with self._tables(date) as (rows, tables, scratch):
            previous = read_previous(ReleaseFolder(self._partner, date))
            candidate, lines = compare(rows, tables, previous, self._contract, overrides, self._partner, scratch)
            failures: tuple[str, ...] = ()
            if candidate.is_new:
                failures = self._auditor.audit(candidate, rows, tables, lines, overrides, scratch).failures
        new = candidate.is_new and not failures
        version = candidate.version if new else previous.version
        return _released(candidate, version, new, failures=failures, amendments=candidate.amendments)

    def write_unknown(self, date: str) -> Control:
        """Write the control totals of rows without a date; they are for the operator and never published."""
        with self._tables(date) as (_, tables, _):
            control = tables.control()
        self._audits.put(control_name(date), json_text(control))
        return control

    def _unchanged(self, candidate: Candidate, folder: ReleaseFolder, now: datetime.datetime) -> Released:
        version = candidate.previous.version
        folder.announce(version, moment_text(now))
        self._write_attempt(build_attempt(candidate, version))
        return _released(candidate, version, False, location=folder.location(version))

    def _refused(self, audited: Audited, audit_location: str) -> Released:
        candidate, version = audited.candidate, audited.candidate.previous.version
        self._write_attempt(build_attempt(candidate, version, audited.failures))
        return _released(
            candidate,
            version,
            False,
            failures=audited.failures,
            audit=audit_location,
            findings=_count_findings(audited),
        )

    def _published(self, audited: Audited, folder: ReleaseFolder, now: datetime.datetime) -> Released:
        candidate, version = audited.candidate, audited.candidate.version
        # A concurrent release that lost may have overwritten this audit.
        audit_location = self._write_audit(audited, index=False)
        folder.announce(version, moment_text(now))
        self._write_attempt(build_attempt(candidate, version))
        return _released(
            candidate,
            version,
            True,
            location=folder.location(version),
            audit=audit_location,
            amendments=candidate.amendments,
            findings=_count_findings(audited),
        )

    def _write_audit(self, audited: Audited, index: bool = True) -> str:
        """Write the operator's audit of a version, and return its location."""
        audit: Audit = build_audit(audited)
        name = audit_name(audit.billing_date, audit.version)
        self._audits.put(name, json_text(audit))
        data_docs.put_page(self._audits, audit.billing_date, audit.version, data_docs.page(audit, audited.rules))
        if index:
            data_docs.put_index(self._audits)
        return self._audits.location(name)

    def _write_attempt(self, attempt: Attempt) -> None:
        """Write the result of the attempt, unless it equals that of the last one."""
        name, data = attempt_name(attempt.billing_date), json_text(attempt)
        if self._audits.get(name) != data:
            self._audits.put(name, data)

    def _tables(self, date: str) -> AbstractContextManager[tuple[DateParts, DateTables, Path]]:
        """Open a date's rows and tables, and a scratch folder."""
        recycled, rules = self._ledger.recycled.names(), self._settings.rules
        return open_date_tables(self._ledger, date, recycled, self._agents, rules, self._settings.release.not_billed)


def publisher_at(locations: StorageLocations, ledger: Ledger, settings: Settings, agents: AgentHistory) -> Publisher:
    """Return a publisher for these locations. Raises SettingsError if a location or the contract cannot be used."""
    return Publisher(ledger, locations.release_store(), locations.audit_store(), settings, agents)


def release_dates(publisher: Publisher, dates: list[str], overrides: Overrides = NO_OVERRIDES) -> list[Released]:
    """Release dates one after another with a progress bar."""
    now = datetime.datetime.now(tz=datetime.UTC)
    with progress(dates, "release", "date") as bar:
        return [publisher.release_date(date, now, overrides) for date in bar]


def preview_dates(publisher: Publisher, dates: list[str], overrides: Overrides) -> list[Released]:
    """Return what `release_dates` would do."""
    with progress(dates, "dry run", "date") as bar:
        return [publisher.preview_date(date, overrides) for date in bar]


def _check_clock(folder: ReleaseFolder, now: datetime.datetime) -> None:
    """Raise StorageError if the date was published later than now."""
    if (last := folder.published_at()) > moment_text(now):
        raise StorageError(
            f"the clock says {moment_text(now)}, but {folder.billing_date} was published at {last}; set the clock"
        )


def _released(candidate: Candidate, version: int, new: bool, **others: Any) -> Released:
    agents: dict[str, Any] = {"agents": candidate.agents, "known_agents": candidate.known_agents}
    return Released(candidate.billing_date, candidate.control, version, new, **agents, **others)


def _count_findings(audited: Audited) -> int:
    return sum(map(len, audited.chains.values()))


def _log(released: Released, seconds: float) -> None:
    event = Event.DATE_PUBLISHED if released.new else Event.DATE_UNCHANGED
    control = released.control
    log(
        Event.DATE_FAILED if released.failures else event,
        date=released.billing_date,
        version=released.version,
        records=control.read,
        billed=control.billed,
        held=control.held,
        quarantined=sum(control.quarantined.values()),
        failed_rules=len(released.failures),
        seconds=round(seconds, 3),
    )
