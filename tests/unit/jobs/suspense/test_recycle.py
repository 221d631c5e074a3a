"""Recycling: what is quarantined no longer counts once, at its date; everything else stays as it was."""

import csv
import io
import json
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from jobs.releases.verify.against_ledger import LedgerVerifier
from jobs.settings.connections import S3
from jobs.settings.settings import Billing, Settings
from jobs.suspense.quarantine import read_quarantined
from sinks.ledger import Ledger
from sinks.s3 import S3Store
from sinks.store import LocalStore
from tests.support.ledgers import NO_AGENTS, history
from tests.support.records import DATE, payload
from tests.support.suspense import LATER, NEW_VERSION, Suspense, judged, unreadable
from transforms.lines.control_totals import imbalance

NEXT = "2026-03-02"
NEW = payload(f'{NEW_VERSION}; ContactId = "new"')
BAD_TOO = payload(f'{NEW_VERSION}; ContactId = "bad"; DisconnectTimestamp = null')
HELD = payload(f'{NEW_VERSION}; ContactId = "held"; Attributes = null')
CHAT = payload(f'{NEW_VERSION}; ContactId = "chat"; Channel = "CHAT"')
END = 'DisconnectTimestamp = "2026-03-09T00:00:00Z"'
TOMORROW = payload(f'{END}; ContactId = "tomorrow"; InitiationTimestamp = "2026-03-02T09:00:00Z"')
QUARANTINED = {"unsupported_version": 1}


def still(suspense: Suspense, date: str = DATE) -> int:
    return sum(read_quarantined(suspense.ledger, date, suspense.ledger.recycled.names()).counts.values())


@pytest.mark.parametrize("live", [False, True])
def test_what_is_billable_now_is_an_amendment_of_the_next_release(suspense: Suspense, live: bool) -> None:
    suspense.read(payload(), NEW, live=live)
    first = suspense.release(DATE, Settings())
    assert (first.version, first.control.billed, first.control.quarantined) == (1, 1, QUARANTINED)
    result = suspense.recycle()
    assert {key: dict(fate) for key, fate in result.fates.items()} == {(DATE, "unsupported_version"): {"billable": 1}}
    assert (result.rows, result.release, [result.object]) == (1, (DATE,), suspense.objects())
    again = suspense.release(DATE)
    assert (again.new, again.version, again.amendments, again.failures) == (True, 2, {"ADDED": 1}, ())
    assert (again.control.read, again.control.billed, again.control.quarantined) == (2, 2, {})
    data = (suspense.root / f"release/billing_date={DATE}/v0002/amendments.csv").read_bytes().decode()
    assert [(row["amendment"], row["contact_id"]) for row in csv.DictReader(io.StringIO(data))] == [("ADDED", "new")]


def test_every_fate_is_counted_by_date_and_reason(suspense: Suspense) -> None:
    suspense.read(NEW, BAD_TOO, HELD, CHAT, payload("Queue = 5"))
    suspense.read(b"oops", b"{", live=True)
    result = suspense.recycle()
    assert {key: dict(fate) for key, fate in result.fates.items()} == {
        (DATE, "unsupported_version"): {"billable": 1, "held": 1, "excluded": 1, "quarantined": 1},
        (DATE, "wrong_type"): {"quarantined": 1},
        ("unknown", "not_json"): {"quarantined": 2},
    }
    control = suspense.release(DATE).control
    assert (control.read, control.billed, control.held) == (5, 1, 1)
    assert (control.excluded, control.quarantined) == ({"channel": 1}, {"unsupported_version": 1, "wrong_type": 1})


def test_recycling_again_finds_nothing_left_and_writes_nothing(suspense: Suspense) -> None:
    suspense.read(NEW, BAD_TOO)
    suspense.recycle()
    before = suspense.ledger.store.names("")
    again = suspense.recycle()
    assert (again.rows, again.release, again.object) == (0, (), "")
    assert {key: dict(fate) for key, fate in again.fates.items()} == {(DATE, "unsupported_version"): {"quarantined": 1}}
    assert suspense.ledger.store.names("") == before


