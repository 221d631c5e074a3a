"""A ledger to deliver records to and release dates of, without Flink."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

from jobs.releases.candidate import Overrides
from jobs.releases.publisher import Publisher
from jobs.releases.results import Released
from jobs.settings.settings import Settings
from sinks.ledger import Ledger
from sinks.store import LocalStore
from tests.support.ledgers import NO_AGENTS, history, new_ledger, write_payloads
from tests.support.records import DATE, payload
from transforms.records.extension import AgentHistory

NOW = datetime(2026, 4, 1, tzinfo=UTC)
LATER = datetime(2026, 4, 2, tzinfo=UTC)
AGENTS = history([{"agent_id": "nurse-1", "extension": "0100", "valid_from": "", "valid_to": ""}])
SETTINGS = Settings()


class Desk:
    """A ledger and the releases of it, below a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.ledger: Ledger = new_ledger(root / "ledger")
        self.partner = LocalStore(root / "release")
        self.inputs = 0

    def deliver(self, *differences: str) -> None:
        self.inputs += 1
        write_payloads(self.ledger, map(payload, differences), input_name=f"{self.inputs:x}-0")

    def release(
        self,
        agents: AgentHistory = NO_AGENTS,
        now: datetime = NOW,
        date: str = DATE,
        settings: Settings = SETTINGS,
        change_contract: bool = False,
        accept_loss: bool = False,
    ) -> Released:
        return self._publisher(settings, agents).release_date(date, now, Overrides(change_contract, accept_loss))

    def preview(self, settings: Settings = SETTINGS, change_contract: bool = False) -> Released:
        return self._publisher(settings, NO_AGENTS).preview_date(DATE, Overrides(change_contract))

    def _publisher(self, settings: Settings, agents: AgentHistory) -> Publisher:
        return Publisher(self.ledger, self.partner, LocalStore(self.root / "audit"), settings, agents)

    def files(self, folder: str = "release") -> dict[str, bytes]:
        root = self.root / folder
        return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}

    def lines(self, version: int = 1, name: str = "billing.csv") -> list[dict[str, str]]:
        data = self.files()[f"billing_date={DATE}/v{version:04d}/{name}"]
        return list(csv.DictReader(io.StringIO(data.decode(), newline="")))

    def amendments(self, version: int) -> list[dict[str, str]]:
        return self.lines(version, "amendments.csv")

    def manifest(self, version: int = 1) -> dict[str, object]:
        return json.loads(self.files()[f"billing_date={DATE}/v{version:04d}/manifest.json"])
