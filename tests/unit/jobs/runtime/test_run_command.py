"""A command that meets a bug prints where and of which kind, and nothing of what it was given."""

import logging
import subprocess
import sys
from typing import Any

import click
import pytest

from jobs.runtime.run_command import run_command
from tests.services.process import ROOT
from tests.support.errors import failing
from tests.support.markers import PHONE
from tests.support.planted import PLANTED, SECRETS


@pytest.mark.parametrize("planted", PLANTED)
def test_a_bug_of_a_command_keeps_its_frames_and_loses_its_message(
    planted: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["command"])
    # What it changes of the process is of no concern where the process ends.
    monkeypatch.setattr(logging, "captureWarnings", lambda _: None)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])

    @click.command()
    def command() -> None:
        raise failing(planted)

    with pytest.raises(SystemExit) as ended:
        run_command(command)
    err = capsys.readouterr().err
    assert ended.value.code == 1
    assert [secret for secret in SECRETS if secret in err] == []
    for word in (
        "TypeError (message withheld)",
        "ValueError (message withheld)",
        "KeyError",
        "tests/support/errors.py",
        "in failing",
    ):
        assert word in err


NOISY = f"""
import logging, warnings, click
from jobs.runtime.run_command import run_command

@click.command()
def command():
    warnings.warn({PHONE!r})
    logging.getLogger("some.library").error({PHONE!r})
    raise ValueError({PHONE!r})

run_command(command)
"""


def test_a_command_prints_nothing_that_libraries_log_or_warn_of() -> None:
    done = subprocess.run([sys.executable, "-c", NOISY], check=False, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == "contact-billing: a bug; please report it:"
    assert done.stderr.splitlines()[-1] == "ValueError (message withheld)"
    assert PHONE not in done.stdout + done.stderr
