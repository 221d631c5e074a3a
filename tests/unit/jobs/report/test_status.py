"""The state of the places: what an operator asks first, from names and one small object of each date."""

import os
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from jobs.cli.main import cli
from jobs.report.rows_without_date import RowsWithoutDate
from jobs.report.status import LastRelease, Status, read_status, status_reader
from jobs.settings.connections import S3
from jobs.settings.locations import resolve_locations
from jobs.settings.settings import Release, Settings, Storage
from schemas.errors import SettingsError, StorageError
from tests.support.desk import LATER, NOW, Desk
from tests.support.records import DATE

NEXT = "2026-03-02"
MIDNIGHT = "2026-04-01T00:00:00Z"
GONE = 'Agent = null; LastUpdateTimestamp = "2026-03-07T00:00:00Z"'
OTHER_CONTRACT = Settings(release=Release(contract="six-columns-hold.v1"))
EMPTY = Status(MIDNIGHT, (), (), (), {}, 0, None, {}, {}, None, None)


def seen(desk: Desk, agents: str = "") -> Status:
    """The state, without the instant of the newest part, which is the clock's."""
    without_date = RowsWithoutDate(desk.ledger)
    found = read_status(resolve_locations(Storage(), desk.root), desk.ledger, without_date, agents, S3(), NOW)
    return msgspec.structs.replace(found, newest_part_at=None)


def close(desk: Desk, date: str) -> None:
    desk.ledger.store.put(f"outcomes/billing_date={date}/_SUCCESS", b"")


def test_an_empty_ledger(desk: Desk) -> None:
    assert seen(desk) == EMPTY


def test_a_date_is_open_then_closed_then_released(desk: Desk) -> None:
    desk.deliver("")
    assert seen(desk).open == (DATE,)
    close(desk, NEXT)
    assert (seen(desk).open, seen(desk).unreleased) == ((), (DATE, NEXT))
    desk.release()
    last = LastRelease("2026-04-01T00:00:00Z", DATE, 1)
    assert seen(desk) == msgspec.structs.replace(EMPTY, unreleased=(NEXT,), released=1, last_release=last)
    desk.release(date=NEXT, now=LATER)
    assert seen(desk).unreleased == ()
    assert seen(desk).last_release == LastRelease("2026-04-02T00:00:00Z", NEXT, 1)


def test_a_date_is_behind_until_a_release_has_looked_at_it(desk: Desk) -> None:
    """Though what came late is only what was there before, and makes no version."""
    desk.deliver("")
    desk.release()
    assert seen(desk).behind == ()
    desk.deliver("")
    assert seen(desk).behind == (DATE,)
    assert not desk.release().new
    assert seen(desk).behind == ()
    for name in desk.ledger.names(DATE)[1:]:
        desk.ledger.store.delete(name)
    assert seen(desk).behind == (DATE,)


def test_a_date_has_failed_until_an_attempt_has_not(desk: Desk) -> None:
    desk.deliver("")
    desk.release()
    desk.deliver('ContactId = "call-2"')
    failures = desk.release(settings=OTHER_CONTRACT).failures
    assert failures[0].startswith("contract_changed")
    assert (seen(desk).failed, seen(desk).behind) == ({DATE: failures}, ())
    desk.deliver(f'ContactId = "call-2"; {GONE}')
    assert (seen(desk).failed, seen(desk).behind) == ({DATE: failures}, (DATE,))
    assert not desk.release().new
    assert (seen(desk).failed, seen(desk).behind) == ({}, ())


def test_what_waits_is_as_the_last_attempt_found_it(desk: Desk) -> None:
    """Also what changes no line, and so makes no version."""
    desk.deliver("")
    desk.release()
    desk.deliver('ContactId = "call-2"; Attributes = null', "Queue = 5", "Queue = 6; Agent = 7")
    desk.release()
    assert (seen(desk).held, seen(desk).quarantined) == ({DATE: 1}, {DATE: {"wrong_type": 2}})


def test_an_attempt_that_comes_to_the_same_is_not_written_again(desk: Desk) -> None:
    desk.deliver("")
    desk.release()
    path = desk.root / "audit" / "attempts" / f"{DATE}.json"
    before = path.stat().st_mtime_ns, path.read_bytes()
    desk.release(now=LATER)
    assert (path.stat().st_mtime_ns, path.read_bytes()) == before
    path.write_bytes(b"oops")
    with pytest.raises(StorageError, match=r"2026-03-01\.json is not an attempt; delete it"):
        seen(desk)


def test_instants_are_those_of_the_objects(desk: Desk) -> None:
    desk.deliver("")
    agents = desk.root / "agents.csv"
    agents.write_text("agent_id,extension\n")
    for path, seconds in ((desk.root / "ledger" / desk.ledger.names(DATE)[0], 60), (agents, 120)):
        os.utime(path, (seconds, seconds))
    found = status_reader(desk.root, None, str(agents))()
    assert (found.newest_part_at, found.agents_written_at) == ("1970-01-01T00:01:00Z", "1970-01-01T00:02:00Z")
    assert status_reader(desk.root, None, str(desk.root / "none.csv"))().agents_written_at is None


def test_where_there_is_no_ledger(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="holds no ledger"):
        status_reader(tmp_path, None, None)


def test_the_command_tells_it_to_people_and_to_scripts(desk: Desk) -> None:
    desk.deliver("", "Queue = 5", 'InitiationTimestamp = "2026-03-09T10:00:00Z"')
    close(desk, NEXT)
    desk.release()
    lines = CliRunner().invoke(cli, ["status", "--out", str(desk.root)]).output.splitlines()
    assert lines[0] == "open           2026-03-09"
    assert lines[1] == "unreleased     2026-03-02"
    assert f"last release   {DATE} v0001, 2026-04-01T00:00:00Z (" in lines[5]
    assert lines[7] == f"quarantined    1 records: {DATE}"
    as_json = CliRunner().invoke(cli, ["status", "--out", str(desk.root), "--json"]).output
    at = {"seen_at": MIDNIGHT, "newest_part_at": None}
    assert msgspec.structs.replace(msgspec.json.decode(as_json, type=Status), **at) == seen(desk)


def test_many_dates_are_cut_and_ages_are_told() -> None:
    dates = tuple(f"2026-03-{day:02d}" for day in range(1, 8))
    last = LastRelease("2026-03-31T22:30:00Z", DATE, 12)
    found = Status(
        MIDNIGHT, dates, (), (), {DATE: ("volume", "sums")}, 9, last, {DATE: 3}, {}, "2026-03-31T20:00:00Z", None
    )
    assert found.text().splitlines() == [
        "open           2026-03-01, 2026-03-02, 2026-03-03, 2026-03-04, 2026-03-05 and 2 more",
        "unreleased     none",
        "behind         none",
        "failed         2026-03-01 (volume, sums)",
        "released       9 dates",
        "last release   2026-03-01 v0012, 2026-03-31T22:30:00Z (90 min ago)",
        "held           3 lines: 2026-03-01",
        "quarantined    0 records",
        "newest part    2026-03-31T20:00:00Z (4 h ago)",
        "agents' table  none",
    ]
