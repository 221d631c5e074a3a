"""`contact-billing status`: how ledger, release and audit stand."""

from pathlib import Path

import click

from jobs.cli.options import JSON, STORAGE_OPTIONS
from jobs.runtime.output import Emit


@click.command()
@STORAGE_OPTIONS
@JSON
def status(agents: str | None, out: Path | None, config: Path | None, say: Emit) -> None:
    """Tells which dates are open, not released, behind or refused, and what is waiting."""
    from jobs.report.status import run_status

    run_status(out, config, agents, say)