def test_a_dry_run_says_the_same_and_writes_nothing(suspense: Suspense) -> None:
    suspense.read(NEW, BAD_TOO)
    before = suspense.ledger.store.names("")
    tried = suspense.recycle(dry_run=True)
    assert suspense.ledger.store.names("") == before
    done = suspense.recycle()
    assert (tried.fates, tried.release, tried.object) == (done.fates, done.release, "")


def test_dates_and_reasons_limit_what_is_recycled(suspense: Suspense) -> None:
    other = payload(f'{NEW_VERSION}; {END}; InitiationTimestamp = "2026-03-02T09:00:00Z"; ContactId = "b"')
    suspense.read(NEW, other, payload('InitiationMethod = "FAX"'))
    settings = Settings(records=LATER.records, billing=Billing(inbound_methods=("INBOUND", "FAX")))
    judge = judged(settings.rules)
    assert suspense.recycle(judge, [NEXT]).release == (NEXT,)
    assert suspense.recycle(judge, reason="unknown_initiation_method").fates == {
        (DATE, "unknown_initiation_method"): {"billable": 1}
    }
    assert suspense.recycle(judge, reason="not_json").fates == {}
    assert suspense.recycle(judge).fates == {(DATE, "unsupported_version"): {"billable": 1}}


def test_a_row_without_a_date_gets_one(suspense: Suspense) -> None:
    """Read stays what it is over all dates; both balance."""
    suspense.read(payload(), b"oops")
    suspense.read(TOMORROW, judge=unreadable, live=True)
    assert suspense.releases().write_unknown("unknown").quarantined == {"not_json": 2}
    assert suspense.release(NEXT).control.read == 0
    assert suspense.recycle(judged()).release == (NEXT,)
    controls = [
        suspense.release(DATE).control,
        suspense.release(NEXT).control,
        suspense.releases().write_unknown("unknown"),
    ]
    assert [(c.read, c.billed, c.quarantined) for c in controls] == [(1, 1, {}), (1, 1, {}), (1, 0, {"not_json": 1})]
    assert [imbalance(c) for c in controls] == [None] * 3


def test_a_payload_that_is_not_kept_or_gone_stays_quarantined(suspense: Suspense) -> None:
    suspense.read(b" " * 1_048_577)
    suspense.read(NEW, kept=False)
    assert {key: dict(fate) for key, fate in suspense.recycle().fates.items()} == {
        (DATE, "unsupported_version"): {"no payload": 1},
        ("unknown", "too_large"): {"no payload": 1},
    }
    assert suspense.objects() == []


def test_a_place_that_was_read_twice_is_recycled_twice(suspense: Suspense) -> None:
    for _ in range(2):
        suspense.read(NEW, live=True, positions=["7"])
    assert suspense.recycle().rows == 2
    control = suspense.release(DATE).control
    assert (control.read, control.billed, control.duplicate, control.quarantined) == (2, 1, 1, {})
    suspense.read(NEW, live=True, positions=["7"])
    assert suspense.release(DATE).control.quarantined == QUARANTINED
    assert suspense.recycle().rows == 1
    control = suspense.release(DATE).control
    assert (control.read, control.billed, control.duplicate, control.quarantined) == (3, 1, 2, {})


def test_records_that_share_a_place_are_told_apart(suspense: Suspense) -> None:
    """A producer's aggregate has one sequence number; one of its records is good, one recycled, one stays."""
    bad = NEW.replace(b"10:00:56Z", b"10:00:99Z")
    assert len(bad) == len(NEW)
    suspense.read(payload(), NEW, bad, live=True, positions=["7"] * 3)
    assert suspense.recycle().rows == 1
    control = suspense.release(DATE).control
    assert (control.read, control.billed, control.quarantined) == (3, 2, QUARANTINED)
    assert still(suspense) == 1
    assert suspense.recycle().rows == 0


