"""Procedures over a ledger: a lost day, lost parts, and records that were judged by the wrong settings."""

from pathlib import Path

import pytest

from tests.operations.world import DATES, World, call
from tests.support.partner_files import csv_rows

FIRST, LOST, LAST = DATES


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_lost_day_is_replayed_into_the_ledger(world: World) -> None:
    """The job was away until the stream had forgotten a day; the archive has it, and some of what the job has read."""
    early, late = call(FIRST, "early"), call(LAST, "late")
    lost = [call(LOST, f"lost-{n}") for n in range(3)]
    world.live(early)
    world.live(late, call(LOST, "just in time"))
    world.desk.close(LAST)
    before = world.released()
    assert before[LOST] == "1 1 0 0 0 0 0 35 v0001"
    archive = world.archived("2026/03/02/10/records.gz", early, *lost, call(LOST, "just in time"), late)

    said = world.command("replay", "--archive", archive)
    assert said.startswith(f"{FIRST}  1 records\n{LOST}  4 records\n{LAST}  1 records\n")
    after = world.released()
    # read, billed, held, excluded, superseded, duplicate, quarantined, seconds
    assert after == {
        FIRST: "2 1 0 0 0 1 0 35 v0001 (unchanged)",
        LOST: "5 4 0 0 0 1 0 140 v0002 (3 added)",
        LAST: "2 1 0 0 0 1 0 35 v0001 (unchanged)",
    }
    assert world.verify().count(" ok") == 3


def test_a_part_of_a_replay_that_is_gone_is_written_again(world: World) -> None:
    archive = world.archived("2026/03/01/10/records.gz", *(call(FIRST, f"call-{n}") for n in range(3)))
    world.command("replay", "--archive", archive)
    world.command("release", "--date", FIRST)
    part = world.part(FIRST, "replay-*")
    data = part.read_bytes()
    part.unlink()
    assert f"{part} is missing; restore it, or replay its archive" in world.verify(7)
    refused = world.command("release", "--date", FIRST, code=4)
    assert f"ledger_objects_gone: 1 that version 1 was made from no longer count, the first is {part}" in refused
    # Its mark says that it was read: without the mark, it is read again.
    (world.root / "ledger/inputs" / f"{part.stem.removeprefix('replay-').rpartition('-')[0]}.json").unlink()
    world.command("replay", "--archive", archive)
    assert part.read_bytes() == data
    assert world.released("--date", FIRST) == {FIRST: "3 3 0 0 0 0 0 105 v0001 (unchanged)"}
    assert world.verify().endswith(" ok\n")


def test_a_part_of_the_live_job_that_is_gone_is_replaced_from_the_archive(world: World) -> None:
    """Where no older version of the object can be had. Its name stays gone, which has to be accepted once."""
    known = [call(FIRST, "one"), call(FIRST, "two")]
    world.live(known[0])
    world.live(known[1])
    world.command("release", "--date", FIRST)
    part = world.part(FIRST)
    part.unlink()
    assert f"{part} is missing" in world.verify(7)
    assert "ledger_objects_gone" in world.command("release", "--date", FIRST, code=4)

    world.command("replay", "--archive", world.archived("arrived_date=2026-03-01/records.gz", *known))
    assert world.released("--date", FIRST) == {FIRST: "3 2 0 0 0 1 0 70 v0001 (unchanged)"}
    world.live(call(FIRST, "three"))
    assert "ledger_objects_gone" in world.command("release", "--date", FIRST, code=4)
    options = ("--date", FIRST, "--accept-loss")
    assert world.released(*options, "--dry-run") == {FIRST: "4 3 0 0 0 1 0 105 v0002 (1 added)"}
    assert world.released(*options) == {FIRST: "4 3 0 0 0 1 0 105 v0002 (1 added)"}
    assert world.verify().endswith(" ok\n")


def test_records_that_were_read_with_wrong_settings_are_read_again_into_a_new_ledger(world: World) -> None:
    """The version that was published by mistake is followed by one that takes it back, line by line."""
    calls = call(FIRST, "short"), call(FIRST, "long", "Agent.AgentInteractionDuration = 95")
    world.live(*calls)
    archive = world.archived("2026/03/01/10/records.gz", *calls)
    assert world.released("--date", FIRST) == {FIRST: "2 2 0 0 0 0 0 135 v0001"}
    right = world.settings("right.toml", "ledger-2", "[billing]\nminimum_call_seconds = 60\n")
    world.command("replay", "--archive", archive, config=right)
    assert "ledger_objects_gone" in world.command("release", "--date", FIRST, code=4, config=right)
    options = ("--date", FIRST, "--accept-loss")
    assert world.released(*options, config=right) == {FIRST: "2 1 0 1 0 0 0 100 v0002 (1 withdrawn)"}
    lines = csv_rows(world.root / "release" / f"billing_date={FIRST}" / "v0002")
    assert [line["contact_id"] for line in lines] == ["long"]
    assert world.verify(ledger="ledger-2", config=right).endswith(" ok\n")


def test_a_date_that_must_not_be_billed_is_withdrawn(world: World) -> None:
    """As a whole, for good, and without touching the ledger; and it can come back."""
    world.live(call(FIRST, "one"), call(FIRST, "two"), call(FIRST, "held", "Attributes = null"))
    world.live(call(LOST, "three"))
    world.desk.close(LOST)
    assert world.released()[FIRST] == "3 2 1 0 0 0 0 70 v0001"
    none = world.settings("none.toml", more=f'[release]\nnot_billed = ["{FIRST}"]\n')
    assert world.released(config=none) == {
        FIRST: "3 0 0 3 0 0 0 0 v0002 (2 withdrawn)",
        LOST: "1 1 0 0 0 0 0 35 v0001 (unchanged)",
    }
    world.live(call(FIRST, "late"))
    assert world.released(config=none)[FIRST] == "4 0 0 4 0 0 0 0 v0002 (unchanged)"
    assert world.verify(config=none).count(" ok") == 2
    assert world.command("held", "list").endswith("1 held in all\n")
    assert world.command("held", "list", config=none) == "0 held in all\n"
    assert world.released()[FIRST] == "4 3 1 0 0 0 0 105 v0003 (3 added)"
