"""Publish: a date's ledger rows in; the latest version of every contact, checked and published, out.

A pure function of the ledger, the agents' history and the settings: run twice, it writes nothing.
"""

import datetime
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from jobs.audit import Gate, failures
from jobs.digests import agents_digest, settings_digest, software_version
from jobs.settings import Settings
from jobs.workbench import Workbench
from schemas.billing import BILLING_COLUMNS, CONTRACT
from schemas.data_rules import data_rules
from schemas.errors import AuditFailed, StorageError
from schemas.manifest import (
    Audit,
    ContractColumn,
    Control,
    Expectation,
    Manifest,
    ReleasedFile,
    json_text,
)
from sinks.ledger import Ledger
from sinks.release import PATIENCE_SECONDS, ReleaseFolder
from sinks.store import Store
from transforms.control import imbalance
from transforms.extension import AgentHistory

# A release that keeps coming second to others gives up.
_TRIES = 5


class Released(msgspec.Struct, frozen=True):
    """What became of a date: its control totals, its version, and whether that is new."""

    billing_date: str
    control: Control
    version: int
    new: bool
    location: str
    failures: tuple[str, ...] = ()
    audit: str = ""


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
        self._ledger = ledger
        self._partner = partner
        self._audit = audit
        self._settings = settings
        self._agents = agents
        self._patience = patience_seconds
        self._gate = Gate()

    def unknown(self, date: str) -> Control:
        """The control totals of rows without a date; for the operator, never published."""
        with self._bench() as (bench, scratch):
            bench.load(date, self._parts([date], scratch))
            control = bench.control()
        self._audit.put(f"billing_date={date}/control.json", json_text(control))
        return control

    def release(self, date: str, now: datetime.datetime) -> Released:
        """Publishes a date, if something of its lines is new. Failures are in the result."""
        for _ in range(_TRIES):
            with self._bench() as (bench, scratch):
                if (released := self._release(date, now, bench, scratch)) is not None:
                    return released
        raise StorageError(f"other releases keep publishing {date}; stop all but one, then run again")

    def _release(self, date: str, now: datetime.datetime, bench: Workbench, scratch: Path) -> Released | None:
        """None: another release has made the version; what is new is to be told against that one."""
        folder = ReleaseFolder(self._partner, date, self._patience)
        before = folder.version()
        bench.load(date, self._parts([date], scratch))
        bench.compare(self._lines_of(folder, before, scratch), before + 1)
        control = bench.control()
        if before and not bench.differences():
            folder.announce(before, _text(now))
            return Released(date, control, before, False, folder.location(before))
        expectations = self._gate.check(bench.frame(), data_rules(date, control.billed))
        broken = self._broken(date, bench, scratch, control, expectations)
        if folder.version() != before:
            return None
        audit = f"billing_date={date}/v{before + 1:04d}.json"
        said = json_text(Audit(date, before + 1, tuple(broken), control, expectations))
        self._audit.put(audit, said)
        where = self._audit.location(audit)
        if broken:
            return Released(date, control, before, False, "", tuple(broken), where)
        files = bench.files(scratch)
        manifest = self._manifest(date, before + 1, bench, control, expectations, files)
        if not folder.publish(files, manifest):
            return None
        # A release that came second may have written its audit over this one.
        self._audit.put(audit, said)
        folder.announce(manifest.version, _text(now))
        return Released(date, control, manifest.version, True, folder.location(manifest.version), (), where)

    @contextmanager
    def _bench(self) -> Iterator[tuple[Workbench, Path]]:
        with (
            tempfile.TemporaryDirectory(prefix="contact-billing-") as scratch,
            Workbench(self._agents, self._settings.rules) as bench,
        ):
            yield bench, Path(scratch)

    def _parts(self, dates: list[str], scratch: Path) -> list[str]:
        names = [name for date in dates for name in self._ledger.names(date)]
        return self._ledger.store.local(names, scratch / "ledger")

    def _lines_of(self, folder: ReleaseFolder, version: int, scratch: Path) -> str | None:
        if version == 0:
            return None
        (path,) = self._partner.local([folder.name(version, "billing.parquet")], scratch / "before")
        return path

    def _broken(
        self, date: str, bench: Workbench, scratch: Path, control: Control, expectations: tuple[Expectation, ...]
    ) -> list[str]:
        broken = failures(expectations)
        if (difference := imbalance(control)) is not None:
            broken.append(difference)
        if twice := bench.also_in(self._parts(neighbours(date), scratch)):
            broken.append(f"contact_under_two_dates: {twice} contacts")
        return broken

    def _manifest(
        self,
        date: str,
        version: int,
        bench: Workbench,
        control: Control,
        expectations: tuple[Expectation, ...],
        files: dict[str, bytes],
    ) -> Manifest:
        earliest, latest = bench.span()
        ledger_rows, ledger_digest = bench.ledger_digest()
        return Manifest(
            contract=CONTRACT,
            billing_date=date,
            version=version,
            time_zone=self._settings.billing.time_zone,
            files=tuple(
                ReleasedFile(name, len(data), control.billed, hashlib.sha256(data).hexdigest())
                for name, data in sorted(files.items())
            ),
            control=control,
            warnings=bench.warnings(),
            earliest_initiated_at=earliest,
            latest_initiated_at=latest,
            expectations=expectations,
            columns=tuple(ContractColumn(c.name, c.kind.value, c.nullable, c.unit, c.doc) for c in BILLING_COLUMNS),
            ledger_rows=ledger_rows,
            ledger_digest=ledger_digest,
            agents_digest=agents_digest(self._agents),
            settings_digest=settings_digest(self._settings),
            software_version=software_version(),
        )


def check_published(released: list[Released]) -> None:
    """AuditFailed: a date was not published; says which rule, how many rows, where the audit is."""
    failed = [r for r in released if r.failures]
    if failed:
        told = "; ".join(f"{r.billing_date}: {', '.join(r.failures)} (see {r.audit})" for r in failed)
        raise AuditFailed(f"{len(failed)} dates not published: {told}")


def neighbours(date: str) -> list[str]:
    """The dates before and after a date, under which a contact must not show up, too."""
    day = datetime.date.fromisoformat(date)
    near = []
    for step in (-1, 1):
        try:
            near.append((day + datetime.timedelta(days=step)).isoformat())
        except OverflowError:
            continue
    return near


def _text(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
