"""`contact-billing agents sync | check`: maintain and check the agents' history."""

from pathlib import Path

import click

from jobs.cli.options import CONFIG, JSON, PATH
from jobs.runtime.output import Emit

_AGENTS = "The agents' history, a path or s3:// URI; else storage.agents of the settings."


@click.group()
def agents() -> None:
    """Keeps the agent-extension table up to date, and checks it."""


@agents.command()
@click.option("--config", type=PATH, help=CONFIG)
@click.option("--agents", help=_AGENTS)
@click.option("--table", help="The voicemail solution's DynamoDB table; else agents.table of the settings.")
@click.option("--allow-empty", is_flag=True, help="End every assignment if the table has no extension at all.")
@click.option("--adopt", is_flag=True, help="Take over and seal a history that was made by hand.")
@JSON
def sync(
    config: Path | None, agents: str | None, table: str | None, allow_empty: bool, adopt: bool, emit: Emit
) -> None:
    """Appends the changes in the voicemail solution's table to the agents' history."""
    from jobs.agents.sync import SyncOverrides, run_sync

    run_sync(config, agents, table, SyncOverrides(allow_empty, adopt), emit)


@agents.command()
@click.option("--config", type=PATH, help=CONFIG)
@click.option("--agents", help=_AGENTS)
@click.option("--strict", is_flag=True, help="Exit with 4 if there is anything to list.")
@JSON
def check(config: Path | None, agents: str | None, strict: bool, emit: Emit) -> None:
    """Lists extensions that two agents share, gaps, and agents without an extension now."""
    from jobs.agents.check import run_check

    run_check(config, agents, strict, emit)
