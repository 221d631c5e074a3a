"""A backfill without its engine: an archive read into the ledger below a folder, and releases of it."""

import datetime as dt
from pathlib import Path

from jobs.ingest.archive.files import archive_files
from jobs.ingest.file_task import FileResult, FileTask
from jobs.releases import publisher
from jobs.releases.results import Released
from jobs.settings.date_range import DateRange
from jobs.settings.settings import Settings
from sinks.ledger import Ledger
from sinks.store import LocalStore, Store
from transforms.records.extension import AgentHistory, Assignment

NOON = dt.datetime(2026, 3, 9, 12, tzinfo=dt.UTC)
RULES = "rules 1"


def open_ledger(out: Path, settings: Settings | None = None) -> Ledger:
    """The ledger below an output folder."""
    ledger = Ledger(LocalStore(out / "ledger"), (settings or Settings()).billing.time_zone)
    ledger.open()
    return ledger


def history(*assignments: tuple[str, str]) -> AgentHistory:
    """An agent-extension table of agents who always have had their extension."""
    return AgentHistory([Assignment(agent_id, extension) for agent_id, extension in assignments])


def read_archive(
    archive: Path, out: Path, agents: AgentHistory | None = None, dates: DateRange | None = None
) -> list[FileResult]:
    """Every file of an archive into the ledger, one after another; what became of each."""
    task = FileTask(open_ledger(out), Settings().rules, agents or history(), RULES)
    return [task.run(file, lambda done: None) for file in archive_files(archive, dates or DateRange())]


def read_contents(out: Path, agents: AgentHistory | None = None, **files: bytes) -> list[FileResult]:
    """Files by name and content into the ledger."""
    archive = out.parent / f"{out.name}-archive-{len(list(out.parent.iterdir()))}"
    archive.mkdir(parents=True)
    for name, data in files.items():
        (archive / name).write_bytes(data)
    results = read_archive(archive, out, agents)
    assert [result.error or result.bug for result in results] == [None] * len(files)
    return results


class Publisher:
    """Releases of one output folder, as the command makes them; the partner's store can be another one."""

    def __init__(self, out: Path, agents: AgentHistory | None = None, partner: Store | None = None) -> None:
        store = partner or LocalStore(out / "release")
        audit = LocalStore(out / "audit")
        self._publisher = publisher.Publisher(
            open_ledger(out), store, audit, Settings(), agents or history(), patience_seconds=0
        )

    def publish(self, *dates: str, now: dt.datetime = NOON) -> list[Released]:
        """Releases dates one after another."""
        return [self._publisher.release_date(date, now) for date in dates]
