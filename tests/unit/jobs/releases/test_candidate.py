"""Amendments: what makes a version out of the one before, and nothing else."""

from pathlib import Path

from jobs.settings import settings as wanted
from jobs.settings.settings import Settings
from tests.support.amendments import apply, counted
from tests.support.desk import Desk
from tests.support.records import DATE

NEWER = 'LastUpdateTimestamp = "2026-03-07T00:00:00Z"'
SIX = Settings(release=wanted.Release(contract="six-columns-hold.v1"))


def test_added_changed_and_withdrawn_lines(desk: Desk) -> None:
    desk.deliver("", 'ContactId = "call-2"', 'ContactId = "call-3"')
    assert desk.release().amendments == {}
    assert desk.amendments(1) == []
    desk.deliver(
        f"{NEWER}; Agent.AgentInteractionDuration = 31",
        f'{NEWER}; ContactId = "call-2"; Agent = null',
        'ContactId = "call-4"; CustomerEndpoint = null',
    )
    assert desk.release().amendments == {"ADDED": 1, "CHANGED": 1, "WITHDRAWN": 1}
    names = ("amendment", "contact_id", "previous_contact_id", "talk_seconds", "previous_talk_seconds", "revision")
    assert [tuple(row[name] for name in names) for row in desk.amendments(2)] == [
        ("ADDED", "call-4", "", "30", "", "2"),
        ("CHANGED", "call-1", "call-1", "31", "30", "2"),
        ("WITHDRAWN", "", "call-2", "", "30", ""),
    ]
    assert apply(desk.lines(1), desk.amendments(2)) == counted(desk.lines(2))
    manifest = desk.manifest(2)
    assert (manifest["amends"], manifest["amendments"]) == (1, {"ADDED": 1, "CHANGED": 1, "WITHDRAWN": 1})
    assert (desk.manifest(1)["amends"], desk.manifest(1)["amendments"]) == (None, {})
    assert {f["name"]: f["rows"] for f in manifest["files"]} == {
        "amendments.csv": 3,
        "billing.csv": 3,
        "billing.parquet": 3,
    }


def test_the_header_of_amendments_is_there_from_the_first_version(desk: Desk) -> None:
    desk.deliver("")
    desk.release()
    header = desk.files()[f"billing_date={DATE}/v0001/amendments.csv"].decode()
    names = list(desk.lines(1)[0])
    assert header == ",".join(["amendment", *names, *(f"previous_{n}" for n in names)]) + "\r\n"


def test_without_a_contact_id_a_change_is_a_line_that_goes_and_one_that_comes(desk: Desk) -> None:
    """Lines that look the same are counted, not taken for one another."""
    desk.deliver("", 'ContactId = "call-2"', 'ContactId = "call-3"')
    desk.release(settings=SIX)
    assert len(counted(desk.lines(1))) == 1
    desk.deliver(f"{NEWER}; Agent.CustomerHoldDuration = 6", 'ContactId = "call-4"')
    assert desk.release(settings=SIX).amendments == {"ADDED": 1}
    assert apply(desk.lines(1), desk.amendments(2)) == counted(desk.lines(2))
    desk.deliver('LastUpdateTimestamp = "2026-03-08T00:00:00Z"; Agent = null; ContactId = "call-3"')
    assert desk.release(settings=SIX).amendments == {"WITHDRAWN": 1}
    assert apply(desk.lines(2), desk.amendments(3)) == counted(desk.lines(3))


def test_what_the_contract_does_not_show_makes_no_version(desk: Desk) -> None:
    desk.deliver("")
    desk.release(settings=SIX)
    desk.deliver(f'{NEWER}; DisconnectTimestamp = "2026-03-01T10:59:00Z"')
    assert not desk.release(settings=SIX).new
    other = Desk(desk.root / "other")
    other.deliver("")
    other.release()
    other.deliver(f'{NEWER}; DisconnectTimestamp = "2026-03-01T10:59:00Z"')
    assert other.release().amendments == {"CHANGED": 1}


def test_what_was_told_before_is_told_no_more(tmp_path: Path) -> None:
    """Amendments that follow are told again."""
    desk = Desk(tmp_path)
    desk.deliver("", 'ContactId = "call-2"')
    desk.release()
    (tmp_path / "release" / f"billing_date={DATE}" / "v0001" / "erased.json").write_bytes(b"{}")
    desk.release()
    assert (desk.manifest(2)["amends"], desk.amendments(2)) == (None, [])
    assert [line["revision"] for line in desk.lines(2)] == ["1", "1"]
    desk.deliver('ContactId = "call-3"')
    desk.release()
    assert (desk.manifest(3)["amends"], desk.manifest(3)["amendments"]) == (2, {"ADDED": 1})
