"""Backfill: archived contact records in, audited billing files out: replay, then release.

The pipeline on one screen; every step is a module of its own.
"""

import datetime
import os
from pathlib import Path

import msgspec

from jobs.agents.table import load_agents
from jobs.ingest.archive.files import ArchiveFile, archive_files
from jobs.ingest.file_task import FileTask
from jobs.ingest.replay import Replayed, replay
from jobs.releases.gate import warm
from jobs.releases.publisher import publisher_at, release_dates
from jobs.releases.results import BackfillResult, ReplayResult, check_published
from jobs.runtime.flink import ensure_java
from jobs.runtime.logs import run_log
from jobs.runtime.output import Emit
from jobs.runtime.preload import preload
from jobs.runtime.progress import progress_bar
from jobs.runtime.scratch import scratch_folder
from jobs.settings.date_range import DateRange
from jobs.settings.digests import rules_digest, software_version
from jobs.settings.locations import StorageLocations, agents_uri, resolve_locations
from jobs.settings.settings import Settings, load_settings
from schemas.errors import SettingsError
from schemas.outcome import UNKNOWN_DATE
from sinks.ledger import Ledger
from transforms.records.extension import AgentHistory


def run_backfill(
    archive: Path, agents: str | None, out: Path | None, config: Path | None, dates: DateRange, emit: Emit
) -> None:
    """Everything a backfill does. AuditFailed: a date was not published; the others were."""
    settings = _settings(config)
    with run_log("backfill", settings):
        inputs = read_inputs(archive, agents, out, settings, dates)
        ledger = inputs.locations.open_ledger(settings)
        preload(warm)
        replayed = read_files(inputs, ledger, dates)
        closed = closed_dates(replayed, dates)
        publisher = publisher_at(inputs.locations, ledger, settings, inputs.agents)
        released = release_dates(publisher, closed)
        unknown = publisher.write_unknown(UNKNOWN_DATE) if replayed.rows.get(UNKNOWN_DATE) else None
        emit(
            BackfillResult(
                replayed.files,
                replayed.damaged,
                tuple(released),
                unknown,
                None if out is None else str(out),
                inputs.locations.uri("ledger"),
                inputs.locations.uri("release"),
                inputs.locations.uri("audit"),
            )
        )
        check_published(released)


def run_replay(
    archive: Path, agents: str | None, out: Path | None, config: Path | None, dates: DateRange, emit: Emit
) -> None:
    """The first half of a backfill: the ledger is written, nothing is published."""
    settings = _settings(config)
    with run_log("replay", settings):
        inputs = read_inputs(archive, agents, out, settings, dates, release=False)
        replayed = read_files(inputs, inputs.locations.open_ledger(settings), dates)
        emit(ReplayResult(replayed.files, replayed.damaged, replayed.rows, inputs.locations.uri("ledger")))


def _settings(config: Path | None) -> Settings:
    ensure_java()
    return load_settings(config)


class Inputs(msgspec.Struct, frozen=True):
    """Everything that a user gives."""

    settings: Settings
    locations: StorageLocations
    agents: AgentHistory
    files: list[ArchiveFile]


def read_inputs(
    archive: Path, agents: str | None, out: Path | None, settings: Settings, dates: DateRange, release: bool = True
) -> Inputs:
    """What a user gives, checked before anything is written."""
    locations = resolve_locations(settings.storage, out)
    locations.check(release)
    dates.check()
    if archive.is_dir():
        for folder in (out,) if out else locations.folders():
            if folder.resolve().is_relative_to(archive.resolve()):
                named = f"--out {out}" if out else str(folder)
                raise SettingsError(f"{named} lies in the archive and would be read next time; name another folder")
    history = load_agents(agents_uri(agents, settings.storage), settings.storage.s3)
    return Inputs(settings, locations, history, archive_files(archive, dates))


def read_files(inputs: Inputs, ledger: Ledger, dates: DateRange) -> Replayed:
    """Replay with a progress bar. The engine's logs are kept when it fails."""
    settings, files = inputs.settings, inputs.files
    version = f"{rules_digest(settings)}/{software_version()}"
    task = FileTask(ledger, settings.rules, inputs.agents, version)
    size = sum(f.size for f in files)
    workers = min(settings.replay.workers or os.cpu_count() or 1, len(files))
    with scratch_folder() as scratch, progress_bar("read", "B", size) as shown:
        replayed = replay(
            files,
            task,
            dates,
            workers,
            settings.replay.attempts,
            scratch,
            lambda done: shown.update(min(done, size) - shown.n),
        )
        shown.update(size - shown.n)
    return replayed


def closed_dates(replayed: Replayed, dates: DateRange) -> list[str]:
    """Every date that has a row in what was read, and with both limits the empty ones between."""
    closed = set(replayed.dates)
    if dates.first is not None and dates.last is not None:
        days = (dates.last - dates.first).days + 1
        closed |= {(dates.first + datetime.timedelta(days=n)).isoformat() for n in range(days)}
    return sorted(closed)
