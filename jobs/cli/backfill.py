"""`contact-billing backfill`: read an archive into the ledger, and publish the files of every date in it."""

from typing import Any

import click

from jobs.cli.options import ARCHIVE_OPTIONS, backfill_request
from jobs.runtime.output import Emit


@click.command()
@ARCHIVE_OPTIONS
def backfill(emit: Emit, **options: Any) -> None:
    """Reads archived contact records and publishes the billing files of every date in them.

    --from and --to are billing dates: these and no others are published, with both the empty ones between included. Of
    files in YYYY/MM/DD folders, those are read that arrived from the first date to records.arrival_days days after the
    last; others are read whole.
    """
    from jobs.backfill import run_backfill

    run_backfill(backfill_request(**options), emit)
