"""A backfill without its engine: an archive read into the ledger below a folder, and releases of it."""

import datetime as dt
from pathlib import Path

from jobs.ingest.file_task import FileResult
from jobs.releases import publisher
from jobs.releases.results import Released
from jobs.settings.date_range import DateRange
from jobs.settings.settings import Settings
from sinks.ledger import Ledger
from sinks.store import LocalStore, Store
from tests.support.ledgers import NO_AGENTS, read_archive
from transforms.records.extension import AgentHistory

NOON = dt.datetime(2026, 3, 9, 12, tzinfo=dt.UTC)
RULES = "rules 1"


def open_ledger(out: Path, settings: Settings | None = None) -> Ledger:
    """The ledger below an output folder."""
    ledger = Ledger(LocalStore(out / "ledger"), (settings or Settings()).billing.time_zone)
    ledger.open()
    return ledger


def read_into_ledger(
    archive: Path, out: Path, agents: AgentHistory = NO_AGENTS, dates: DateRange | None = None
) -> list[FileResult]:
    """Read an archive into the ledger below an output folder; what became of each file."""
    return read_archive(archive, open_ledger(out), agents, Settings().rules, RULES, dates)


def read_contents(out: Path, agents: AgentHistory = NO_AGENTS, **files: bytes) -> list[FileResult]:
    """Files by name and content into the ledger."""
    archive = out.parent / f"{out.name}-archive-{len(list(out.parent.iterdir()))}"
    archive.mkdir(parents=True)
    for name, data in files.items():
        (archive / name).write_bytes(data)
    results = read_into_ledger(archive, out, agents)
    assert [result.error or result.bug for result in results] == [None] * len(files)
    return results


class Publisher:
    """Releases of one output folder, as the command makes them; the partner's store can be another one."""

    def __init__(self, out: Path, agents: AgentHistory = NO_AGENTS, partner: Store | None = None) -> None:
        store = partner or LocalStore(out / "release")
        audit = LocalStore(out / "audit")
        self._publisher = publisher.Publisher(open_ledger(out), store, audit, Settings(), agents, patience_seconds=0)

    def publish(self, *dates: str, now: dt.datetime = NOON) -> list[Released]:
        """Releases dates one after another."""
        return [self._publisher.release_date(date, now) for date in dates]
