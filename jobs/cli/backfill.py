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

    Dates select by the archive's YYYY/MM/DD paths, or without them by billing date.
    """
    from jobs.backfill import run_backfill
    from jobs.ingest.archive.exclusions import Exclusions
    from jobs.settings.date_range import DateRange

    dates = DateRange(first, last)
    run_backfill(archive, agents, out, config, dates, Exclusions(exclude), accept_unreadable, emit)