def test_two_at_once_count_a_record_once(suspense: Suspense, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has looked before the other has written; with other settings they say something else of it."""
    suspense.read(NEW, HELD)
    fresh = suspense.ledger.recycled.names()
    agents = history([{"agent_id": "nurse-1", "extension": "100", "valid_from": "", "valid_to": ""}])
    monkeypatch.setattr(type(suspense.ledger.recycled), "names", lambda _: fresh)
    results = [suspense.recycle(), suspense.recycle(), suspense.recycle(judged(LATER.rules, agents))]
    monkeypatch.undo()
    assert [result.rows for result in results] == [2, 2, 2]
    assert suspense.objects() == sorted({result.object for result in results})
    assert len(suspense.objects()) == 2
    control = suspense.release(DATE).control
    assert (control.read, control.billed, control.held, control.duplicate) == (2, 1, 1, 0)


def test_two_at_once_that_give_a_record_different_dates(suspense: Suspense, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = suspense.ledger.recycled.names()
    suspense.read(TOMORROW, judge=unreadable)
    late = payload(f'{END}; ContactId = "tomorrow"; InitiationTimestamp = "2026-03-03T09:00:00Z"')
    monkeypatch.setattr(type(suspense.ledger.recycled), "names", lambda _: fresh)
    suspense.recycle(judged())
    suspense.recycle(lambda _: judged()(late))
    monkeypatch.undo()
    assert len(suspense.objects()) == 2
    controls = [suspense.release(date).control for date in (NEXT, "2026-03-03")]
    assert sorted((c.read, c.billed) for c in controls) == [(0, 0), (1, 1)]
    assert suspense.releases().write_unknown("unknown").read == 0


def test_an_input_that_is_read_anew_takes_its_rows_back(suspense: Suspense) -> None:
    """A replay with today's settings bills the record itself: it must not count a second time."""
    suspense.read(NEW, input_name="aa-0", positions=["7"])
    suspense.read(TOMORROW, judge=unreadable, input_name="bb-0")
    assert suspense.recycle().rows == 2
    assert [suspense.release(d).control.read for d in (DATE, NEXT)] == [1, 1]
    for name, data, positions in (("aa-0", NEW, ["7"]), ("bb-0", TOMORROW, [])):
        suspense.ledger.forget(name)
        suspense.read(data, judge=judged(LATER.rules), input_name=name, positions=positions)
    controls = [suspense.release(d).control for d in (DATE, NEXT)]
    assert [(c.read, c.billed, c.duplicate) for c in controls] == [(1, 1, 0), (1, 1, 0)]
    suspense.ledger.forget("aa-0")
    suspense.read(NEW, input_name="aa-0", positions=["7"])
    assert suspense.release(DATE).control.read == 1


def test_of_two_alike_rows_one_is_read_anew(suspense: Suspense) -> None:
    for name in ("aa-0", "bb-0"):
        suspense.read(NEW, input_name=name, positions=["7"])
    assert suspense.recycle().rows == 2
    suspense.ledger.forget("aa-0")
    suspense.read(NEW, judge=judged(LATER.rules), input_name="aa-0", positions=["7"])
    control = suspense.release(DATE).control
    assert (control.read, control.billed, control.duplicate, control.quarantined) == (2, 1, 1, {})


@pytest.mark.parametrize("swapped", [False, True])
def test_two_at_once_of_whom_one_has_seen_more(
    suspense: Suspense, swapped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (NEW, NEW.replace(b'"new"', b'"own"'))[:: -1 if swapped else 1]
    monkeypatch.setattr(type(suspense.ledger.recycled), "names", lambda _: ())
    for data in (one, two):
        suspense.read(data, live=True, positions=["7"])
        suspense.recycle()
    monkeypatch.undo()
    assert len(suspense.objects()) == 2
    control = suspense.release(DATE).control
    assert (control.read, control.billed, control.duplicate) == (2, 2, 0)


def test_the_operator_can_verify_a_release_of_recycled_rows(suspense: Suspense) -> None:
    suspense.read(payload(), NEW)
    suspense.recycle()
    suspense.release(DATE)
    partner, audit = LocalStore(suspense.root / "release"), LocalStore(suspense.root / "audit")
    against = LedgerVerifier(suspense.ledger, partner, audit, LATER, NO_AGENTS)
    assert list(against.findings(DATE)) == []
    (suspense.root / "ledger" / suspense.objects()[0]).unlink()
    assert any("recycled/" in finding for finding in against.findings(DATE))


def test_on_s3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "x")
    suspense = Suspense(tmp_path)
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="records")
        stores = [
            S3Store(f"s3://records/{place}", S3(region="us-east-1"), "storage") for place in ("ledger", "quarantine")
        ]
        suspense.quarantine = stores[1]
        suspense.ledger = Ledger(stores[0], "UTC", stores[1])
        suspense.ledger.open()
        suspense.read(payload(), NEW)
        suspense.read(TOMORROW, judge=unreadable, live=True)
        assert suspense.recycle().rows == 2
        assert [len(stores[0].names("recycled")), suspense.recycle().rows] == [1, 0]
        controls = [suspense.release(date).control for date in (DATE, NEXT)]
    assert [(c.read, c.billed, c.quarantined) for c in controls] == [(2, 2, {}), (1, 1, {})]


