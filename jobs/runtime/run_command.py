"""How a command is run: a user's errors are one line and an exit code; bugs keep their traceback, without messages."""

import logging
import sys
from typing import NoReturn

import click

from jobs.runtime.redaction import redacted
from schemas.errors import ContactBillingError


def run_command(command: click.Command) -> NoReturn:
    """Runs a command with the options that the process was given, and ends the process."""
    # What libraries log or warn of could hold a value; what a user must know comes as a message of our own.
    logging.getLogger().addHandler(logging.NullHandler())
    logging.captureWarnings(True)
    try:
        sys.exit(command.main(standalone_mode=False) or 0)
    except ContactBillingError as error:
        click.echo(f"contact-billing: {error}", err=True)
        sys.exit(error.exit_code)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Exception as bug:  # noqa: BLE001  its message could hold a value, its frames cannot
        click.echo(f"contact-billing: a bug; please report it:\n{redacted(bug)}", err=True)
        sys.exit(1)
