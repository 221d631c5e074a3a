"""`contact-billing status`: show the status of ledger, release and audit."""

from pathlib import Path

import click

from jobs.cli.options import JSON, STORAGE_OPTIONS
from jobs.runtime.output import Emit


@click.command()
@STORAGE_OPTIONS
@JSON
def status(agents: str | None, out: Path | None, config: Path | None, emit: Emit) -> None:
    """Shows which dates are open, not released, behind or refused, and what is waiting."""
    from jobs.report.status import run_status

    run_status(out, config, agents, emit)
