"""Run the command line in this process, as a user sees it: options in, exit code and output out.

A replay runs the file task here instead of Flink. What a process leaves behind, how it dies, and what Flink makes of it
is tested with `tests.support.process`, which starts the installed command.
"""

import io
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import click

from jobs.cli.main import cli
from jobs.ingest.archive.files import ArchiveFile
from jobs.ingest.file_task import FileTask
from jobs.ingest.replay import Progress, ReplaySummary, log_result, summary
from jobs.runtime.log_format import LOGGER
from jobs.runtime.run_command import run_command
from jobs.settings.date_range import DateRange


@dataclass(frozen=True)
class Finished:
    """A command that has ended."""

    code: int
    out: str
    err: str


def command(*options: object, stdin: str = "") -> Finished:
    """Run `contact-billing` with these options; what it printed is text in UTF-8."""
    given, out, err = (_Text(text) for text in (stdin, "", ""))
    argv = ["contact-billing", *map(str, options)]
    with (
        redirect_stdout(out),
        redirect_stderr(err),
        patch.object(sys, "stdin", given),
        patch.object(sys, "argv", argv),
        patch.dict(os.environ),
        patch("jobs.backfill.replay", replay_here),
        _logging_kept(),
    ):
        try:
            run_command(cli)
        except SystemExit as ended:
            code = ended.code
    assert isinstance(code, int)
    return Finished(code, out.text(), err.text())


def commands(group: click.Group, *before: str) -> Iterator[tuple[str, click.Command]]:
    """The commands of a group and of the groups in it, each with its whole name."""
    for name, one in group.commands.items():
        if isinstance(one, click.Group):
            yield from commands(one, *before, name)
        else:
            yield " ".join((*before, name)), one


def replay_here(
    files: list[ArchiveFile],
    task: FileTask,
    dates: DateRange,
    workers: int,
    attempts: int,
    scratch: Path,
    progress: Progress,
) -> ReplaySummary:
    """Read the files one after another; in the place of `jobs.ingest.replay.replay`."""
    return summary(files, [log_result(task.run(file, progress)) for file in files], dates)


class _Text(io.TextIOWrapper):
    """A standard stream that is not a terminal."""

    def __init__(self, text: str) -> None:
        super().__init__(io.BytesIO(text.encode()), encoding="utf-8", newline="\n", write_through=True)

    def text(self) -> str:
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode()


@contextmanager
def _logging_kept() -> Iterator[None]:
    """Undo what a command changes of Python's logging, which ends with its process otherwise."""
    root, own = logging.getLogger(), logging.getLogger(LOGGER)
    handlers, level, raising = list(root.handlers), own.level, logging.raiseExceptions
    try:
        yield
    finally:
        root.handlers = handlers
        own.setLevel(level)
        logging.raiseExceptions = raising
        logging.captureWarnings(False)
