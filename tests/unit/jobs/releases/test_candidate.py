"""Amendments: what makes a version out of the one before, and nothing else."""

import json

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


def test_withdrawn_versions_stay(desk: Desk) -> None:
    desk.deliver("")
    desk.release()
    before = desk.files()
    desk.deliver(f"{NEWER}; Agent = null")
    desk.release()
    after = desk.files()
    assert all(after[name] == data for name, data in before.items() if "/v0001/" in name)


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


def test_a_dry_run_says_what_a_release_does_and_writes_nothing(desk: Desk) -> None:
    desk.deliver("")
    first = desk.preview()
    assert (first.new, first.version, desk.files(), desk.files("audit")) == (True, 1, {}, {})
    desk.release()
    desk.deliver('ContactId = "call-2"')
    before = desk.files(), desk.files("audit")
    said = desk.preview()
    assert (desk.files(), desk.files("audit")) == before
    done = desk.release()
    assert (said.new, said.version, said.control, said.amendments) == (True, 2, done.control, done.amendments)
    assert (desk.preview().new, desk.preview().version) == (False, 2)


def test_a_dry_run_tells_what_would_fail(desk: Desk) -> None:
    desk.deliver("", 'InitiationTimestamp = "2026-02-28T23:00:00Z"')
    said = desk.preview()
    assert (said.new, said.failures) == (False, ("contact_under_two_dates: 1 contacts",))
    assert (desk.files(), desk.files("audit")) == ({}, {})


def test_the_audit_lists_the_ledger_by_object(desk: Desk) -> None:
    desk.deliver("")
    desk.deliver('ContactId = "call-2"')
    desk.release()
    objects = json.loads(desk.files("audit")[f"billing_date={DATE}/v0001.json"])["ledger"]
    assert [o["name"] for o in objects] == desk.ledger.names(DATE)
    assert all(o["bytes"] > 0 and len(o["sha256"]) == 64 for o in objects)
    assert len({o["sha256"] for o in objects}) == 2


def test_volumes_are_the_operators(desk: Desk) -> None:
    """They depend on other dates, so that the manifest would depend on the order of releases."""
    for day in (1, 8, 15):
        desk.deliver(
            f'ContactId = "{day}"; InitiationTimestamp = "2026-03-{day:02d}T10:00:00Z"; '
            f'DisconnectTimestamp = "2026-03-{day:02d}T11:00:00Z"'
        )
    for day in (16, 17, 18):
        desk.deliver(
            *(
                f'ContactId = "{day}"; InitiationTimestamp = "2026-03-15T10:00:00Z"; '
                f'DisconnectTimestamp = "2026-03-15T11:00:00Z"'
                for day in range(20, 23)
            )
        )
    for day in (1, 8, 15):
        desk.release(date=f"2026-03-{day:02d}")
    audit = json.loads(desk.files("audit")["billing_date=2026-03-15/v0001.json"])
    (volume,) = [e for e in audit["expectations"] if e["rule"] == "volume_is_usual"]
    assert (volume["passed"], volume["severity"]) == (False, "warn")
    manifest = json.loads(desk.files()["billing_date=2026-03-15/v0001/manifest.json"])
    rules = {e["rule"] for e in manifest["expectations"]}
    assert "contact_id_unique" in rules
    assert "volume_is_usual" not in rules
