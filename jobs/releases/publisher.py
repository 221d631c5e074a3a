"""Publish: a date's ledger rows in; the latest version of every contact, checked and published, out.

A pure function of the ledger, the agents' history and the settings: run twice, it writes nothing.
"""

import datetime
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec

from jobs.releases import data_docs
from jobs.releases.candidate import NOTHING_MORE, Allowed, Draft, Drafter
from jobs.releases.manifest import attempt_of, audit_of, manifest_of
from jobs.runtime.log_format import Event
from jobs.runtime.logs import log
from jobs.settings.locations import StorageLocations
from jobs.settings.settings import Settings
from jobs.sql.date_tables import Workbench
from schemas.errors import AuditFailed, StorageError
from schemas.manifest import Audit, Control, json_text
from schemas.says import says
from sinks.ledger import Ledger
from sinks.paths import attempt_name, audit_name, control_name
from sinks.release import PATIENCE_SECONDS, ReleaseFolder
from sinks.store import Store
from transforms.records.extension import AgentHistory
from transforms.records.timestamps import moment_text

# A release that keeps coming second to others gives up.
_TRIES = 5


class Released(msgspec.Struct, frozen=True):
    """What became of a date: its control totals, its version, and whether that is new, or would be."""

    billing_date: Annotated[str, says("YYYY-MM-DD")]
    control: Annotated[Control, says("the control totals")]
    version: Annotated[int, says("the newest version, or the one that would be; 0: there is none")]
    new: Annotated[bool, says("whether the version was made now, or would be")]
    location: Annotated[str, says("where the version is; empty: nowhere")] = ""
    failures: Annotated[tuple[str, ...], says("what it did not pass; it was not published then")] = ()
    audit: Annotated[str, says("where the audit of what is new, or failed, is; empty: nowhere")] = ""
    amendments: Annotated[dict[str, int], says("lines ADDED, CHANGED and WITHDRAWN since the version before")] = {}
    findings: Annotated[int, says("chains of calls that contradict themselves; the audit lists them")] = 0

    @property
    def odd(self) -> str:
        """How many findings, in words."""
        return f"{self.findings} chain finding{'' if self.findings == 1 else 's'}"

    def text(self) -> str:
        """One line for one date."""
        if self.failures:
            return f"{self.billing_date} FAILED"
        version = f"{self.billing_date} v{self.version:04d}"
        if not self.new:
            return f"{version} (unchanged)"
        told = f"{self.control.billed} lines, {self.control.call_seconds} s, of {self.control.read} records"
        return f"{version}: {told}{f', {self.odd}' if self.findings else ''}; {self.location}"


class Release:
    """Releases dates of one ledger. Others may write the ledger and release from it at the same time."""

    def __init__(
        self,
        ledger: Ledger,
        partner: Store,
        audit: Store,
        settings: Settings,
        agents: AgentHistory,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """SettingsError: the contract cannot be used."""
        self._drafter = Drafter(ledger, partner, audit, settings)
        self._partner = partner
        self._audit = audit
        self._settings = settings
        self._agents = agents
        self._patience = patience_seconds

    def unknown(self, date: str) -> Control:
        """The control totals of rows without a date; for the operator, never published."""
        with self._bench() as (bench, scratch):
            self._drafter.load(date, bench, scratch)
            control = bench.control()
        self._audit.put(control_name(date), json_text(control))
        return control

    def preview(self, date: str, allowed: Allowed = NOTHING_MORE) -> Released:
        """What `release` would do. Nothing is written."""
        with self._bench() as (bench, scratch):
            draft = self._drafter.draft(date, bench, scratch, allowed)
        new = draft.is_new and not draft.failures
        version = draft.version if new else draft.before
        return Released(date, draft.control, version, new, failures=draft.failures, amendments=draft.amendments)

    def release(self, date: str, now: datetime.datetime, allowed: Allowed = NOTHING_MORE) -> Released:
        """Publishes a date, if something of its lines is new. Failures are in the result."""
        begun = time.monotonic()
        for _ in range(_TRIES):
            with self._bench() as (bench, scratch):
                if (released := self._release(date, now, allowed, bench, scratch)) is not None:
                    _log(released, time.monotonic() - begun)
                    return released
        raise StorageError(f"other releases keep publishing {date}; stop all but one, then run again")

    def _release(
        self, date: str, now: datetime.datetime, allowed: Allowed, bench: Workbench, scratch: Path
    ) -> Released | None:
        """None: another release has made the version; what is new is to be told against that one."""
        draft = self._drafter.draft(date, bench, scratch, allowed)
        folder = ReleaseFolder(self._partner, date, self._patience)
        if not draft.is_new:
            folder.announce(draft.before, moment_text(now))
            self._note(draft, draft.before)
            return Released(date, draft.control, draft.before, False, folder.location(draft.before))
        if folder.version() != draft.before:
            return None
        if (last := folder.published_at()) > moment_text(now):
            raise StorageError(f"the clock says {moment_text(now)}, but {date} was published at {last}; set the clock")
        audit = audit_of(draft, bench)
        findings = sum(map(len, audit.chains.values()))
        where = self._tell(audit, draft.page)
        data_docs.put_index(self._audit)
        if draft.failures:
            self._note(draft, draft.before)
            return Released(date, draft.control, draft.before, False, "", draft.failures, where, findings=findings)
        files = bench.files(scratch)
        if not folder.publish(files, manifest_of(draft, bench, files, self._settings, self._agents)):
            return None
        # A release that came second may have written its audit over this one.
        self._tell(audit, draft.page)
        folder.announce(draft.version, moment_text(now))
        self._note(draft, draft.version)
        location = folder.location(draft.version)
        return Released(date, draft.control, draft.version, True, location, (), where, draft.amendments, findings)

    def _note(self, draft: Draft, version: int) -> None:
        """Writes what the try came to, unless the last one came to the same."""
        name, data = attempt_name(draft.billing_date), json_text(attempt_of(draft, version))
        if self._audit.get(name) != data:
            self._audit.put(name, data)

    def _tell(self, audit: Audit, page: bytes) -> str:
        """Writes for the operator what was found of a version. Out: where."""
        name = audit_name(audit.billing_date, audit.version)
        self._audit.put(name, json_text(audit))
        data_docs.put_page(self._audit, audit.billing_date, audit.version, page)
        return self._audit.location(name)

    @contextmanager
    def _bench(self) -> Iterator[tuple[Workbench, Path]]:
        with (
            tempfile.TemporaryDirectory(prefix="contact-billing-") as scratch,
            Workbench(self._agents, self._settings.rules, self._settings.release.not_billed) as bench,
        ):
            yield bench, Path(scratch)


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


def release_at(locations: StorageLocations, ledger: Ledger, settings: Settings, agents: AgentHistory) -> Release:
    """What releases the ledger's dates to these locations. SettingsError: a location or the contract cannot be used."""
    return Release(ledger, locations.release_store(), locations.audit_store(), settings, agents)


def check_published(released: list[Released]) -> None:
    """AuditFailed: a date was not published; says which rule, how many rows, where the audit is."""
    failed = [r for r in released if r.failures]
    if failed:
        told = "; ".join(map(_failed, failed))
        raise AuditFailed(f"{len(failed)} dates not published: {told}")


def _failed(released: Released) -> str:
    where = f" (see {released.audit})" if released.audit else ""
    return f"{released.billing_date}: {', '.join(released.failures)}{where}"
