"""`contact-billing stream`: run the live job in this process, to try settings out."""

from pathlib import Path

import click

from jobs.cli.options import AGENTS, CONFIG, PATH


@click.command()
@click.option("--config", type=PATH, required=True, help=CONFIG)
@click.option("--agents", help=AGENTS)
def stream(config: Path, agents: str | None) -> None:
    """Reads Kinesis or Kafka into the ledger in this process, to try settings out; Ctrl-C ends it.

    For service, `flink run -py jobs/stream.py` submits the same job to a cluster; see docs/live.md.
    """
    from jobs.stream import run_stream

    run_stream(config, agents)
