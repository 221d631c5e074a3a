"""Verify a date's newest version against the ledger that it was made from, which only the operator can."""

from collections.abc import Iterator
from pathlib import Path

from jobs.releases.contract import contract_in
from jobs.settings.digests import agents_digest
from jobs.settings.settings import Settings
from jobs.sql.date_tables import DateTables, open_date_tables
from jobs.sql.ledger_rows import ledger_objects
from schemas.manifest import Control, LedgerObject, Manifest
from sinks.audits import read_audit
from sinks.erasures import current_object
from sinks.ledger import Ledger
from sinks.paths import audit_name
from sinks.release import ReleaseFolder, digest
from sinks.store import Store
from transforms.lines.control_totals import imbalance
from transforms.records.extension import AgentHistory

_Erasures = dict[tuple[str, str], tuple[str, str]]


class LedgerVerifier:
    """Verifies newest versions against one ledger, the agents' history and, if any, the audit. Read-only."""

    def __init__(
        self, ledger: Ledger, partner: Store, audits: Store | None, settings: Settings, agents: AgentHistory
    ) -> None:
        self._ledger = ledger
        self._partner = partner
        self._audits = audits
        self._settings = settings
        self._agents = agents

    def findings(self, date: str) -> Iterator[str]:
        """Report where the newest version disagrees with the ledger; nothing if there is no version."""
        folder = ReleaseFolder(self._partner, date)
        if not (version := folder.version()):
            return
        manifest = folder.manifest(version)
        recycled, rules = self._ledger.recycled.names(), self._settings.rules
        not_billed = self._settings.release.not_billed
        with open_date_tables(self._ledger, date, recycled, self._agents, rules, not_billed) as (rows, tables, scratch):
            control = tables.control()
            if (difference := imbalance(control)) is not None:
                yield f"the ledger: {difference}"
            yield from self._line_findings(folder, manifest, tables, scratch)
            yield from self._total_findings(manifest, tables, control)
            if self._audits is not None:
                digests = {item.name: item.sha256 for item in ledger_objects(rows)}
                yield from self._object_findings(folder, manifest, self._audits, digests)

    def _line_findings(
        self, folder: ReleaseFolder, manifest: Manifest, tables: DateTables, scratch: Path
    ) -> Iterator[str]:
        """Check that the ledger still gives the same lines."""
        name = folder.name(manifest.version, "billing.parquet")
        (lines,) = self._partner.local([name], scratch / "release")
        amendments = tables.compare(contract_in(manifest), lines, manifest.version + 1).amendments()
        if amendments:
            counts = ", ".join(f"{count} {kind.lower()}" for kind, count in amendments.items())
            yield f"the ledger now gives other lines ({counts}); release the date again, if that is right"

    def _total_findings(self, manifest: Manifest, tables: DateTables, control: Control) -> Iterator[str]:
        """Check the control totals, if neither ledger nor agents have changed since."""
        if tables.ledger_digest() != (manifest.ledger_rows, manifest.ledger_digest):
            return
        if agents_digest(self._agents) != manifest.agents_digest:
            return
        for key in ("billed", "held", "excluded", "call_seconds", "talk_seconds", "hold_seconds"):
            claimed, actual = getattr(manifest.control, key), getattr(control, key)
            if claimed != actual:
                yield f"manifest.json: control.{key}: said {claimed}, the ledger gives {actual}"

    def _object_findings(
        self, folder: ReleaseFolder, manifest: Manifest, audits: Store, digests: dict[str, str]
    ) -> Iterator[str]:
        """Check that the ledger still has the objects that the version was made from, byte for byte.

        `digests` are those, by name, of the objects that a release would read today.
        """
        if (audit := read_audit(audits, manifest.billing_date, manifest.version)) is None:
            name = audit_name(manifest.billing_date, manifest.version)
            yield f"{audits.location(name)} is missing, or not as it was written"
            return
        erasures = self._ledger.erasures.load()
        for item in audit.ledger:
            yield from self._check_object(item, digests, erasures)
        erased = [version for version in range(1, manifest.version) if folder.erased(version)]
        if erased and not erasures:
            yield f"v{erased[0]:04d}: is said to be erased, and the ledger knows of no erasure"

    def _check_object(self, item: LedgerObject, digests: dict[str, str], erasures: _Erasures) -> Iterator[str]:
        name, sha256 = current_object(item.name, item.sha256, erasures)
        if (actual := digests.get(name)) is None and (data := self._ledger.store.get(name)) is not None:
            actual = digest(data)
        if actual is None:
            yield f"{self._ledger.store.location(name)} is missing; restore it, or replay its archive"
        elif actual not in (sha256, item.sha256):
            yield f"{self._ledger.store.location(name)} is not what the version was made from"
