"""`contact-billing held list`: list the calls that wait for their extension."""

from pathlib import Path

import click

from jobs.cli.options import AGENTS, JSON, LEDGER_OPTIONS
from jobs.runtime.output import Emit


@click.group()
def held() -> None:
    """Lists calls that wait for their extension."""


@held.command("list")
@LEDGER_OPTIONS
@click.option("--agents", help=AGENTS)
@JSON
def list_held(dates: tuple[str, ...], out: Path | None, config: Path | None, agents: str | None, emit: Emit) -> None:
    """Lists the calls that today's agents' history leaves held, with counts by agent."""
    from jobs.suspense.held import run_held

    run_held(agents, out, config, dates, emit)
