"""Payloads over 1 MiB: the ledger has their position, and the archive their bytes."""

import gzip
import json
from pathlib import Path

import pytest

from jobs.ingest.archive.files import content_digest
from schemas.outcome import OutcomeRow
from sinks.paths import input_name
from tests.integration.failing import INPUT
from tests.support.answered_calls import json_lines, payload, record
from tests.support.command import Finished, command
from tests.support.suspense import Suspense

DATE = "2026-03-01"
WARNING = "contact-billing: what is shown on stdout is patients' data; keep it as such\n"
HUGE = b'{"note": "' + b"x" * 1_500_000 + b'"}'
GARBAGE = b"98761" * 300_000
MEMBER = gzip.compress(json_lines(record("call-1")) + b"\n" + HUGE + b"\n")


class Quarantine:
    """The ledger of an archive with a huge payload, and damage as large."""

    def __init__(self, folder: Path) -> None:
        self.out, self.archive, self.agents = folder / "out", folder / "archive", folder / "agents.csv"
        self.file = self.archive / "2026/03/01/10/a.gz"
        self.file.parent.mkdir(parents=True)
        self.file.write_bytes(MEMBER + GARBAGE + gzip.compress(json_lines(record("call-2"))))
        self.agents.write_text("agent_id,extension\n")
        places = ("--archive", self.archive, "--agents", self.agents, "--out", self.out)
        assert command("replay", *places).code == 0
        self.rows = {row["position"]: row for row in json.loads(self.run("list", "--json").out)["rows"]}

    def run(self, name: str, *options: object) -> Finished:
        return command("quarantine", name, "--out", self.out, *options)

    def show(self, position: str, *options: object) -> Finished:
        return self.run("show", "--source", "2026/03/01/10/a.gz", "--position", position, *options)

    def recycle(self, *options: object) -> str:
        finished = self.run("recycle", "--agents", self.agents, *options)
        assert (finished.code, finished.err) == (0, "")
        return finished.out


@pytest.fixture(scope="module")
def quarantine(tmp_path_factory: pytest.TempPathFactory) -> Quarantine:
    """For those who change nothing."""
    return Quarantine(tmp_path_factory.mktemp("quarantine"))


def positions(quarantine: Quarantine) -> tuple[str, str]:
    huge, damage = sorted(quarantine.rows, key=lambda position: position.startswith("raw:"))
    return huge, damage


def test_show_says_where_they_lie(quarantine: Quarantine) -> None:
    for position, data in zip(positions(quarantine), (HUGE, GARBAGE), strict=True):
        text = quarantine.show(position).out
        assert "reason        too_large\n" in text
        assert f"length        {len(data)} bytes\n" in text
        assert f"{len(data)} bytes of 2026/03/01/10/a.gz at {position}; read it with --payload --archive" in text
        failed = quarantine.show(position, "--payload")
        assert (failed.code, failed.out, failed.err.count("\n")) == (INPUT, "", 1)
        assert "read it with --payload --archive ARCHIVE" in failed.err


def test_the_payload_is_read_from_the_archive(quarantine: Quarantine) -> None:
    for position, data in zip(positions(quarantine), (HUGE, GARBAGE), strict=True):
        shown = quarantine.show(position, "--payload", "--archive", quarantine.archive)
        assert (shown.code, shown.out, shown.err) == (0, data.decode(), WARNING)


def test_another_archive_is_no_substitute(quarantine: Quarantine, tmp_path: Path) -> None:
    """Nor is another content of the file."""
    huge, _ = positions(quarantine)
    for _ in range(2):
        failed = quarantine.show(huge, "--payload", "--archive", tmp_path)
        assert (failed.code, failed.out) == (INPUT, "")
        assert f"{tmp_path} does not have 2026/03/01/10/a.gz as it was read; name the archive of" in failed.err
        other = tmp_path / "2026/03/01/10/a.gz"
        other.parent.mkdir(parents=True, exist_ok=True)
        other.write_bytes(quarantine.file.read_bytes() + b"\0")
    assert "no payload" in quarantine.recycle("--archive", tmp_path, "--dry-run")
    failed = quarantine.show(huge, "--payload", "--archive", tmp_path / "gone")
    assert failed.err.endswith("gone does not exist; name a file or folder with --archive\n")


def test_what_is_still_too_large_stays(quarantine: Quarantine) -> None:
    fates = {
        options: json.loads(quarantine.recycle("--json", *options))["fates"]
        for options in ((), ("--archive", quarantine.archive))
    }
    counts = [(sum(f["quarantined"] for f in fate), sum(f["no_payload"] for f in fate)) for fate in fates.values()]
    assert counts == [(0, 2), (2, 0)]
    assert not list((quarantine.out / "ledger").rglob("recycled/*"))


def test_what_today_is_read_is_recycled(tmp_path: Path) -> None:
    """As after an upgrade: an earlier version kept all bytes up to the next record as one payload."""
    suspense = Suspense(tmp_path / "out")
    line = b" " * 1_200_000 + payload(record("call-1")) + b"\n"
    archive = tmp_path / "a.json"
    archive.write_bytes(b"{}\n" + line)
    with archive.open("rb") as file:
        name = input_name("a.json", content_digest(file))
    suspense.read(
        line, judge=lambda _: OutcomeRow("quarantined", "too_large"), source="a.json", positions=["3"], input_name=name
    )
    agents = tmp_path / "agents.csv"
    agents.write_text("agent_id,extension\n")
    recycle = ("quarantine", "recycle", "--out", tmp_path / "out", "--agents", agents)
    assert "0 rows recycled" in command(*recycle).out
    done = command(*recycle, "--archive", archive)
    assert "1 rows recycled" in done.out
    assert f"to be released again: {DATE}" in done.out
    assert command(*recycle, "--archive", archive).out == "nothing is quarantined\n"
    release = command("release", "--date", DATE, "--agents", agents, "--out", tmp_path / "out", "--json")
    (released,) = json.loads(release.out)["dates"]
    assert (released["control"]["read"], released["control"]["billed"]) == (1, 1)
