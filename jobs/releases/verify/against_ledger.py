"""A release against its ledger: what only the operator can verify.

In: the newest version of a date, the ledger, the agents' history, the audit. Out: what does not agree.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from jobs.releases.contract import contract_in
from jobs.settings.digests import agents_digest
from jobs.settings.settings import Settings
from jobs.sql.date_tables import DateTables
from jobs.sql.ledger_rows import ledger_objects, read_date_parts
from schemas.manifest import Manifest
from sinks.audits import read_audit
from sinks.erasures import today
from sinks.ledger import Ledger
from sinks.paths import audit_name
from sinks.release import ReleaseFolder, digest
from sinks.store import Store
from transforms.lines.control_totals import imbalance
from transforms.records.extension import AgentHistory


class AgainstLedger:
    """Verifies newest versions against the ledger that they were made from."""

    def __init__(
        self, ledger: Ledger, partner: Store, audit: Store | None, settings: Settings, agents: AgentHistory
    ) -> None:
        self._ledger = ledger
        self._partner = partner
        self._audit = audit
        self._settings = settings
        self._agents = agents

    def findings(self, date: str) -> Iterator[str]:
        """What the ledger and the audit say against the newest version."""
        folder = ReleaseFolder(self._partner, date)
        if not (version := folder.version()):
            return
        manifest = folder.manifest(version)
        rules, not_billed = self._settings.rules, self._settings.release.not_billed
        with tempfile.TemporaryDirectory(prefix="contact-billing-") as scratch:
            rows = read_date_parts(self._ledger, date, self._ledger.recycled.names(), Path(scratch))
            with DateTables(rows, self._agents, rules, not_billed) as tables:
                yield from self._lines(folder, manifest, tables, Path(scratch))
            yield from self._objects(manifest, {item.name: item.sha256 for item in ledger_objects(rows)})

    def _lines(self, folder: ReleaseFolder, manifest: Manifest, tables: DateTables, scratch: Path) -> Iterator[str]:
        name = folder.name(manifest.version, "billing.parquet")
        (lines,) = self._partner.local([name], scratch / "release")
        amendments = tables.compared(contract_in(manifest), lines, manifest.version + 1).amendments()
        control = tables.control()
        if (difference := imbalance(control)) is not None:
            yield f"the ledger: {difference}"
        if amendments:
            told = ", ".join(f"{count} {kind.lower()}" for kind, count in amendments.items())
            yield f"the ledger now gives other lines ({told}); release the date again, if that is right"
        unchanged = tables.ledger_digest() == (manifest.ledger_rows, manifest.ledger_digest)
        if unchanged and agents_digest(self._agents) == manifest.agents_digest:
            for key in ("billed", "held", "excluded", "call_seconds", "talk_seconds", "hold_seconds"):
                said, found = getattr(manifest.control, key), getattr(control, key)
                if said != found:
                    yield f"manifest.json: control.{key}: said {said}, the ledger gives {found}"

    def _objects(self, manifest: Manifest, read: dict[str, str]) -> Iterator[str]:
        """The objects of the ledger that the version was made from are still there, byte for byte.

        `read` has the digests, by name, of those that a release would read today.
        """
        if self._audit is None:
            return
        if (audit := read_audit(self._audit, manifest.billing_date, manifest.version)) is None:
            name = audit_name(manifest.billing_date, manifest.version)
            yield f"{self._audit.location(name)} is missing, or not as it was written"
            return
        became = self._ledger.erasures.load()
        for item in audit.ledger:
            name, sha256 = today(item.name, item.sha256, became)
            if (found := read.get(name)) is None and (data := self._ledger.store.get(name)) is not None:
                found = digest(data)
            if found is None:
                yield f"{self._ledger.store.location(name)} is missing; restore it, or replay its archive"
            elif found not in (sha256, item.sha256):
                yield f"{self._ledger.store.location(name)} is not what the version was made from"
        folder = ReleaseFolder(self._partner, manifest.billing_date)
        erased = [version for version in range(1, manifest.version) if folder.erased(version)]
        if erased and not became:
            yield f"v{erased[0]:04d}: is said to be erased, and the ledger knows of no erasure"