def test_an_input_that_is_not_read_to_its_end_is_not_recycled(suspense: Suspense) -> None:
    suspense.read(NEW, input_name="aa-0")
    (suspense.root / "ledger/inputs/aa-0.json").unlink()
    assert suspense.recycle().fates == {}
    assert (still(suspense), suspense.objects()) == (0, [])


def test_a_record_that_was_recycled_can_withdraw_a_line(suspense: Suspense) -> None:
    suspense.read(payload(), payload(f'{NEW_VERSION}; LastUpdateTimestamp = "2026-03-07T00:00:00Z"; Agent = null'))
    assert suspense.release(DATE).control.billed == 1
    suspense.recycle()
    again = suspense.release(DATE)
    assert (again.amendments, again.control.superseded) == ({"WITHDRAWN": 1}, 1)


@pytest.mark.parametrize("there", [False, True])
def test_a_contact_that_was_recycled_into_a_neighbouring_date_stops_a_release(suspense: Suspense, there: bool) -> None:
    if there:
        suspense.read(payload(f'{END}; ContactId = "other"; InitiationTimestamp = "2026-03-02T09:00:00Z"'))
    suspense.read(payload('ContactId = "tomorrow"'))
    suspense.read(TOMORROW, judge=unreadable)
    assert suspense.releases().preview_date(DATE).failures == ()
    suspense.recycle()
    for date in (DATE, NEXT):
        assert suspense.release(date).failures == ("contact_under_two_dates: 1 contacts",)


def test_the_audit_lists_the_recycled_objects_that_were_read(suspense: Suspense) -> None:
    suspense.read(payload(), NEW, TOMORROW)
    (name,) = [suspense.recycle().object]
    for date, listed in ((DATE, [name]), (NEXT, [])):
        suspense.release(date)
        said = json.loads((suspense.root / f"audit/billing_date={date}/v0001.json").read_text())
        assert [o["name"] for o in said["ledger"] if not o["name"].startswith("outcomes/")] == listed


def test_without_recycled_rows_a_release_lists_once_more_and_reads_nothing_more(
    suspense: Suspense, monkeypatch: pytest.MonkeyPatch
) -> None:
    suspense.read(payload(), NEW)
    listed: list[str] = []
    names = LocalStore.names

    def watched(store: LocalStore, folder: str) -> list[str]:
        listed.append(folder)
        return names(store, folder)

    monkeypatch.setattr(LocalStore, "names", watched)
    monkeypatch.setattr("jobs.sql.date_tables.read_recycled", None)
    suspense.release(DATE)
    assert listed.count("recycled") == 1
