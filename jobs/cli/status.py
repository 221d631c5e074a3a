"""`contact-billing status | metrics`: how the places stand, for people, scripts and Prometheus."""

from collections.abc import Callable
from pathlib import Path

import click

from jobs.cli.options import AGENTS, CONFIG, FOLDER, JSON, PATH, Address
from jobs.runtime.output import Say

_OUT = "A folder with ledger, release and audit, instead of the settings' storage."


def _over_places(command: Callable[..., None]) -> Callable[..., None]:
    """The options of the commands that look at all places."""
    options = (
        click.option("--agents", help=AGENTS),
        click.option("--out", type=FOLDER, help=_OUT),
        click.option("--config", type=PATH, help=CONFIG),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@_over_places
@JSON
def status(agents: str | None, out: Path | None, config: Path | None, say: Say) -> None:
    """Tells which dates are open, not released, behind or refused, and what is waiting."""
    from jobs.report.status import run_status

    run_status(out, config, agents, say)


@click.command()
@_over_places
@click.option("--listen", type=Address(), default="127.0.0.1:9300", show_default=True, help="Where to be scraped.")
@click.option("--every", type=click.IntRange(min=1), default=300, show_default=True, help="Seconds between looks.")
def metrics(agents: str | None, out: Path | None, config: Path | None, listen: tuple[str, int], every: int) -> None:
    """Serves the state of the places to Prometheus, until it is stopped."""
    from jobs.report.prometheus import run_metrics

    run_metrics(out, config, agents, listen, every)
