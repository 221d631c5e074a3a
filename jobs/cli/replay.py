"""`contact-billing replay`: read an archive into the ledger."""

import datetime
from pathlib import Path

import click

from jobs.cli.options import ARCHIVE_OPTIONS
from jobs.runtime.output import Emit


@click.command()
@ARCHIVE_OPTIONS
def replay(
    archive: Path,
    agents: str | None,
    out: Path | None,
    config: Path | None,
    first: datetime.date | None,
    last: datetime.date | None,
    exclude: tuple[str, ...],
    accept_unreadable: bool,
    emit: Emit,
) -> None:
    """Reads archived contact records into the ledger, and publishes nothing.

    --from and --to select files as for backfill.
    """
    from jobs.backfill import run_replay
    from jobs.ingest.archive.exclusions import Exclusions
    from jobs.settings.date_range import DateRange

    dates = DateRange(first, last)
    run_replay(archive, agents, out, config, dates, Exclusions(exclude), accept_unreadable, emit)
