"""`contact-billing metrics`: serve the figures of `status` to Prometheus."""

from pathlib import Path

import click

from jobs.cli.options import STORAGE_OPTIONS, Address


@click.command()
@STORAGE_OPTIONS
@click.option(
    "--listen", type=Address(), default="127.0.0.1:9300", show_default=True, help="Address that Prometheus scrapes."
)
@click.option("--every", type=click.IntRange(min=1), default=300, show_default=True, help="Seconds between updates.")
def metrics(agents: str | None, out: Path | None, config: Path | None, listen: tuple[str, int], every: int) -> None:
    """Serves the status of ledger, release and audit to Prometheus, until it is stopped."""
    from jobs.report.prometheus import run_metrics

    run_metrics(out, config, agents, listen, every)
