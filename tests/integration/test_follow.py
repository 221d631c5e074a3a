"""`release` without dates, and `release --follow` as a process: it publishes, and a signal ends it."""

import signal
import subprocess
from pathlib import Path

import msgspec
import pytest

from jobs.releases.results import Released
from schemas.errors import SettingsError
from tests.support.answered_calls import MORNING, json_lines, record
from tests.support.backfills import open_ledger, read_contents
from tests.support.command import command
from tests.support.partner_files import assert_complete, csv_rows
from tests.support.process import COMMAND

DATE, NEXT = "2026-03-01", "2026-03-02"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "agents.csv").write_text("agent_id,extension,valid_from,valid_to\n")
    (tmp_path / "fast.toml").write_text("[follow]\npoll_seconds = 1\n")
    read_contents(tmp_path / "out", first=json_lines(record("contact")))
    return tmp_path / "out"


def close(out: Path, date: str) -> None:
    open_ledger(out).store.put(f"outcomes/billing_date={date}/_SUCCESS", b"")


def options(out: Path, *more: str) -> list[object]:
    named = ("--agents", out.parent / "agents.csv", "--out", out, "--config", out.parent / "fast.toml")
    return ["release", *named, *more]


def following(out: Path, *more: str) -> subprocess.Popen[str]:
    """A process that follows the ledger."""
    given = [COMMAND, *options(out, "--follow", *more)]
    return subprocess.Popen(given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def lines(out: Path, date: str) -> list[str]:
    version = assert_complete(out / "release", date)
    assert version is not None
    return [row["contact_id"] for row in csv_rows(version)]


def test_without_a_date_all_closed_ones_are_released_once(out: Path) -> None:
    finished = command(*options(out))
    assert (finished.code, finished.err) == (0, "")
    assert "no date is closed" in finished.out
    assert not (out / "release").exists()
    close(out, NEXT)
    finished = command(*options(out))
    assert (finished.code, finished.err) == (0, "")
    assert [line.split()[0] for line in finished.out.splitlines()[1:]] == [DATE, NEXT]
    assert (lines(out, DATE), lines(out, NEXT)) == (["contact"], [])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_follow_until_a_signal(out: Path, number: signal.Signals) -> None:
    """Which ends the wait for the next look, be it an hour."""
    (out.parent / "fast.toml").write_text("[follow]\npoll_seconds = 3600\n")
    close(out, DATE)
    with following(out) as job:
        assert job.stdout is not None
        assert job.stdout.readline().startswith(f"{DATE} v0001: 1 lines, ")
        assert lines(out, DATE) == ["contact"]
        job.send_signal(number)
        rest, errors = job.communicate(timeout=120)
    assert (job.returncode, rest, errors) == (0, "", "")


def test_follow_as_json(out: Path) -> None:
    """An object for a version and for a date that fails, each on a line as it comes; the error is on stderr, too."""
    with following(out, "--json") as job:
        close(out, DATE)
        assert job.stdout is not None
        made = msgspec.json.decode(job.stdout.readline(), type=Released)
        assert (made.billing_date, made.version, made.new, made.control.billed) == (DATE, 1, True, 1)
        read_contents(out, late=json_lines(record("late")))
        made = msgspec.json.decode(job.stdout.readline(), type=Released)
        assert (made.billing_date, made.version, made.new, made.control.billed) == (DATE, 2, True, 2)
        assert lines(out, DATE) == ["contact", "late"]
        read_contents(out, moved=json_lines(record("contact", MORNING.replace(day=2), delivery=2)))
        close(out, NEXT)
        failed = msgspec.json.decode(job.stdout.readline(), type=Released)
        job.send_signal(signal.SIGTERM)
        rest, errors = job.communicate(timeout=120)
    assert (failed.billing_date, failed.version, failed.new, len(failed.failures)) == (NEXT, 0, False, 1)
    assert (job.returncode, rest, errors.count("\n")) == (0, "", 1)
    assert errors.startswith(f"contact-billing: {NEXT} not published: contact_under_two_dates: 1 contacts")


@pytest.mark.parametrize(
    ("more", "told"),
    [(("--follow", "--date", DATE), "leave out --date"), (("--out", "nowhere"), "nowhere/ledger holds no ledger")],
)
def test_what_cannot_be_meant(out: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...], told: str) -> None:
    monkeypatch.chdir(out.parent)
    finished = command(*options(out, *more))
    assert (finished.code, finished.out) == (SettingsError.exit_code, "")
    assert told in finished.err
    assert finished.err.count("\n") == 1


def test_nobody_says_where(out: Path) -> None:
    finished = command("release", "--follow")
    assert finished.code == SettingsError.exit_code
    assert "--agents" in finished.err
    assert "storage.agents" in finished.err
