"""`contact-billing verify`: verify a release from its files alone, and for the operator against the ledger."""

import datetime
from pathlib import Path

import click

from jobs.cli.options import AGENTS, CONFIG, DAY, JSON, PATH
from jobs.runtime.output import Emit


@click.command()
@click.argument("release")
@click.option("--date", "dates", multiple=True, type=DAY, help="A date; repeatable. Without one: all.")
@click.option("--config", type=PATH, help=CONFIG)
@click.option("--ledger", help="For the operator: verify against this ledger, too, a folder or s3:// URI.")
@click.option("--agents", help="With --ledger. " + AGENTS)
@click.option("--audit", help="With --ledger: the audit; else storage.audit of the settings.")
@JSON
def verify(
    release: str,
    dates: tuple[datetime.datetime, ...],
    config: Path | None,
    ledger: str | None,
    agents: str | None,
    audit: str | None,
    emit: Emit,
) -> None:
    """Verifies a RELEASE, a folder or s3:// URI: every version, file, total and amendment, from its files alone."""
    from jobs.releases.verify.verify import run_verify

    run_verify(release, [d.date().isoformat() for d in dates], config, ledger, agents, audit, emit)
