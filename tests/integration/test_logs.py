"""Commands with `[logging] level = "INFO"`: their steps as JSON lines on stderr, without anything that is planted."""

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.answered_calls import json_lines, record
from tests.support.backfills import open_ledger, read_into_ledger
from tests.support.command import command
from tests.support.markers import MARKERS, add_marked_files
from tests.support.process import COMMAND, run
from tests.support.voicemail import Voicemail, user

DATE = "2026-03-01"
LEVEL = '[logging]\nlevel = "INFO"\n'
# Which marked-version of the marked records has.
ACCEPTED = '[records]\nformat_versions = ["2017-03-10", "2027-01-01"]\n'


def steps(err: str, job: str) -> list[dict[str, Any]]:
    """The lines of one run, in order."""
    assert [marker for marker in MARKERS if marker in err] == []
    lines = [json.loads(line) for line in err.splitlines() if not line.startswith("contact-billing: ")]
    assert {line["job"] for line in lines} == {job}
    assert len({line["run"] for line in lines}) == 1
    assert (lines[0]["event"], len(lines[0]["settings"])) == ("started", 64)
    assert lines[-1]["seconds"] >= 0
    return lines


def told(lines: list[dict[str, Any]], event: str, *fields: str) -> list[tuple[Any, ...]]:
    """What these lines say in some of their fields."""
    return sorted(tuple(line.get(field) for field in fields) for line in lines if line["event"] == event)


class World:
    """An archive with all kinds of files, and settings for a run that tells."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out = folder, folder / "out"
        add_marked_files(folder / "archive")
        (folder / "archive" / "new.jsonl").write_bytes(
            json_lines(record("new", AWSContactTraceRecordFormatVersion="2027-01-01"))
        )
        (folder / "agents.csv").write_text("agent_id,extension\n")
        self.settings(LEVEL)

    def settings(self, text: str) -> None:
        (self.folder / "settings.toml").write_text(text)

    @property
    def given(self) -> tuple[object, ...]:
        return ("--config", self.folder / "settings.toml", "--out", self.out, "--agents", self.folder / "agents.csv")

    def run(self, *options: object, code: int = 0) -> str:
        """A command with its options; what it wrote to stderr."""
        finished = command(*options, *self.given)
        assert finished.code == code, finished.err
        return finished.err

    def read(self) -> None:
        """The archive into the ledger, and its date closed."""
        read_into_ledger(self.folder / "archive", self.out)
        open_ledger(self.out).store.put(f"outcomes/billing_date={DATE}/_SUCCESS", b"")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.mark.usefixtures("nothing_left")
def test_a_backfill_a_recycle_and_a_release_tell_their_steps(world: World) -> None:
    archive = world.folder / "archive"
    lines = steps(world.run("backfill", "--archive", archive, "--accept-unreadable"), "backfill")
    assert told(lines, "finished") == [()]
    unreadable = told(lines, "input unreadable", "source")
    assert unreadable == [("bad.avro",), ("bad.parquet",), ("noise.bin",)]
    read = told(lines, "input read", "source") + told(lines, "input damaged", "source") + unreadable
    assert sorted(read) == sorted((path.name,) for path in archive.iterdir())
    ((source, position),) = told(lines, "input damaged", "source", "position")
    assert (source, position.startswith("raw:")) == ("bad.json.gz", True)
    assert [date for date, version, _ in told(lines, "date published", "date", "version", "seconds")] == [DATE]
    published = told(lines, "date published", "version", "billed", "held")
    assert published == [(1, 2, 1)]

    world.settings(LEVEL + ACCEPTED)
    lines = steps(world.run("quarantine", "recycle"), "quarantine recycle")
    ((date, name),) = told(lines, "recycled", "date", "object")
    assert date == DATE
    assert name in open_ledger(world.out).store.names("")
    lines = steps(world.run("release", "--date", DATE), "release")
    assert told(lines, "date published", "date", "version", "billed") == [(DATE, 2, 3)]
    lines = steps(world.run("release", "--date", DATE), "release")
    assert told(lines, "date unchanged", "date", "version") == [(DATE, 2)]


def test_a_replay_tells_its_steps_and_nothing_by_default(world: World) -> None:
    """By Flink, whose workers' steps and whose own words stay in its logs."""
    options = ("replay", "--archive", world.folder / "archive", *world.given, "--accept-unreadable")
    finished = run(*options, folder=world.folder / "run")
    assert (finished.code, finished.left, finished.survivors) == (0, [], [])
    lines = steps(finished.err, "replay")
    assert ("good.jsonl", 2) in told(lines, "input read", "source", "records")
    world.settings("")
    assert world.run("replay", "--archive", world.folder / "archive", "--accept-unreadable") == ""


def test_a_run_that_fails_says_so_before_its_one_line(world: World) -> None:
    world.read()
    (world.folder / "agents.csv").unlink()
    err = world.run("release", "--date", DATE, code=3)
    assert told(steps(err, "release"), "failed", "error", "exit_code") == [("InputError", 3)]
    assert err.splitlines()[-1].startswith("contact-billing: ")


def test_a_release_that_follows_tells_of_every_version(world: World) -> None:
    world.read()
    said = []
    with subprocess.Popen([COMMAND, "release", "--follow", *world.given], stderr=subprocess.PIPE, text=True) as job:
        assert job.stderr is not None
        for line in job.stderr:
            said.append(line)
            if json.loads(line).get("date"):
                job.send_signal(signal.SIGTERM)
    assert job.returncode == 0
    lines = steps("".join(said), "release")
    assert lines[-1]["event"] == "finished"
    assert told(lines, "date published", "date", "version", "billed", "held") == [(DATE, 1, 2, 1)]


def test_a_sync_of_agents_tells_how_many(voicemail: Voicemail) -> None:
    voicemail.config.write_text(voicemail.config.read_text() + LEVEL)
    voicemail.put(user(1, "0100"), user(2, "0200"))
    lines = steps(voicemail.sync().err, "agents sync")
    assert told(lines, "agents synced", "new", "unchanged") == [(2, 0)]
    lines = steps(voicemail.sync().err, "agents sync")
    assert told(lines, "agents synced", "new", "unchanged") == [(0, 2)]
