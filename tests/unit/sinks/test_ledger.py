"""The ledger: whose it is, which parts count, and that the same rows are the same bytes."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from schemas.errors import SettingsError, StorageError
from schemas.outcome import LEDGER_COLUMNS, QUARANTINE_COLUMNS
from schemas.render import arrow_schema
from sinks.date_gaps import LONGEST_GAP_DAYS
from sinks.ledger import InputMark, Ledger
from sinks.parquet import arrow_table, parquet_bytes
from sinks.store import LocalStore
from tests.support.ledgers import NO_AGENTS, RULES, new_ledger, read_archive, write_payloads
from tests.support.records import DATE, payload
from tests.support.suspense import Suspense, judged, unreadable
from transforms.records.outcome import outcome

ONE, TWO = "0a1b-0", "0a1b-1"
MARK = InputMark("a.json", "s", {DATE: 1}, {"billable": 1})
ROW = (*(getattr(outcome(payload(), NO_AGENTS, RULES), c.name) for c in LEDGER_COLUMNS[:-3]), "a.json", "0", 1)
ROWS = arrow_table([ROW], LEDGER_COLUMNS)
QUARANTINED = arrow_table([("not_json", None, "a.json", "0", 4, b"oops")], QUARANTINE_COLUMNS)
NEXT, LAST = "2026-03-02", "2026-03-09"
END = 'DisconnectTimestamp = "2026-03-10T00:00:00Z"'
TOMORROW = payload(f'{END}; ContactId = "tomorrow"; InitiationTimestamp = "2026-03-02T09:00:00Z"')


def test_a_new_ledger_is_claimed_and_opens_again(tmp_path: Path) -> None:
    new_ledger(tmp_path, "Europe/Berlin")
    new_ledger(tmp_path, "Europe/Berlin")


def test_another_time_zone_is_refused(tmp_path: Path) -> None:
    new_ledger(tmp_path, "UTC")
    with pytest.raises(SettingsError) as error:
        new_ledger(tmp_path, "America/New_York")
    assert "UTC" in str(error.value)
    assert "America/New_York" in str(error.value)
    assert str(tmp_path / "ledger.json") in str(error.value)


def test_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ledger.json").write_text('{"format":99,"time_zone":"UTC"}')
    with pytest.raises(SettingsError, match="format 99"):
        new_ledger(tmp_path)


def test_a_folder_of_something_else_is_not_claimed(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"")
    with pytest.raises(SettingsError, match="no ledger"):
        new_ledger(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["holiday.jpg"]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format":"1","time_zone":"UTC"}', "\x00"])
def test_a_broken_description_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "ledger.json").write_text(text)
    with pytest.raises(StorageError, match=r"ledger\.json"):
        new_ledger(tmp_path)


def test_parts_without_a_mark_do_not_count(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path)
    for name in (ONE, TWO):
        ledger.write_rows(DATE, name, 0, ROWS)
        ledger.write_rows(DATE, name, 1, ROWS)
    assert ledger.parts(DATE) == []
    ledger.finish(ONE, MARK)
    assert ledger.parts(DATE) == [
        ledger.store.location(f"outcomes/billing_date={DATE}/replay-{ONE}-{n}.parquet") for n in (0, 1)
    ]
    assert ledger.parts("2026-03-02") == []


@pytest.mark.parametrize("text", [b"", b"{", b'{"source":"a.json"}'])
def test_a_mark_that_is_no_mark_is_none(text: bytes, tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path)
    ledger.write_rows(DATE, ONE, 0, ROWS)
    ledger.store.put(f"inputs/{ONE}.json", text)
    assert ledger.mark(ONE) is None
    assert ledger.parts(DATE) == []


def test_the_mark_is_given_back(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path)
    ledger.finish(ONE, MARK)
    assert ledger.mark(ONE) == MARK
    assert ledger.mark(TWO) is None


def test_parts_of_the_live_job_count_without_a_mark_and_other_files_never(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path)
    folder = f"outcomes/billing_date={DATE}"
    data = parquet_bytes(arrow_table([ROW], LEDGER_COLUMNS))
    others = ("_SUCCESS", "part.parquet.crc", ".part-1.inprogress", "_part-7f-0-1_tmp_8a", "notes", "_a.parquet")
    for name in ("part-7f-0.parquet", "part-1c9d-e2-0-17", *others):
        ledger.store.put(f"{folder}/{name}", data)
    assert [Path(p).name for p in ledger.parts(DATE)] == ["part-1c9d-e2-0-17", "part-7f-0.parquet"]


def test_what_is_forgotten_no_longer_counts_and_nothing_else_is_touched(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path)
    for name in (ONE, TWO):
        write_payloads(ledger, [payload(), b"oops"], input_name=name)
        ledger.write_quarantine("unknown", name, 0, QUARANTINED)
    before = ledger.store.names("")
    ledger.forget(ONE)
    assert ledger.mark(ONE) is None
    assert ledger.store.names("") == [name for name in before if ONE not in name]
    assert [Path(p).name for p in ledger.parts(DATE)] == [f"replay-{TWO}-0.parquet"]
    ledger.forget(ONE)


def test_an_input_whose_name_begins_like_another_is_kept(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path)
    for name in ("0a1b-1", "0a1b-10"):
        write_payloads(ledger, [payload()], input_name=name)
    ledger.forget("0a1b-1")
    assert [Path(p).name for p in ledger.parts(DATE)] == ["replay-0a1b-10-0.parquet"]


def test_raw_payloads_go_to_a_place_of_their_own(tmp_path: Path) -> None:
    """And are forgotten there; without one they lie below the ledger."""
    restricted = LocalStore(tmp_path / "restricted")
    ledger = Ledger(LocalStore(tmp_path / "ledger"), "UTC", restricted)
    ledger.open()
    for name in (ONE, TWO):
        ledger.write_quarantine("", name, 0, QUARANTINED)
    assert restricted.names("") == [f"billing_date=unknown/replay-{name}-0.parquet" for name in (ONE, TWO)]
    assert ledger.store.names("") == ["ledger.json"]
    ledger.forget(ONE)
    assert restricted.names("") == [f"billing_date=unknown/replay-{TWO}-0.parquet"]
    below = new_ledger(tmp_path / "below")
    below.write_quarantine(DATE, ONE, 0, QUARANTINED)
    assert below.store.names("quarantine") == [f"quarantine/billing_date={DATE}/replay-{ONE}-0.parquet"]


def test_who_only_reads_claims_nothing(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="holds no ledger"):
        Ledger(LocalStore(tmp_path / "new"), "UTC").open(claim=False)
    assert list(tmp_path.iterdir()) == []
    new_ledger(tmp_path / "new")
    Ledger(LocalStore(tmp_path / "new"), "UTC").open(claim=False)


def test_the_same_rows_are_the_same_bytes(tmp_path: Path) -> None:
    first, second = new_ledger(tmp_path / "1"), new_ledger(tmp_path / "2")
    for ledger in (first, second):
        ledger.write_rows(DATE, ONE, 0, arrow_table([ROW] * 1000, LEDGER_COLUMNS))
    (name,) = first.store.names("outcomes")
    assert first.store.get(name) == second.store.get(name)
    assert pq.read_schema(first.store.location(name)).equals(arrow_schema(LEDGER_COLUMNS))


def test_the_ledger_holds_no_payload(tmp_path: Path) -> None:
    """The raw bytes are in the restricted place only, the path of a field is on the row."""
    archive = tmp_path / "a.json"
    archive.write_bytes(payload('Queue = "MARK-7f3"; Attributes.note = "MARK-7f3"'))
    ledger = Ledger(LocalStore(tmp_path / "ledger"), "UTC", LocalStore(tmp_path / "restricted"))
    ledger.open()
    read_archive(archive, ledger)
    (name,) = ledger.store.names("outcomes")
    (row,) = pq.read_table(ledger.store.location(name)).to_pylist()
    assert (row["reason"], row["detail"]) == ("wrong_type", "Queue")
    (restricted,) = (tmp_path / "restricted").rglob("*.parquet")
    assert b"MARK-7f3" in pq.read_table(restricted, partitioning=None)["payload"][0].as_py()
    for path in (tmp_path / "ledger").rglob("*"):
        if path.is_file():
            rows = str(pq.read_table(path).to_pylist()) if path.suffix == ".parquet" else path.read_text()
            assert "MARK-7f3" not in rows


def test_every_date_is_named_and_every_part(tmp_path: Path) -> None:
    """Whether its parts count or not; rows without a date come last."""
    ledger = new_ledger(tmp_path)
    for date in ("unknown", "2026-03-02", DATE, "2026-02-28"):
        ledger.write_rows("" if date == "unknown" else date, ONE, 0, ROWS)
        ledger.store.put(f"outcomes/billing_date={date}/_SUCCESS", b"")
        ledger.write_quarantine("" if date == "unknown" else date, ONE, 0, QUARANTINED)
        ledger.store.put(f"quarantine/billing_date={date}/notes", b"")
    ledger.store.put("outcomes/notes", b"")
    dates = ["2026-02-28", DATE, "2026-03-02", "unknown"]
    assert ledger.dates() == dates
    names = [f"billing_date={date}/replay-{ONE}-0.parquet" for date in dates]
    assert ledger.all_parts() == [f"outcomes/{name}" for name in names]
    assert ledger.all_payloads() == (ledger.store, [f"quarantine/{name}" for name in names])


def test_what_is_dated_when_it_was_written(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path)
    assert (ledger.listing().objects, ledger.listing().newest_at) == ({}, None)
    for number, name in enumerate(("part-0-0", "part-0-1", "_SUCCESS")):
        path = tmp_path / f"outcomes/billing_date={DATE}/{name}"
        ledger.store.put(path.relative_to(tmp_path).as_posix(), b"")
        os.utime(path, (number * 60, number * 60))
    found = ledger.listing()
    assert found.newest_at == datetime.fromtimestamp(60, UTC)
    assert found.objects == found.closed == {DATE: tuple(ledger.names(DATE))}


def test_a_ledger_that_was_never_claimed_has_no_parts(tmp_path: Path) -> None:
    assert Ledger(LocalStore(tmp_path / "nowhere"), "UTC").parts(DATE) == []


def test_a_date_before_all_others_that_only_recycled_rows_have_is_closed(suspense: Suspense) -> None:
    suspense.read(TOMORROW, judge=unreadable)
    suspense.close(LAST)
    assert list(suspense.ledger.closed()) == [LAST]
    suspense.recycle(judged())
    assert next(iter(suspense.ledger.closed())) == NEXT
    assert suspense.ledger.dates() == [NEXT, LAST, "unknown"]


def ledger_of(folder: Path, *names: str) -> Ledger:
    ledger = new_ledger(folder)
    for name in names:
        ledger.store.put(f"outcomes/billing_date={name}", b"")
    return ledger


@pytest.mark.parametrize(
    ("names", "closed"),
    [
        ((), []),
        (("2026-03-01/part-a-0-0",), []),
        (("2026-03-01/part-a-0-0", "2026-03-01/_SUCCESS"), ["2026-03-01"]),
        (("2026-03-01/part-a-0-0", "2026-03-02/_SUCCESS", "2026-03-03/part-a-0-0"), ["2026-03-01", "2026-03-02"]),
        (("2026-02-27/part-a-0-0", "2026-03-02/_SUCCESS"), ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]),
        (("unknown/part-a-0-0", "unknown/_SUCCESS"), []),
        (("2026-03-01/_SUCCESS", "unknown/part-a-0-0"), ["2026-03-01"]),
        (("2026-02-30/_SUCCESS", "2026-02-30/part-a-0-0"), []),
        (("/part-a-0-0", "2026-02-30/_SUCCESS", "2026-03-01/_SUCCESS", "x"), ["2026-03-01"]),
        (("2026-03-01/_SUCCESS/x", "2026-03-02/_SUCCESS"), ["2026-03-02"]),
        (("2026-03-01/.part-a-0-0.inprogress", "2026-03-02/_SUCCESS"), ["2026-03-02"]),
        (("2026-03-01/replay-0a-0-0.parquet", "2026-03-02/_SUCCESS"), ["2026-03-02"]),
    ],
)
def test_a_date_is_closed_when_it_or_a_later_one_has_success(
    tmp_path: Path, names: tuple[str, ...], closed: list[str]
) -> None:
    """Dates without a record in between are closed, too; replayed parts without a mark are no rows."""
    assert list(ledger_of(tmp_path, *names).closed()) == closed


def test_a_stray_old_date_does_not_close_all_the_days_since(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path, "1999-12-31/part-a-0-0", "2026-03-01/part-a-0-0", "2026-03-01/_SUCCESS")
    assert list(ledger.closed()) == ["1999-12-31", "2026-03-01"]
    longest = ledger_of(tmp_path / "2", "2026-01-01/part-a-0-0", "2026-02-01/_SUCCESS")
    assert len(longest.closed()) == LONGEST_GAP_DAYS + 1


def test_the_parts_are_those_that_count(tmp_path: Path) -> None:
    ledger = ledger_of(
        tmp_path,
        "2026-03-01/part-a-0-1",
        "2026-03-01/part-a-0-0",
        "2026-03-01/replay-0a-0-0.parquet",
        "2026-03-01/replay-0b-0-0.parquet",
        "2026-03-03/_SUCCESS",
    )
    ledger.finish("0b-0", InputMark("b", "s", {}, {}))
    assert ledger.closed() == {
        "2026-03-01": tuple(ledger.names("2026-03-01")),
        "2026-03-02": (),
        "2026-03-03": (),
    }
    assert [name.rpartition("/")[2] for name in ledger.names("2026-03-01")] == [
        "part-a-0-0",
        "part-a-0-1",
        "replay-0b-0-0.parquet",
    ]
