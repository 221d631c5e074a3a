"""`contact-billing metrics`: what `status` says, for Prometheus."""

from pathlib import Path

import click

from jobs.cli.options import STORAGE_OPTIONS, Address


@click.command()
@STORAGE_OPTIONS
@click.option("--listen", type=Address(), default="127.0.0.1:9300", show_default=True, help="Where to be scraped.")
@click.option("--every", type=click.IntRange(min=1), default=300, show_default=True, help="Seconds between looks.")
def metrics(agents: str | None, out: Path | None, config: Path | None, listen: tuple[str, int], every: int) -> None:
    """Serves the state of the places to Prometheus, until it is stopped."""
    from jobs.report.prometheus import run_metrics

    run_metrics(out, config, agents, listen, every)
