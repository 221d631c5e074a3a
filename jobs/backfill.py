"""The backfill pipeline on one screen: replay archived contact records, then release their billing files."""

import os
from pathlib import Path

import msgspec

from jobs.agents.table import load_agents
from jobs.ingest.archive.exclusions import Exclusions
from jobs.ingest.archive.files import ArchiveFile, archive_files, count_excluded
from jobs.ingest.file_task import FileTask
from jobs.ingest.replay import ReplaySummary, replay
from jobs.releases.backfill_results import BackfillResult, ReplayResult, check_readable
from jobs.releases.gate import warm
from jobs.releases.publisher import publisher_at, release_dates
from jobs.releases.results import check_published
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


class BackfillRequest(msgspec.Struct, frozen=True):
    """What a user asks to be read: an archive, the agents' table, where to write, and which dates and files."""

    archive: Path
    agents: str | None
    out: Path | None
    config: Path | None
    dates: DateRange
    exclude: Exclusions
    accept_unreadable: bool


def run_backfill(request: BackfillRequest, emit: Emit) -> None:
    """Run a backfill. Raises AuditFailed if a date was not published; the others were.

    Raises InputError if a file is unreadable, unless that is accepted; then no date was published.
    """
    settings = _settings(request.config)
    with run_log("backfill", settings):
        inputs = read_inputs(request, settings)
        ledger = inputs.locations.open_ledger(settings)
        preload(warm)
        replayed = read_files(inputs, ledger, request.dates)
        is_published = request.accept_unreadable or not replayed.unreadable
        publisher = publisher_at(inputs.locations, ledger, settings, inputs.agents)
        released = release_dates(publisher, closed_dates(replayed, request.dates)) if is_published else []
        has_unknown = is_published and replayed.rows.get(UNKNOWN_DATE)
        unknown = publisher.write_unknown(UNKNOWN_DATE) if has_unknown else None
        emit(
            BackfillResult(
                replayed.files,
                replayed.damaged,
                tuple(released),
                unknown,
                None if request.out is None else str(request.out),
                inputs.locations.uri("ledger"),
                inputs.locations.uri("release"),
                inputs.locations.uri("audit"),
                replayed.unreadable,
                inputs.left_out,
                is_published,
                replayed.other_rows,
            )
        )
        check_published(released)
        if not request.accept_unreadable:
            check_readable(replayed.unreadable)


def run_replay(request: BackfillRequest, emit: Emit) -> None:
    """Run the first half of a backfill: write the ledger, publish nothing.

    Raises InputError if a file is unreadable, unless that is accepted; all others were read.
    """
    settings = _settings(request.config)
    with run_log("replay", settings):
        inputs = read_inputs(request, settings, release=False)
        replayed = read_files(inputs, inputs.locations.open_ledger(settings), request.dates)
        ledger = inputs.locations.uri("ledger")
        emit(
            ReplayResult(
                replayed.files,
                replayed.damaged,
                replayed.rows,
                ledger,
                replayed.unreadable,
                inputs.left_out,
                replayed.other_rows,
            )
        )
        if not request.accept_unreadable:
            check_readable(replayed.unreadable)


def _settings(config: Path | None) -> Settings:
    ensure_java()
    return load_settings(config)


class Inputs(msgspec.Struct, frozen=True):
    """Everything that a backfill reads."""

    settings: Settings
    locations: StorageLocations
    agents: AgentHistory
    files: list[ArchiveFile]
    left_out: int


def read_inputs(request: BackfillRequest, settings: Settings, release: bool = True) -> Inputs:
    """Check what the user names, before anything is written. Raises SettingsError or InputError."""
    locations = resolve_locations(settings.storage, request.out)
    locations.check(release)
    request.dates.check()
    request.dates.check_length()
    _check_outside(request.archive, request.out, locations.folders())
    history = load_agents(agents_uri(request.agents, settings.storage), settings.storage.s3)
    arrivals = request.dates.arrivals(settings.billing.time_zone, settings.records.arrival_days)
    left_out = count_excluded(request.archive, arrivals, request.exclude)
    files = archive_files(request.archive, arrivals, request.exclude)
    return Inputs(settings, locations, history, files, left_out)


def _check_outside(archive: Path, out: Path | None, folders: list[Path]) -> None:
    """Raise SettingsError if what is written lies in the archive, by whatever links."""
    root = Path(os.path.realpath(archive))
    for folder in [out, *folders] if out else folders:
        if root.is_dir() and Path(os.path.realpath(folder)).is_relative_to(root):
            option = f"--out {folder}" if folder == out else str(folder)
            raise SettingsError(f"{option} lies in the archive and would be read next time; name another folder")


def read_files(inputs: Inputs, ledger: Ledger, dates: DateRange) -> ReplaySummary:
    """Replay with a progress bar. The engine's logs remain if it fails."""
    settings, files = inputs.settings, inputs.files
    version = f"{rules_digest(settings)}/{software_version()}"
    task = FileTask(ledger, settings.rules, inputs.agents, version)
    size = sum(f.size for f in files)
    workers = min(settings.replay.workers or os.cpu_count() or 1, len(files))
    with scratch_folder() as scratch, progress_bar("read", "B", size) as bar:
        replayed = replay(
            files,
            task,
            dates,
            workers,
            settings.replay.attempts,
            scratch,
            lambda done: bar.update(min(done, size) - bar.n),
        )
        bar.update(size - bar.n)
    return replayed


def closed_dates(replayed: ReplaySummary, dates: DateRange) -> list[str]:
    """Return every selected date that has a row in the replay, and if both limits are set all dates between them."""
    return sorted({*replayed.dates, *dates.dates()})
