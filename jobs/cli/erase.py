"""`contact-billing erase`: erase patients' phone numbers from everything that was kept."""

import sys
from pathlib import Path

import click

from jobs.cli.options import AGENTS, CONFIG, FOLDER, JSON, OUT, PATH
from jobs.runtime.output import Emit


@click.command()
@click.option("--config", type=PATH, help=CONFIG)
@click.option("--out", type=FOLDER, help=OUT)
@click.option("--agents", help=AGENTS)
@click.option("--dry-run", is_flag=True, help="Only show what holds the numbers; write nothing.")
@JSON
def erase(config: Path | None, out: Path | None, agents: str | None, dry_run: bool, emit: Emit) -> None:
    """Erases patients' phone numbers, one per line of standard input, from everything that was kept.

    Their calls stay, as of a patient who withheld the number; dates that held one get a new version.
    """
    from jobs.erasure.erase import run_erase

    run_erase(agents, out, config, dry_run, sys.stdin, emit)
