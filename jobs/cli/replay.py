"""`contact-billing replay`: read an archive into the ledger."""

from typing import Any

import click

from jobs.cli.options import ARCHIVE_OPTIONS, backfill_request
from jobs.runtime.output import Emit


@click.command()
@ARCHIVE_OPTIONS
def replay(emit: Emit, **options: Any) -> None:
    """Reads archived contact records into the ledger, and publishes nothing.

    --from and --to select files as for backfill.
    """
    from jobs.backfill import run_replay

    run_replay(backfill_request(**options), emit)
