"""docs/tutorial.md: its commands, run in their order, print what the page shows; `…` stands for anything."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import command

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.md"
# A fence with its language and, of a file to save, its path; or an indented command.
STEP = re.compile(r"^```(?P<language>\w+) ?(?P<path>\S*)\n(?P<text>.*?)^```$|^    (?P<command>\S[^\n]*)$", re.M | re.S)
ILLUSTRATIONS = 1  # The Kinesis record: nothing prints it here.


def steps() -> Iterator[re.Match[str]]:
    """The page's fences and commands, in their order."""
    return STEP.finditer(TUTORIAL.read_text(encoding="utf-8"))


def run(line: str) -> str:
    """What a command of the page prints; contact-billing runs in this process, the others in a shell."""
    if line.startswith("contact-billing "):
        finished = command(*shlex.split(line)[1:])
        assert finished.code == 0, finished.err
        return finished.out
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    shell = subprocess.run(
        line, shell=True, check=True, capture_output=True, text=True, env={**os.environ, "PATH": path}
    )
    return shell.stdout


def pattern(text: str) -> str:
    """The page's text as a regular expression."""
    return ".*?".join(re.escape(part) for part in text.strip().split("…"))


def test_the_commands_print_what_the_page_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    printed, compared = "", 0
    for step in steps():
        if line := step["command"]:
            printed = run(line)
        elif path := step["path"]:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_text(step["text"], encoding="utf-8")
        elif step["language"] == "text":
            assert re.fullmatch(pattern(step["text"]), printed.strip(), re.S), f"{printed}\nis not\n{step['text']}"
            compared += 1
    assert compared == sum(step["language"] == "text" for step in steps()) == 10


def test_everything_else_on_the_page_is_run_or_saved() -> None:
    others = [s for s in steps() if s["language"] and s["language"] != "text" and not s["path"]]
    assert len(others) == ILLUSTRATIONS
