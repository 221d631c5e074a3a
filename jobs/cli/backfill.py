"""`contact-billing backfill`: read an archive into the ledger, and publish the files of every date in it."""

import datetime
from pathlib import Path

import click

from jobs.cli.options import ARCHIVE_OPTIONS
from jobs.runtime.output import Emit


@click.command()
@ARCHIVE_OPTIONS
def backfill(
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
    """Reads archived contact records and publishes the billing files of every date in them.

    --from and --to are billing dates: these and no others are published, with both the empty ones between included. Of
    files in YYYY/MM/DD folders, those are read that arrived from the first date to records.arrival_days days after the
    last; others are read whole.
    """
    from jobs.backfill import run_backfill
    from jobs.ingest.archive.exclusions import Exclusions
    from jobs.settings.date_range import DateRange

    dates = DateRange(first, last)
    run_backfill(archive, agents, out, config, dates, Exclusions(exclude), accept_unreadable, emit)
