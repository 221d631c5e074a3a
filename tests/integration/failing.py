"""A backfill that must fail. In: a folder with an archive and a table. Out: the one line that the command prints."""

from pathlib import Path

from tests.support.command import Finished, command
from tests.support.partner_files import digests
from tests.support.process import run

SETTINGS, INPUT, STORAGE = 2, 3, 5
AGENTS = "agent_id,extension,valid_from,valid_to\n"
SECRET = "98761"
DATES = ("--from", "--to")


def fails(world: Path, code: int, *words: str, options: tuple[str, ...] = (), process: bool = False) -> str:
    """The one line that a backfill fails with; it has the words in it, and nothing else is printed.

    As a process, which has no Flink in its place, it leaves nothing behind, either.
    """
    given = {"--archive": "archive", "--agents": "agents.csv", "--out": "out"}
    given |= dict(zip(options[::2], options[1::2], strict=True))
    out = world / given["--out"]
    before = digests(out)
    parts = [part for name, value in given.items() for part in (name, value if name in DATES else world / value)]
    finished = _process(world, *parts) if process else command("backfill", *parts)
    assert finished.code == code, finished.err
    assert finished.err.startswith("contact-billing: ")
    assert finished.err.count("\n") == 1
    assert finished.err.endswith("\n")
    assert "Traceback" not in finished.err
    assert [word for word in words if word not in finished.err] == [], finished.err
    assert SECRET not in finished.err
    assert finished.out == ""
    if code == SETTINGS:
        assert digests(out) == before, "the README says that nothing is written"
    return finished.err


def _process(world: Path, *options: object) -> Finished:
    finished = run("backfill", *options, folder=world / "run")
    assert (finished.left, finished.survivors) == ([], [])
    return Finished(finished.code, finished.out, finished.err)
