"""`contact-billing release`: closed dates from the ledger, once or as they close and change."""

import datetime
from pathlib import Path

import click

from jobs.cli.options import AGENTS, CONFIG, DAY, FOLDER, JSON, OUT, PATH
from jobs.runtime.output import Emit
from schemas.errors import SettingsError


@click.command()
@click.option("--agents", help=AGENTS)
@click.option("--out", type=FOLDER, help=OUT)
@click.option("--config", type=PATH, help=CONFIG)
@click.option("--date", "dates", multiple=True, type=DAY, help="A closed date; repeatable. Without one: all.")
@click.option("--follow", is_flag=True, help="Go on: publish dates when they close, and again when they change.")
@click.option("--dry-run", is_flag=True, help="Only say what would be published; write nothing.")
@click.option("--change-contract", is_flag=True, help="Restate dates that were published with another contract.")
@click.option("--accept-loss", is_flag=True, help="Publish although parts of the ledger are gone; lines are withdrawn.")
@JSON
def release(
    agents: str | None,
    out: Path | None,
    config: Path | None,
    dates: tuple[datetime.datetime, ...],
    follow: bool,
    dry_run: bool,
    change_contract: bool,
    accept_loss: bool,
    say: Emit,
) -> None:
    """Publishes dates from the ledger, where something of their lines is new."""
    from jobs.releases.candidate import Overrides
    from jobs.releases.follow import run_follow, run_release

    named = [d.date().isoformat() for d in dates]
    if not follow:
        run_release(agents, out, config, named, dry_run, Overrides(change_contract, accept_loss), say)
    elif named or dry_run or change_contract or accept_loss:
        raise SettingsError("--follow looks for dates itself; leave out --date, --dry-run and what is to be allowed")
    else:
        run_follow(agents, out, config, say)
