"""A disk that is full: nothing half-written counts, the error names the path, and the next run finishes.

The disk is made full by a limit on the size of files, which fails a write in the same place as a full disk does.
"""

import re
import resource
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from jobs.ingest.archive.files import archive_files
from jobs.ingest.replay import summary
from jobs.settings.date_range import DateRange
from schemas.errors import StorageError
from tests.support.answered_calls import json_lines, record
from tests.support.backfills import Publisher, read_into_ledger
from tests.support.partner_files import assert_complete, digests
from tests.support.process import COMMAND

DATE = "2026-03-01"


@contextmanager
def full_disk(free: int) -> Iterator[None]:
    """No file can become larger than `free` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


def write_archive(folder: Path, contacts: int) -> Path:
    """A large file and a small one."""
    folder.mkdir()
    (folder / "large.jsonl").write_bytes(json_lines(*(record(f"contact-{n}", talk=n + 1) for n in range(contacts))))
    (folder / "small.jsonl").write_bytes(json_lines(record("one more contact")))
    return folder


def test_the_ledger_on_a_full_disk(tmp_path: Path) -> None:
    """The file that does not fit is a StorageError that names what could not be written; the others are read."""
    archive = write_archive(tmp_path / "archive", 400)
    out, undisturbed = tmp_path / "out", tmp_path / "undisturbed"
    read_into_ledger(archive, undisturbed)
    largest = max(path.stat().st_size for path in (undisturbed / "ledger").rglob("*.parquet"))
    with full_disk(largest - 1):
        failed, went_on = read_into_ledger(archive, out)
    assert (failed.mark, failed.error_class, failed.bug) == (None, "StorageError", None)
    assert failed.error is not None
    assert str(out / "ledger" / "outcomes") in failed.error
    assert "check the disk" in failed.error
    assert went_on.mark is not None
    assert not [name for name in digests(out) if name.endswith(".partial")]
    with pytest.raises(StorageError, match="cannot write"):
        summary(archive_files(archive, DateRange()), [failed, went_on], DateRange())
    assert [result.error for result in read_into_ledger(archive, out)] == [None, None]
    assert digests(out / "ledger") == digests(undisturbed / "ledger")


# With few lines the manifest is the largest file, and all but the audit are smaller; with many, it is billing.csv.
# The page of Data Docs, written after the audit, is made larger than each of them.
@pytest.mark.parametrize(
    ("tight", "contacts"),
    [("audit/b*/v0001.json", 30), ("audit/*/*/v0001.html", 30), ("*/billing.csv", 400), ("*/manifest.json", 30)],
)
def test_a_release_on_a_full_disk(tmp_path: Path, tight: str, contacts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever file does not fit: a StorageError that names it, and no version; later the same version."""
    if tight.endswith(".html"):
        monkeypatch.setattr("jobs.releases.data_docs.page", lambda *_: b"x" * (1 << 16))
    archive = write_archive(tmp_path / "archive", contacts)
    out, undisturbed = tmp_path / "out", tmp_path / "undisturbed"
    read_into_ledger(archive, undisturbed)
    Publisher(undisturbed).publish(DATE)
    read_into_ledger(archive, out)
    publisher = Publisher(out)
    (largest,) = undisturbed.rglob(tight)
    named = re.compile(f"cannot write .*/{largest.name}[:;]")
    with full_disk(largest.stat().st_size - 1), pytest.raises(StorageError, match=named):
        publisher.publish(DATE)
    assert assert_complete(out / "release", DATE) is None
    publisher.publish(DATE)
    assert assert_complete(out / "release", DATE) is not None
    assert digests(out / "release") == digests(undisturbed / "release")


def test_the_command_on_a_full_disk(tmp_path: Path) -> None:
    """Exit code 5 and one line."""
    out = tmp_path / "out"
    read_into_ledger(write_archive(tmp_path / "archive", 30), out)
    (tmp_path / "agents.csv").write_text("agent_id,extension,valid_from,valid_to\n")
    options = ("--agents", tmp_path / "agents.csv", "--out", out, "--date", DATE)
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (1000, 1000))
    finished = subprocess.run(
        [COMMAND, "release", *options], capture_output=True, text=True, check=False, preexec_fn=limit
    )
    assert finished.returncode == StorageError.exit_code, finished.stderr
    assert finished.stderr.startswith(f"contact-billing: cannot write {tmp_path}")
    assert (finished.stderr.count("\n"), finished.stdout) == (1, "")
    assert not (out / "release").exists()
