"""`contact-billing release`: publish closed dates from the ledger, once or as they close and change."""

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
@click.option("--follow", is_flag=True, help="Keep running: publish dates when they close, and again when they change.")
@click.option("--dry-run", is_flag=True, help="Only show what would be published; write nothing.")
@click.option("--change-contract", is_flag=True, help="Restate dates that were published with another contract.")
@click.option("--accept-loss", is_flag=True, help="Publish even if parts of the ledger are missing; withdraws lines.")
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
    emit: Emit,
) -> None:
    """Publishes dates from the ledger if any of their lines is new."""
    from jobs.releases.candidate import Overrides
    from jobs.releases.follow import run_follow, run_release

    iso_dates = [d.date().isoformat() for d in dates]
    if not follow:
        run_release(agents, out, config, iso_dates, dry_run, Overrides(change_contract, accept_loss), emit)
    elif iso_dates or dry_run or change_contract or accept_loss:
        raise SettingsError("--follow looks for dates itself; leave out --date, --dry-run and overrides")
    else:
        run_follow(agents, out, config, emit)
