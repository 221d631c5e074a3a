"""`contact-billing sample`: write a synthetic archive."""

from pathlib import Path

import click

from jobs.cli.options import FOLDER, JSON
from jobs.runtime.output import Emit


@click.command()
@click.option("--out", type=FOLDER, required=True, help="A new folder for archive/ and agents.csv.")
@click.option("--contacts", type=click.IntRange(min=200), default=3000, show_default=True)
@click.option("--days", type=click.IntRange(min=1), default=3, show_default=True)
@click.option("--seed", type=int, default=7, show_default=True)
@click.option("--layout", default="firehose", show_default=True, help="firehose, mixed, lines, pretty, zstd, ...")
@click.option("--records-per-object", type=click.IntRange(min=1))
@JSON
def sample(
    out: Path, contacts: int, days: int, seed: int, layout: str, records_per_object: int | None, emit: Emit
) -> None:
    """Writes a synthetic archive: every outcome and reason occurs; no real patient in it."""
    from jobs.sample.command import run_sample

    run_sample(out, contacts, days, seed, layout, records_per_object, emit)
