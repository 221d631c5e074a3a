"""Run a command: a user's errors become one line and an exit code; bugs keep their traceback, without messages."""

import io
import logging
import sys
from typing import NoReturn

import click

from jobs.runtime.redaction import redacted_traceback
from jobs.runtime.text_table import escape
from schemas.errors import ContactBillingError


def run_command(command: click.Command) -> NoReturn:
    """Run a command with the process's arguments, and end the process."""
    # Logs and warnings of libraries could hold a value; a user gets messages of our own.
    logging.getLogger().addHandler(logging.NullHandler())
    logging.captureWarnings(True)
    try:
        sys.exit(command.main(standalone_mode=False) or 0)
    except ContactBillingError as error:
        # A name of a file, an object or a column may control a terminal, or look like another line.
        click.echo(f"contact-billing: {escape(str(error))}", err=True)
        sys.exit(error.exit_code)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        usage = io.StringIO()
        error.show(usage)
        click.echo(escape(usage.getvalue(), keep="\n"), err=True, nl=False)
        sys.exit(error.exit_code)
    except Exception as bug:  # noqa: BLE001  its message could hold a value, its frames cannot
        click.echo(f"contact-billing: a bug; please report it:\n{redacted_traceback(bug)}", err=True)
        sys.exit(1)
