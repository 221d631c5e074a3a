"""The command line `contact-billing backfill | replay | release | ...`, with a file for each command.

A command's file imports what it runs only when it runs it, so that `--help` answers at once.
"""

from typing import NoReturn

import click

from jobs.cli.agents import agents
from jobs.cli.backfill import backfill
from jobs.cli.erase import erase
from jobs.cli.held import held
from jobs.cli.metrics import metrics
from jobs.cli.quarantine import quarantine
from jobs.cli.release import release
from jobs.cli.replay import replay
from jobs.cli.report import report
from jobs.cli.sample import sample
from jobs.cli.status import status
from jobs.cli.stream import stream
from jobs.cli.verify import verify
from jobs.runtime.run_command import run_command


@click.group()
@click.version_option(package_name="contact-billing")
def cli() -> None:
    """Turns Amazon Connect contact records into billing files that a third party can trust."""


_COMMANDS: tuple[click.Command, ...] = (
    backfill,
    replay,
    release,
    verify,
    erase,
    stream,
    sample,
    status,
    metrics,
    agents,
    quarantine,
    held,
    report,
)
for _command in _COMMANDS:
    cli.add_command(_command)


def main() -> NoReturn:
    """Run the command line."""
    run_command(cli)
