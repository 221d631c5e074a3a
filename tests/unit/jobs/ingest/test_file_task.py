"""A file that does not stay as it is while it is read is never taken for read."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from jobs.ingest import file_task
from jobs.ingest.archive.file_state import file_state, has_changed
from jobs.ingest.archive.files import ArchiveFile, archive_files, content_digest
from jobs.ingest.file_task import FileResult, FileTask
from jobs.ingest.replay import log_result, share_element, shared_files, summary
from jobs.settings.date_range import DateRange
from schemas.billing_rules import Rules
from schemas.errors import InputError
from sinks.ledger import Ledger
from tests.support.ledgers import NO_AGENTS, new_ledger, read_archive
from tests.support.partner_files import digests
from tests.support.records import payload

OTHER = payload('ContactId = "call-2"')


def read(path: Path, ledger: Ledger) -> FileResult:
    task = FileTask(ledger, Rules(), NO_AGENTS, "s")
    return task.run(ArchiveFile(str(path), path.name, path.stat().st_size), lambda done: None)


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(OTHER)


def overwrite(path: Path) -> None:
    """Other content of the same length, in the same tick of the clock, or as if it were."""
    status = path.stat()
    with path.open("r+b") as file:
        file.write(OTHER)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def shrink(path: Path) -> None:
    os.truncate(path, 10)


@pytest.mark.parametrize("change", [grow, overwrite, shrink])
@pytest.mark.parametrize("settled", [True, False])
def test_a_file_that_changes_while_it_is_read(
    change: Callable[[Path], None], settled: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, and no trace of it; it is read whole when it has its content again."""
    path = tmp_path / "a.json"
    data = payload()
    path.write_bytes(data)
    if settled:
        monkeypatch.setattr(time, "time_ns", lambda: path.stat().st_ctime_ns + 10**12)

    def late(content: BinaryIO) -> str:
        digest = content_digest(content)
        change(path)
        return digest

    ledger = new_ledger(tmp_path / "ledger")
    with monkeypatch.context() as patch:
        patch.setattr(file_task, "content_digest", late)
        result = read(path, ledger)
    assert (result.mark, result.error_class, result.bug) == (None, "InputError", None)
    assert result.error == f"{path} changed while it was read; wait until it is complete, then run again"
    assert list(digests(tmp_path / "ledger")) == ["ledger.json"]
    path.write_bytes(data)
    assert read(path, ledger).mark is not None
    undisturbed = new_ledger(tmp_path / "undisturbed")
    read(path, undisturbed)
    assert digests(tmp_path / "ledger") == digests(tmp_path / "undisturbed")


def delete(path: Path) -> None:
    path.unlink()


def replace(path: Path) -> None:
    path.with_name("new").write_bytes(OTHER)
    path.with_name("new").replace(path)


@pytest.mark.parametrize("change", [delete, replace])
def test_a_file_that_disappears_while_it_is_read_was_read(
    change: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An open file keeps its content; what has its path afterwards is another input."""
    path = tmp_path / "a.json"
    path.write_bytes(payload())

    def during(*arguments: Any) -> Iterator[Any]:
        change(path)
        yield from file_task_payloads(*arguments)

    file_task_payloads = file_task.read_payloads
    ledger = new_ledger(tmp_path / "ledger")
    with monkeypatch.context() as patch:
        patch.setattr(file_task, "read_payloads", during)
        assert read(path, ledger).mark is not None
    if change is replace:
        read(path, ledger)
    assert len(ledger.parts("2026-03-01")) == (2 if change is replace else 1)


def test_a_file_that_is_gone_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "gone\x1b[31m.json"
    task = FileTask(new_ledger(tmp_path / "ledger"), Rules(), NO_AGENTS, "s")
    result = task.run(ArchiveFile(str(path), "gone.json", 1), lambda done: None)
    assert result.error_class == "InputError"
    assert "gone\\x1b[31m.json': No such file or directory; check the file, then run again" in (result.error or "")


def test_a_settled_file_is_not_read_a_second_time(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"{}")
    os.utime(path, ns=(0, 0))
    with path.open("rb") as file:
        state = file_state(file)
        assert not state.is_settled
        assert has_changed(file, state, "another digest")
        later = type(state)(state.size, state.modified_ns, state.changed_ns, state.seen_ns + 10**10)
        assert later.is_settled
        assert not has_changed(file, later, "another digest")


def test_any_name_reaches_a_worker_the_ledger_and_the_log(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    (archive / os.fsdecode(b"\xff\n.json")).write_bytes(payload())
    files = archive_files(archive, DateRange())
    assert shared_files(share_element(files)) == files
    assert share_element(files).isascii()
    ledger = new_ledger(tmp_path / "ledger")
    (result,) = read_archive(archive, ledger)
    assert (result.name, result.error, result.bug) == ("\\xff\n.json", None, None)
    log_result(result)
    assert summary(files, [result], DateRange()).rows == {"2026-03-01": 1}


def test_a_bug_names_its_file_escaped() -> None:
    with pytest.raises(Exception, match=r"reading of 'a\\nb':") as error:
        summary([], [FileResult("a\nb", bug="frames")], DateRange())
    assert not isinstance(error.value, InputError)
