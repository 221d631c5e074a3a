"""--from and --to of backfill and replay, as a user gives them: billing dates, whichever day their records arrived."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.integration.failing import SETTINGS, fails
from tests.support.answered_calls import MORNING, json_lines, record
from tests.support.command import command
from tests.support.partner_files import csv_rows, date_of, digests, versions

LATE = MORNING.replace(hour=23, minute=58)
DAYS = 3


@pytest.fixture
def days(world: Path) -> Path:
    """Three days with a call in the morning, and one before midnight that arrives after it."""
    (world / "archive" / "contacts.jsonl").unlink()
    for day in range(DAYS):
        began = timedelta(days=day)
        arrivals = {MORNING + began: f"morning-{day}", LATE + began: f"night-{day}"}
        for at, contact in arrivals.items():
            arrived = at + timedelta(minutes=5)
            folder = world / "archive" / f"{arrived:%Y/%m/%d/%H}"
            folder.mkdir(parents=True)
            (folder / "object").write_bytes(json_lines(record(contact, at)))
    return world


def run(world: Path, *options: str, out: str = "out", job: str = "backfill") -> Any:
    places = ("--archive", world / "archive", "--agents", world / "agents.csv", "--out", world / out)
    finished = command(job, *places, *options, "--json")
    assert (finished.code, finished.err) == (0, "")
    return json.loads(finished.out)


def published(world: Path, out: str = "out") -> dict[str, list[str]]:
    """The contacts that the partner gets, by date."""
    found = versions(world / out / "release")
    return {date_of(version): [row["contact_id"] for row in csv_rows(version)] for version in found}


FIRST, SECOND, THIRD = (f"2026-03-0{day + 1}" for day in range(DAYS))
ALL = {f"2026-03-0{day + 1}": [f"morning-{day}", f"night-{day}"] for day in range(DAYS)}


def test_one_date(days: Path) -> None:
    """With the records of it that arrived on the next one; of others there is one line."""
    (days / "arrival.toml").write_text("[records]\narrival_days = 1\n")
    options = ("--from", SECOND, "--to", SECOND, "--config", str(days / "arrival.toml"))
    told = run(days, *options)
    assert published(days) == {SECOND: ALL[SECOND]}
    assert (told["files"], told["other_dates"]) == (4, {FIRST: 1, THIRD: 1})
    places = ("--archive", days / "archive", "--agents", days / "agents.csv", "--out", days / "out")
    text = command("backfill", *places, *options).out
    counted = "records of other dates: 2 (2 dates from 2026-03-01 to 2026-03-03)"
    line = f"{counted}; they are in the ledger and were not published\n"
    assert text.count(line) == 1
    replayed = command("replay", *places, *options).out
    assert replayed.startswith(f"2026-03-02  2 records\n{line}")


def test_open_sides(days: Path) -> None:
    assert run(days, "--from", SECOND, out="from")["files"] == 5
    assert published(days, "from") == {SECOND: ALL[SECOND], THIRD: ALL[THIRD]}
    assert run(days, "--to", FIRST, out="to")["files"] == 6
    assert published(days, "to") == {FIRST: ALL[FIRST]}


def test_empty_dates_between_are_published(days: Path) -> None:
    (days / "archive/2026/03/02/10/object").unlink()
    (days / "archive/2026/03/03/00/object").unlink()
    run(days, "--from", "2026-02-28", "--to", THIRD)
    assert published(days) == {"2026-02-28": [], **ALL, SECOND: []}


def test_day_by_day_gives_what_one_run_gives(days: Path) -> None:
    """In any order: the rows of other dates that a run reads on the way count when their date is published."""
    for date in (THIRD, FIRST, SECOND):
        run(days, "--from", date, "--to", date)
    run(days, "--from", FIRST, "--to", THIRD, out="one")
    assert published(days) == ALL
    manifests = [digests(days / out / "release") for out in ("out", "one")]
    for names in manifests:
        for name in [name for name in names if name.endswith("latest.json")]:
            del names[name]
    assert manifests[0] == manifests[1]
    assert digests(days / "out/ledger") == digests(days / "one/ledger")


def test_rows_without_a_date_are_in_the_summary(days: Path) -> None:
    (days / "archive/2026/03/02/10/more").write_bytes(b"no record\n")
    told = run(days, "--from", SECOND, "--to", SECOND, "--accept-unreadable")
    assert told["unknown"]["quarantined"] == {"not_json": 1}
    assert "unknown" not in told["other_dates"]


@pytest.mark.parametrize("first", ["0026-03-01", "0001-01-01"])
def test_a_range_of_centuries_is_asked_back(world: Path, first: str) -> None:
    fails(
        world,
        SETTINGS,
        f"--from {first} --to 9999-12-31",
        "check the years",
        options=("--from", first, "--to", "9999-12-31"),
    )


def test_the_ends_of_the_calendar(days: Path) -> None:
    run(days, "--to", "9999-12-31")
    assert published(days) == ALL
    run(days, "--from", "0001-01-01", out="from")
    assert published(days, "from") == ALL
