"""A release against its ledger: what only the operator can verify.

In: the newest version of a date, the ledger, the agents' history, the audit. Out: what does not agree.
"""

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from jobs.contracts import contract_in
from jobs.digests import agents_digest
from jobs.draft import load
from jobs.settings import Settings
from jobs.workbench import Workbench
from schemas.manifest import Audit, Manifest
from sinks.ledger import Ledger
from sinks.release import ReleaseFolder
from sinks.store import Store
from transforms.control import imbalance
from transforms.extension import AgentHistory


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
        yield from self._lines(folder, manifest)
        yield from self._objects(manifest)

    def _lines(self, folder: ReleaseFolder, manifest: Manifest) -> Iterator[str]:
        name = folder.name(manifest.version, "billing.parquet")
        with (
            tempfile.TemporaryDirectory(prefix="contact-billing-") as scratch,
            Workbench(self._agents, self._settings.rules) as bench,
        ):
            load(self._ledger, manifest.billing_date, bench, Path(scratch))
            (lines,) = self._partner.local([name], Path(scratch) / "release")
            bench.compare(contract_in(manifest), lines, manifest.version + 1)
            amendments, control, digest = bench.amendments(), bench.control(), bench.ledger_digest()
        if (difference := imbalance(control)) is not None:
            yield f"the ledger: {difference}"
        if amendments:
            told = ", ".join(f"{count} {kind.lower()}" for kind, count in amendments.items())
            yield f"the ledger now gives other lines ({told}); release the date again, if that is right"
        unchanged = digest == (manifest.ledger_rows, manifest.ledger_digest)
        if unchanged and agents_digest(self._agents) == manifest.agents_digest:
            for key in ("billed", "held", "excluded", "call_seconds", "talk_seconds", "hold_seconds"):
                said, found = getattr(manifest.control, key), getattr(control, key)
                if said != found:
                    yield f"manifest.json: control.{key}: said {said}, the ledger gives {found}"

    def _objects(self, manifest: Manifest) -> Iterator[str]:
        """The objects of the ledger that the version was made from are still there, byte for byte."""
        if self._audit is None:
            return
        name = f"billing_date={manifest.billing_date}/v{manifest.version:04d}.json"
        try:
            audit = msgspec.json.decode(self._audit.get(name) or b"", type=Audit)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            yield f"{self._audit.location(name)} is missing, or not as it was written"
            return
        for item in audit.ledger:
            data = self._ledger.store.get(item.name)
            if data is None:
                yield f"{self._ledger.store.location(item.name)} is missing; restore it, or replay its archive"
            elif hashlib.sha256(data).hexdigest() != item.sha256:
                yield f"{self._ledger.store.location(item.name)} is not what the version was made from"
