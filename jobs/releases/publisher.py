"""Publish a billing date: write, audit, publish, from top to bottom in `release_date`.

A pure function of the ledger, the agents' history and the settings: run twice, it writes nothing.
"""

import datetime
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
from jobs.sql.date_tables import DateTables
from jobs.sql.ledger_rows import DateParts, read_date_parts
from schemas.errors import StorageError
from schemas.manifest import Attempt, Audit, Control, json_text
from sinks.ledger import Ledger
from sinks.paths import attempt_name, audit_name, control_name
from sinks.release import PATIENCE_SECONDS, ReleaseFolder
from sinks.store import Store
from transforms.records.extension import AgentHistory
from transforms.records.timestamps import moment_text

# A release that keeps coming second to others gives up.
_TRIES = 5


class Publisher:
    """Releases dates of one ledger. Others may write the ledger and release from it at the same time."""

    def __init__(
        self,
        ledger: Ledger,
        partner: Store,
        audits: Store,
        settings: Settings,
        agents: AgentHistory,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """SettingsError: the contract cannot be used."""
        self._ledger = ledger
        self._partner = partner
        self._audits = audits
        self._settings = settings
        self._agents = agents
        self._patience = patience_seconds
        self._contract = contract_of(settings)
        self._auditor = Auditor(ledger, partner, audits, settings)

    def release_date(self, date: str, now: datetime.datetime, overrides: Overrides = NO_OVERRIDES) -> Released:
        """Publishes a date, if something of its lines is new. Failures are in the result.

        StorageError: ledger, release or audit cannot be read or written, or other releases keep winning.
        """
        begun = time.monotonic()
        for _ in range(_TRIES):
            if (released := self._write_audit_publish(date, now, overrides)) is not None:
                _log(released, time.monotonic() - begun)
                return released
        raise StorageError(f"other releases keep publishing {date}; stop all but one, then run again")

    def _write_audit_publish(self, date: str, now: datetime.datetime, overrides: Overrides) -> Released | None:
        """None: another release has made the version; what is new is to be told against that one."""
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
            where = self._write_audit(audited)
            if audited.failures:
                return self._refused(audited, where)
            files = lines.files(scratch)
            if not folder.publish(files, build_manifest(audited, files, self._settings, self._agents)):
                return None
            return self._published(audited, folder, now)

    def preview_date(self, date: str, overrides: Overrides = NO_OVERRIDES) -> Released:
        """What `release_date` would do. Nothing is written."""
        with self._tables(date) as (rows, tables, scratch):
            previous = read_previous(ReleaseFolder(self._partner, date))
            candidate, lines = compare(rows, tables, previous, self._contract, overrides, self._partner, scratch)
            failures: tuple[str, ...] = ()
            if candidate.is_new:
                failures = self._auditor.audit(candidate, rows, tables, lines, overrides, scratch).failures
        new = candidate.is_new and not failures
        version = candidate.version if new else previous.version
        return Released(date, candidate.control, version, new, failures=failures, amendments=candidate.amendments)

    def write_unknown(self, date: str) -> Control:
        """Writes the control totals of rows without a date; for the operator, never published."""
        with self._tables(date) as (_, tables, _):
            control = tables.control()
        self._audits.put(control_name(date), json_text(control))
        return control

    def _unchanged(self, candidate: Candidate, folder: ReleaseFolder, now: datetime.datetime) -> Released:
        version = candidate.previous.version
        folder.announce(version, moment_text(now))
        self._write_attempt(build_attempt(candidate, version))
        return Released(candidate.billing_date, candidate.control, version, False, folder.location(version))

    def _refused(self, audited: Audited, where: str) -> Released:
        candidate, version = audited.candidate, audited.candidate.previous.version
        self._write_attempt(build_attempt(candidate, version, audited.failures))
        return Released(
            candidate.billing_date,
            candidate.control,
            version,
            False,
            failures=audited.failures,
            audit=where,
            findings=_findings(audited),
        )

    def _published(self, audited: Audited, folder: ReleaseFolder, now: datetime.datetime) -> Released:
        candidate, version = audited.candidate, audited.candidate.version
        # A release that came second may have written its audit over this one.
        where = self._write_audit(audited, index=False)
        folder.announce(version, moment_text(now))
        self._write_attempt(build_attempt(candidate, version))
        return Released(
            candidate.billing_date,
            candidate.control,
            version,
            True,
            folder.location(version),
            audit=where,
            amendments=candidate.amendments,
            findings=_findings(audited),
        )

    def _write_audit(self, audited: Audited, index: bool = True) -> str:
        """Writes for the operator what was found of a version. Out: where."""
        audit: Audit = build_audit(audited)
        name = audit_name(audit.billing_date, audit.version)
        self._audits.put(name, json_text(audit))
        data_docs.put_page(self._audits, audit.billing_date, audit.version, audited.page)
        if index:
            data_docs.put_index(self._audits)
        return self._audits.location(name)

    def _write_attempt(self, attempt: Attempt) -> None:
        """Writes what the attempt came to, unless the last one came to the same."""
        name, data = attempt_name(attempt.billing_date), json_text(attempt)
        if self._audits.get(name) != data:
            self._audits.put(name, data)

    @contextmanager
    def _tables(self, date: str) -> Iterator[tuple[DateParts, DateTables, Path]]:
        """A date's rows and tables, and a folder for files, until the end of the block."""
        with tempfile.TemporaryDirectory(prefix="contact-billing-") as folder:
            rows = read_date_parts(self._ledger, date, self._ledger.recycled.names(), Path(folder))
            rules, not_billed = self._settings.rules, self._settings.release.not_billed
            with DateTables(rows, self._agents, rules, not_billed) as tables:
                yield rows, tables, Path(folder)


def publisher_at(locations: StorageLocations, ledger: Ledger, settings: Settings, agents: AgentHistory) -> Publisher:
    """What releases the ledger's dates to these locations. SettingsError: a location or the contract cannot be used."""
    return Publisher(ledger, locations.release_store(), locations.audit_store(), settings, agents)


def release_dates(publisher: Publisher, dates: list[str], overrides: Overrides = NO_OVERRIDES) -> list[Released]:
    """Releases dates one after another with a progress bar."""
    now = datetime.datetime.now(tz=datetime.UTC)
    with progress(dates, "release", "date") as shown:
        return [publisher.release_date(date, now, overrides) for date in shown]


def preview_dates(publisher: Publisher, dates: list[str], overrides: Overrides) -> list[Released]:
    """What `release_dates` would do."""
    with progress(dates, "dry run", "date") as shown:
        return [publisher.preview_date(date, overrides) for date in shown]


def _check_clock(folder: ReleaseFolder, now: datetime.datetime) -> None:
    """StorageError: the date was published later than now."""
    if (last := folder.published_at()) > moment_text(now):
        raise StorageError(
            f"the clock says {moment_text(now)}, but {folder.billing_date} was published at {last}; set the clock"
        )


def _findings(audited: Audited) -> int:
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
