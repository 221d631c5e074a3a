"""Print a command's result as text for people, or as one JSON object on one line for scripts.

Both are made from the same struct, so that they say the same.
"""

import json
from collections.abc import Callable
from typing import Protocol

import click

from jobs.runtime.text_table import escape


class Result(Protocol):
    """A msgspec struct whose fields are the keys of the JSON object, with descriptions: see docs/json.md."""

    def text(self) -> str:
        """Return the result for people, without a final newline."""


Emit = Callable[[Result], None]


def emit_text(result: Result) -> None:
    """Print a result for people."""
    click.echo(escape(result.text(), keep="\n"))


def emit_json(result: Result) -> None:
    """Print a result for scripts, in ASCII, so that it neither depends on the terminal nor controls it."""
    import msgspec

    click.echo(json.dumps(msgspec.to_builtins(result)))


def emitter(_: click.Context, __: click.Parameter, as_json: bool) -> Emit:
    """Return the function that --json selects."""
    return emit_json if as_json else emit_text
