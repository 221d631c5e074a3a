"""Results: what a command comes to, in one struct; as text for people, or as one JSON object on one line for scripts.

Both are made of the struct alone, so that they say the same.
"""

import json
from collections.abc import Callable
from typing import Protocol

import click


class Result(Protocol):
    """A msgspec struct whose fields are the keys of the JSON object, each with its meaning: see docs/json.md."""

    def text(self) -> str:
        """The result for people, without a newline at its end."""


Emit = Callable[[Result], None]


def emit_text(result: Result) -> None:
    """Prints a result for people."""
    click.echo(result.text())


def emit_json(result: Result) -> None:
    """Prints a result for scripts, in ASCII, so that nothing in it depends on the terminal or steers it."""
    import msgspec

    click.echo(json.dumps(msgspec.to_builtins(result)))


def emitter(_: click.Context, __: click.Parameter, as_json: bool) -> Emit:
    """What --json chooses."""
    return emit_json if as_json else emit_text
