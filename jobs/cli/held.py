"""`contact-billing held list`: calls that wait for their extension."""

from pathlib import Path

import click

from jobs.cli.options import AGENTS, JSON, LEDGER_OPTIONS
from jobs.runtime.output import Emit


@click.group()
def held() -> None:
    """Looks at calls that wait for their extension."""


@held.command("list")
@LEDGER_OPTIONS
@click.option("--agents", help=AGENTS)
@JSON
def list_held(dates: tuple[str, ...], out: Path | None, config: Path | None, agents: str | None, say: Emit) -> None:
    """Lists what is held with today's agents' history, and how much of it by agent."""
    from jobs.suspense.held import run_held

    run_held(agents, out, config, dates, say)
