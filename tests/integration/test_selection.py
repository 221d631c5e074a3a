"""Which files and which dates a backfill takes: --from and --to are billing dates, paths tell arrivals."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from jobs.backfill import closed_dates
from jobs.ingest.archive.files import ArchiveFile, archive_files
from jobs.ingest.replay import ReplaySummary, summary
from jobs.settings.date_range import DateRange
from schemas.errors import InputError
from tests.support.answered_calls import MORNING, json_lines, record
from tests.support.backfills import read_into_ledger
from tests.support.partner_files import digests

FIRST, SECOND, THIRD = (date(2026, 3, day) for day in (1, 2, 3))
LATE = MORNING.replace(hour=23, minute=59)


def write(archive: Path, **names: bytes) -> Path:
    """Files by their names below an archive."""
    for name, data in names.items():
        (archive / name).parent.mkdir(parents=True, exist_ok=True)
        (archive / name).write_bytes(data)
    return archive


@pytest.fixture
def dated(tmp_path: Path) -> Path:
    """Three days of arrivals; the calls of one minute before midnight arrive on the next day."""
    hours = {f"2026/03/0{day}/0{hour}/object": _calls(day, hour) for day in (1, 2, 3) for hour in (0, 9)}
    return write(tmp_path / "archive", **hours)


@pytest.fixture
def undated(tmp_path: Path) -> Path:
    """Two files of calls of three days, and a payload without a date."""
    calls = [record(f"call-{day}", MORNING + timedelta(days=day)) for day in range(3)]
    return write(tmp_path / "archive", one=json_lines(*calls), two=json_lines(*calls, b"no record"))


def _calls(day: int, hour: int) -> bytes:
    began = LATE + timedelta(days=day - 2) if hour == 0 else MORNING + timedelta(days=day - 1)
    return json_lines(record(f"call-{day}-{hour}", began))


def names(files: list[ArchiveFile]) -> list[str]:
    return [file.name for file in files]


def rows(archive: Path, out: Path, dates: DateRange, arrival_days: int = 1) -> ReplaySummary:
    """What a replay of the files that can have records of these dates adds up to."""
    arrivals = dates.arrivals("UTC", arrival_days)
    return summary(archive_files(archive, arrivals), read_into_ledger(archive, out, dates=arrivals), dates)


SELECTIONS = {
    "both": (DateRange(SECOND, SECOND), "22"),
    "from": (DateRange(SECOND, None), "2233"),
    "to": (DateRange(None, SECOND), "1122"),
    "none": (DateRange(), "112233"),
    "wide": (DateRange(date(2020, 1, 1), date(2030, 1, 1)), "112233"),
}


@pytest.mark.parametrize("case", SELECTIONS)
def test_dated_paths_are_selected_by_the_arrival_in_them(dated: Path, case: str) -> None:
    """Both limits included; in the order of their names."""
    dates, days = SELECTIONS[case]
    files = archive_files(dated, dates)
    assert "".join(name[9] for name in names(files)) == days
    assert names(files) == sorted(names(files))
    assert all(file.size > 0 for file in files)


def test_no_file_of_these_dates(dated: Path) -> None:
    with pytest.raises(InputError, match="--from"):
        archive_files(dated, DateRange(date(2026, 4, 1), None))


def test_the_dates_asked_for_are_published_and_no_other(dated: Path, tmp_path: Path) -> None:
    """What began before midnight arrives after it: of the date before half was read, and is left to another run."""
    replayed = rows(dated, tmp_path / "out", DateRange(SECOND, SECOND))
    assert (replayed.files, replayed.rows) == (4, {"2026-03-02": 2})
    assert replayed.other_rows == {"2026-03-01": 1, "2026-03-03": 1}
    assert closed_dates(replayed, DateRange(SECOND, SECOND)) == ["2026-03-02"]


def test_files_without_a_date_are_selected_by_billing_date(undated: Path, tmp_path: Path) -> None:
    """All files are read; rows of other dates are in the ledger, but only the selected dates are closed."""
    out, dates = tmp_path / "out", DateRange(SECOND, SECOND)
    replayed = rows(undated, out, dates)
    assert (replayed.files, replayed.rows) == (2, {"2026-03-02": 2, "unknown": 1})
    assert replayed.other_rows == {"2026-03-01": 2, "2026-03-03": 2}
    assert closed_dates(replayed, dates) == replayed.dates == ["2026-03-02"]
    kept = {path.parent.name for path in (out / "ledger" / "outcomes").rglob("*.parquet")}
    assert kept == {f"billing_date={day}" for day in ("2026-03-01", "2026-03-02", "2026-03-03", "unknown")}


def test_other_dates_later_read_nothing_again(undated: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    rows(undated, out, DateRange(SECOND, SECOND))
    before = digests(out)
    assert rows(undated, out, DateRange(THIRD, None)).rows == {"2026-03-03": 2, "unknown": 1}
    assert rows(undated, out, DateRange()).dates == ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert digests(out) == before


def test_dated_and_undated_files_side_by_side(dated: Path, tmp_path: Path) -> None:
    """Each by its own kind: a date that no calendar has is none."""
    extra = json_lines(record("extra-1"), record("extra-2", MORNING + timedelta(days=1)))
    write(dated, **{"2026/02/30/00/object": extra, "exports/2026-03-01/object": extra + b"\n"})
    replayed = rows(dated, tmp_path / "out", DateRange(FIRST, FIRST))
    assert (replayed.files, replayed.rows) == (6, {"2026-03-01": 4})
    assert replayed.other_rows == {"2026-02-28": 1, "2026-03-02": 3}


def test_files_of_the_same_content_are_told_apart(tmp_path: Path) -> None:
    """Both are read, as the delivery did happen twice."""
    same = json_lines(record("twice"))
    archive = write(tmp_path / "archive", b=same, a=same, c=same + b"\n")
    assert names(archive_files(archive, DateRange())) == ["a", "b", "c"]
    assert rows(archive, tmp_path / "out", DateRange()).rows == {"2026-03-01": 3}


def test_bookkeeping_of_the_archive_is_passed_over(tmp_path: Path) -> None:
    """Names that begin with a dot or an underscore, folders too."""
    bookkeeping = {"_SUCCESS": b"", ".DS_Store": b"\0", "_temporary/0/object": b"{}", ".trash/object": b"{}"}
    archive = write(tmp_path / "archive", object=json_lines(record("contact")), **bookkeeping)
    assert names(archive_files(archive, DateRange())) == ["object"]


def test_one_file_can_be_the_archive(dated: Path) -> None:
    files = archive_files(dated / "2026" / "03" / "01" / "09" / "object", DateRange())
    assert names(files) == ["object"]
