"""A process that dies between two writes: nobody ever sees half a version or half a file's records."""

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from jobs.ingest.archive.files import archive_files
from jobs.ingest.file_task import FileTask
from jobs.settings.date_range import DateRange
from jobs.settings.settings import Settings
from sinks.ledger import Ledger
from tests.support.answered_calls import MORNING, json_lines, record
from tests.support.backfills import RULES, Publisher, open_ledger, read_contents
from tests.support.crashing_store import Crash, CrashingStore
from tests.support.ledgers import NO_AGENTS
from tests.support.partner_files import assert_complete, csv_rows, digests

DATE = "2026-03-01"


@dataclass(frozen=True)
class Undisturbed:
    """An output folder before a version is published, and the release with that version."""

    versions_before: int
    before: Path
    release: dict[str, str]


@pytest.fixture(scope="module", params=[0, 1])
def undisturbed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    before, published = (tmp_path_factory.mktemp(name) / "out" for name in ("before", "published"))
    if request.param:
        read_contents(before, early=json_lines(record("early")))
        Publisher(before).publish(DATE)
    read_contents(before, first=json_lines(record("contact"), record("early", delivery=2, talk=1)))
    shutil.copytree(before, published)
    Publisher(published).publish(DATE)
    return Undisturbed(request.param, before, digests(published / "release"))


@pytest.mark.parametrize("writes", range(5))
def test_a_crash_between_the_files_of_a_version(tmp_path: Path, undisturbed: Undisturbed, writes: int) -> None:
    """The partner sees the version before, or none, and the next run finishes with the bytes of a run without crash."""
    out, versions_before = shutil.copytree(undisturbed.before, tmp_path / "out"), undisturbed.versions_before
    before = digests(out / "release")
    with pytest.raises(Crash):
        Publisher(out, partner=CrashingStore(out / "release", writes)).publish(DATE)
    after = digests(out / "release")
    assert len(after) == len(before) + writes
    assert before.items() <= after.items()
    seen = assert_complete(out / "release", DATE)
    assert seen == (out / "release" / f"billing_date={DATE}" / "v0001" if versions_before else None)

    (finished,) = Publisher(out).publish(DATE)
    assert finished.version == versions_before + 1
    assert assert_complete(out / "release", DATE) is not None
    assert digests(out / "release") == undisturbed.release


def test_files_of_a_crashed_version_do_not_outlive_new_records(tmp_path: Path) -> None:
    """More has arrived when the next run comes: the version is made anew."""
    out = tmp_path / "out"
    read_contents(out, first=json_lines(record("contact")))
    with pytest.raises(Crash):
        Publisher(out, partner=CrashingStore(out / "release", 2)).publish(DATE)
    read_contents(out, late=json_lines(record("contact", delivery=2, talk=7), record("new")))
    (released,) = Publisher(out).publish(DATE)
    assert released.version == 1
    rows = csv_rows(assert_complete(out / "release", DATE) or Path())
    assert {row["contact_id"]: row["talk_seconds"] for row in rows} == {"contact": 7, "new": 60}


def read_until_crash(archive: Path, out: Path, writes: int, settings: str = RULES) -> str | None:
    """Reads the one file of an archive; a crash is what a task tells as a bug."""
    open_ledger(out)
    ledger = Ledger(CrashingStore(out / "ledger", writes), "UTC")
    (file,) = archive_files(archive, DateRange())
    return FileTask(ledger, Settings().rules, NO_AGENTS, settings).run(file, lambda done: None).bug


@pytest.mark.parametrize("settings", [RULES, "rules 2"])
@pytest.mark.parametrize("writes", range(5))
def test_a_crash_between_the_parts_of_a_file(tmp_path: Path, writes: int, settings: str) -> None:
    """Two dates and a quarantined payload make four objects and a mark: until then nothing counts.

    Under other rules the file is read anew, and what was read under the old ones stops counting first.
    """
    out, archive, undisturbed = tmp_path / "out", tmp_path / "archive", tmp_path / "undisturbed"
    tomorrow = record("contact", MORNING + timedelta(days=1))
    archive.mkdir()
    (archive / "contacts").write_bytes(json_lines(record("contact"), tomorrow, b"no record"))
    if settings != RULES:
        assert read_until_crash(archive, out, 5) is None
    bug = read_until_crash(archive, out, writes, settings)
    assert bug is not None
    assert "Crash" in bug
    assert open_ledger(out).parts(DATE) == []
    assert read_until_crash(archive, out, 5, settings) is None
    assert read_until_crash(archive, undisturbed, 5, settings) is None
    assert digests(out / "ledger") == digests(undisturbed / "ledger")
    assert len(open_ledger(out).parts(DATE)) == 1
