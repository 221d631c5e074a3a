"""Release: a date's ledger rows in; the latest version of every contact, checked and published, out.

A pure function of the ledger, the agents' history and the settings: run twice, it writes nothing.
"""

import datetime
import hashlib
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from jobs.audit import Gate, failures
from jobs.settings import Settings
from jobs.workbench import Workbench
from schemas.billing import BILLING_COLUMNS, CONTRACT
from schemas.data_rules import data_rules
from schemas.errors import AuditFailed
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
from sinks.release import ReleaseFolder
from sinks.store import Store
from transforms.control import imbalance
from transforms.extension import AgentHistory


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
    """Releases dates of one ledger."""

    def __init__(self, ledger: Ledger, partner: Store, audit: Store, settings: Settings, agents: AgentHistory) -> None:
        self._ledger = ledger
        self._partner = partner
        self._audit = audit
        self._settings = settings
        self._agents = agents
        self._gate = Gate()

    def unknown(self, date: str) -> Control:
        """The control totals of rows without a date; for the operator, never published."""
        with Workbench(self._agents, self._settings.rules) as bench:
            bench.load(date, self._ledger.parts(date))
            control = bench.control()
        self._audit.put(f"billing_date={date}/control.json", json_text(control))
        return control

    def release(self, date: str, now: datetime.datetime) -> Released:
        """Publishes a date, if something of its lines is new. Failures are in the result."""
        folder = ReleaseFolder(self._partner, date)
        before = folder.version()
        with Workbench(self._agents, self._settings.rules) as bench:
            bench.load(date, self._ledger.parts(date))
            bench.compare(folder.location(before, "billing.parquet") if before else None, before + 1)
            control = bench.control()
            if before and not bench.differences():
                folder.announce(before, _text(now))
                return Released(date, control, before, False, folder.location(before))
            expectations = self._gate.check(bench.frame(), data_rules(date, control.billed))
            broken = self._broken(date, bench, control, expectations)
            audit = f"billing_date={date}/v{before + 1:04d}.json"
            self._audit.put(audit, json_text(Audit(date, before + 1, tuple(broken), control, expectations)))
            where = self._audit.location(audit)
            if broken:
                return Released(date, control, before, False, "", tuple(broken), where)
            with tempfile.TemporaryDirectory(prefix="contact-billing-") as scratch:
                files = bench.files(Path(scratch))
            manifest = self._manifest(date, before + 1, bench, control, expectations, files)
        folder.publish(files, manifest)
        folder.announce(manifest.version, _text(now))
        return Released(date, control, manifest.version, True, folder.location(manifest.version), (), where)

    def _broken(
        self, date: str, bench: Workbench, control: Control, expectations: tuple[Expectation, ...]
    ) -> list[str]:
        broken = failures(expectations)
        if (difference := imbalance(control)) is not None:
            broken.append(difference)
        neighbours = [p for d in _neighbours(date) for p in self._ledger.parts(d)]
        if twice := bench.also_in(neighbours):
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


def settings_digest(settings: Settings) -> str:
    """Names the settings that decide what is billed."""
    return _digest(settings.rules)


def agents_digest(agents: AgentHistory) -> str:
    """Names the content of the agents' history."""
    return _digest(sorted(msgspec.structs.astuple(a) for a in agents.assignments))


def software_version() -> str:
    """The version of the installed package."""
    from importlib.metadata import version

    return version("contact-billing")


def _digest(value: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(value)).hexdigest()


def _neighbours(date: str) -> list[str]:
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
