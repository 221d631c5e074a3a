"""The archive: which files are read, in which order, and as which input."""

import datetime
import io
from pathlib import Path

import pytest

from jobs.ingest.archive.files import archive_files, content_digest, path_date
from jobs.settings.date_range import DateRange
from schemas.errors import InputError
from tests.support.ledgers import new_ledger, read_archive
from tests.support.records import payload

FIRST, LAST = datetime.date(2026, 3, 1), datetime.date(2026, 3, 2)


def write(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")


def names(root: Path, dates: DateRange = DateRange()) -> list[str]:  # noqa: B008  frozen
    return [file.name for file in archive_files(root, dates)]


def test_files_come_by_name_and_hidden_ones_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, "b/2", "b/10", "a", ".hidden", "_SUCCESS", "_tmp/x", ".git/y", "c/_z/w", "c/v_1")
    assert names(tmp_path) == ["a", "b/10", "b/2", "c/v_1"]


def test_a_file_is_an_archive_too(tmp_path: Path) -> None:
    write(tmp_path, "_records.json")
    (file,) = archive_files(tmp_path / "_records.json", DateRange())
    assert (file.name, file.size) == ("_records.json", 13)


@pytest.mark.parametrize(
    ("dates", "wanted"),
    [
        (DateRange(), ["2026/02/28/23/a", "2026/03/01/00/b", "2026/03/02/23/c", "2026/03/03/00/d", "undated"]),
        (DateRange(FIRST, LAST), ["2026/03/01/00/b", "2026/03/02/23/c", "undated"]),
        (DateRange(FIRST, None), ["2026/03/01/00/b", "2026/03/02/23/c", "2026/03/03/00/d", "undated"]),
        (DateRange(None, FIRST), ["2026/02/28/23/a", "2026/03/01/00/b", "undated"]),
    ],
)
def test_dated_files_are_selected_by_their_path(dates: DateRange, wanted: list[str], tmp_path: Path) -> None:
    write(tmp_path, "2026/03/02/23/c", "2026/03/01/00/b", "2026/02/28/23/a", "2026/03/03/00/d", "undated")
    assert names(tmp_path, dates) == wanted


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("2026/03/01/10/x.gz", FIRST),
        ("connect/ctr/2026/03/01/x.gz", FIRST),
        ("arrived_date=2026-03-01/part-1-2", FIRST),
        ("live/arrived_date=2026-03-01/part-1-2", FIRST),
        ("2026-03-01/x.gz", None),
        ("arrived_date=2026/03/01/x.gz", None),
        ("2026/03/01.gz", None),
        ("2026/02/30/10/x.gz", None),
        ("12026/03/01/10/x.gz", None),
        ("2026-03-01/x.gz", None),
        ("x.gz", None),
        # None of several dates is known to be that of the arrival; the same one twice is.
        ("backup/2026/03/10/ctr/2026/03/01/x.gz", None),
        ("2026/03/10/2026/03/01/x.gz", None),
        ("arrived_date=2026-03-01/2026/03/02/x.gz", None),
        ("2026/03/01/2026/03/01/x.gz", FIRST),
    ],
)
def test_the_date_in_a_path(name: str, date: datetime.date | None) -> None:
    assert path_date(name) == date


def test_nothing_to_read_is_an_error_that_says_the_fix(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist; name a file or folder with --archive"):
        archive_files(tmp_path / "nowhere", DateRange())
    with pytest.raises(InputError, match=r"holds no file of these dates; check --archive, --from, --to"):
        archive_files(tmp_path, DateRange())
    write(tmp_path, "2026/03/03/00/d")
    with pytest.raises(InputError, match="no file of these dates"):
        archive_files(tmp_path, DateRange(FIRST, LAST))


def test_the_digest_names_the_content() -> None:
    file = io.BytesIO(b"abc")
    file.read(2)
    assert content_digest(file) == content_digest(io.BytesIO(b"abc")) != content_digest(io.BytesIO(b"abd"))
    assert file.tell() == 0


def test_files_of_the_same_content_are_inputs_of_their_own(tmp_path: Path) -> None:
    """An object that was archived twice was received twice: its records are duplicates, not unseen."""
    archive = tmp_path / "archive"
    for name in ("b.json", "a/copy.json", "other.json"):
        (archive / name).parent.mkdir(parents=True, exist_ok=True)
        (archive / name).write_bytes(payload() if name != "other.json" else payload('ContactId = "call-2"'))
    ledger = new_ledger(tmp_path / "ledger")
    read_archive(archive, ledger)
    assert len(ledger.parts("2026-03-01")) == 3


def test_a_renamed_file_is_another_input(tmp_path: Path) -> None:
    """Nobody can tell it from a second delivery under the new name: its records become duplicates."""
    archive = tmp_path / "archive"
    archive.mkdir()
    (archive / "a.json").write_bytes(payload())
    ledger = new_ledger(tmp_path / "ledger")
    read_archive(archive, ledger)
    (archive / "a.json").rename(archive / "moved.json")
    read_archive(archive, ledger)
    assert len(ledger.parts("2026-03-01")) == 2
    read_archive(archive, ledger)
    assert len(ledger.parts("2026-03-01")) == 2
