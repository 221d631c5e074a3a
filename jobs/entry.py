"""How a command is run: a user's errors are one line and an exit code; bugs keep their traceback."""

import logging
import sys
from typing import NoReturn

import click

from schemas.errors import ContactBillingError


def run(command: click.Command) -> NoReturn:
    """Runs a command with the options that the process was given, and ends the process."""
    # What libraries log could hold a value; what a user must know comes as a message of our own.
    logging.getLogger().addHandler(logging.NullHandler())
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
