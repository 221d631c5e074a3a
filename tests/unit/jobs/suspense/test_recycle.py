"""Recycling: what is quarantined no longer counts once, at its date; everything else stays as it was."""

import csv
import io
import json
from pathlib import Path

import boto3
import pyarrow as pa
import pytest
from moto import mock_aws

from jobs.releases.verify.against_ledger import LedgerVerifier
from jobs.settings.connections import S3
from jobs.settings.settings import Billing, Settings
from jobs.suspense.quarantine import payloads, read_quarantined
from schemas.errors import StorageError
from schemas.recycled import RECYCLED_COLUMNS, Suspended
from schemas.render import arrow_schema
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


@pytest.fixture
def desk(tmp_path: Path) -> Suspense:
    return Suspense(tmp_path)


def still(desk: Suspense, date: str = DATE) -> int:
    return sum(read_quarantined(desk.ledger, date, desk.ledger.recycled.names()).still.values())


@pytest.mark.parametrize("live", [False, True])
def test_what_is_billable_now_is_an_amendment_of_the_next_release(desk: Suspense, live: bool) -> None:
    desk.read(payload(), NEW, live=live)
    first = desk.release(DATE, Settings())
    assert (first.version, first.control.billed, first.control.quarantined) == (1, 1, QUARANTINED)
    result = desk.recycle()
    assert {key: dict(fate) for key, fate in result.fates.items()} == {(DATE, "unsupported_version"): {"billable": 1}}
    assert (result.rows, result.release, [result.object]) == (1, (DATE,), desk.objects())
    again = desk.release(DATE)
    assert (again.new, again.version, again.amendments, again.failures) == (True, 2, {"ADDED": 1}, ())
    assert (again.control.read, again.control.billed, again.control.quarantined) == (2, 2, {})
    data = (desk.root / f"release/billing_date={DATE}/v0002/amendments.csv").read_bytes().decode()
    assert [(row["amendment"], row["contact_id"]) for row in csv.DictReader(io.StringIO(data))] == [("ADDED", "new")]


def test_every_fate_is_counted_by_date_and_reason(desk: Suspense) -> None:
    desk.read(NEW, BAD_TOO, HELD, CHAT, payload("Queue = 5"))
    desk.read(b"oops", b"{", live=True)
    result = desk.recycle()
    assert {key: dict(fate) for key, fate in result.fates.items()} == {
        (DATE, "unsupported_version"): {"billable": 1, "held": 1, "excluded": 1, "quarantined": 1},
        (DATE, "wrong_type"): {"quarantined": 1},
        ("unknown", "not_json"): {"quarantined": 2},
    }
    control = desk.release(DATE).control
    assert (control.read, control.billed, control.held) == (5, 1, 1)
    assert (control.excluded, control.quarantined) == ({"channel": 1}, {"unsupported_version": 1, "wrong_type": 1})


def test_recycling_again_finds_nothing_left_and_writes_nothing(desk: Suspense) -> None:
    desk.read(NEW, BAD_TOO)
    desk.recycle()
    before = desk.ledger.store.names("")
    again = desk.recycle()
    assert (again.rows, again.release, again.object) == (0, (), "")
    assert {key: dict(fate) for key, fate in again.fates.items()} == {(DATE, "unsupported_version"): {"quarantined": 1}}
    assert desk.ledger.store.names("") == before


def test_a_dry_run_says_the_same_and_writes_nothing(desk: Suspense) -> None:
    desk.read(NEW, BAD_TOO)
    before = desk.ledger.store.names("")
    tried = desk.recycle(dry_run=True)
    assert desk.ledger.store.names("") == before
    done = desk.recycle()
    assert (tried.fates, tried.release, tried.object) == (done.fates, done.release, "")


def test_dates_and_reasons_limit_what_is_recycled(desk: Suspense) -> None:
    other = payload(f'{NEW_VERSION}; {END}; InitiationTimestamp = "2026-03-02T09:00:00Z"; ContactId = "b"')
    desk.read(NEW, other, payload('InitiationMethod = "FAX"'))
    settings = Settings(records=LATER.records, billing=Billing(inbound_methods=("INBOUND", "FAX")))
    judge = judged(settings.rules)
    assert desk.recycle(judge, [NEXT]).release == (NEXT,)
    assert desk.recycle(judge, reason="unknown_initiation_method").fates == {
        (DATE, "unknown_initiation_method"): {"billable": 1}
    }
    assert desk.recycle(judge, reason="not_json").fates == {}
    assert desk.recycle(judge).fates == {(DATE, "unsupported_version"): {"billable": 1}}


def test_a_row_without_a_date_gets_one(desk: Suspense) -> None:
    """Read stays what it is over all dates; both balance."""
    desk.read(payload(), b"oops")
    desk.read(TOMORROW, judge=unreadable, live=True)
    assert desk.releases().write_unknown("unknown").quarantined == {"not_json": 2}
    assert desk.release(NEXT).control.read == 0
    assert desk.recycle(judged()).release == (NEXT,)
    controls = [desk.release(DATE).control, desk.release(NEXT).control, desk.releases().write_unknown("unknown")]
    assert [(c.read, c.billed, c.quarantined) for c in controls] == [(1, 1, {}), (1, 1, {}), (1, 0, {"not_json": 1})]
    assert [imbalance(c) for c in controls] == [None] * 3


def test_a_payload_that_is_not_kept_or_gone_stays_quarantined(desk: Suspense) -> None:
    desk.read(b" " * 1_048_577)
    desk.read(NEW, kept=False)
    assert {key: dict(fate) for key, fate in desk.recycle().fates.items()} == {
        (DATE, "unsupported_version"): {"no payload": 1},
        ("unknown", "too_large"): {"no payload": 1},
    }
    assert desk.objects() == []


def test_a_place_that_was_read_twice_is_recycled_twice(desk: Suspense) -> None:
    for _ in range(2):
        desk.read(NEW, live=True, positions=["7"])
    assert desk.recycle().rows == 2
    control = desk.release(DATE).control
    assert (control.read, control.billed, control.duplicate, control.quarantined) == (2, 1, 1, {})
    desk.read(NEW, live=True, positions=["7"])
    assert desk.release(DATE).control.quarantined == QUARANTINED
    assert desk.recycle().rows == 1
    control = desk.release(DATE).control
    assert (control.read, control.billed, control.duplicate, control.quarantined) == (3, 1, 2, {})


def test_records_that_share_a_place_are_told_apart(desk: Suspense) -> None:
    """A producer's aggregate has one sequence number; one of its records is good, one recycled, one stays."""
    bad = NEW.replace(b"10:00:56Z", b"10:00:99Z")
    assert len(bad) == len(NEW)
    desk.read(payload(), NEW, bad, live=True, positions=["7"] * 3)
    assert desk.recycle().rows == 1
    control = desk.release(DATE).control
    assert (control.read, control.billed, control.quarantined) == (3, 2, QUARANTINED)
    assert still(desk) == 1
    assert desk.recycle().rows == 0


def test_two_at_once_count_a_record_once(desk: Suspense, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has looked before the other has written; with other settings they say something else of it."""
    desk.read(NEW, HELD)
    fresh = desk.ledger.recycled.names()
    agents = history([{"agent_id": "nurse-1", "extension": "100", "valid_from": "", "valid_to": ""}])
    monkeypatch.setattr(type(desk.ledger.recycled), "names", lambda _: fresh)
    results = [desk.recycle(), desk.recycle(), desk.recycle(judged(LATER.rules, agents))]
    monkeypatch.undo()
    assert [result.rows for result in results] == [2, 2, 2]
    assert desk.objects() == sorted({result.object for result in results})
    assert len(desk.objects()) == 2
    control = desk.release(DATE).control
    assert (control.read, control.billed, control.held, control.duplicate) == (2, 1, 1, 0)


def test_two_at_once_that_give_a_record_different_dates(desk: Suspense, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = desk.ledger.recycled.names()
    desk.read(TOMORROW, judge=unreadable)
    late = payload(f'{END}; ContactId = "tomorrow"; InitiationTimestamp = "2026-03-03T09:00:00Z"')
    monkeypatch.setattr(type(desk.ledger.recycled), "names", lambda _: fresh)
    desk.recycle(judged())
    desk.recycle(lambda _: judged()(late))
    monkeypatch.undo()
    assert len(desk.objects()) == 2
    controls = [desk.release(date).control for date in (NEXT, "2026-03-03")]
    assert sorted((c.read, c.billed) for c in controls) == [(0, 0), (1, 1)]
    assert desk.releases().write_unknown("unknown").read == 0


def test_an_input_that_is_read_anew_takes_its_rows_back(desk: Suspense) -> None:
    """A replay with today's settings bills the record itself: it must not count a second time."""
    desk.read(NEW, input_name="aa-0", positions=["7"])
    desk.read(TOMORROW, judge=unreadable, input_name="bb-0")
    assert desk.recycle().rows == 2
    assert [desk.release(d).control.read for d in (DATE, NEXT)] == [1, 1]
    for name, data, positions in (("aa-0", NEW, ["7"]), ("bb-0", TOMORROW, [])):
        desk.ledger.forget(name)
        desk.read(data, judge=judged(LATER.rules), input_name=name, positions=positions)
    controls = [desk.release(d).control for d in (DATE, NEXT)]
    assert [(c.read, c.billed, c.duplicate) for c in controls] == [(1, 1, 0), (1, 1, 0)]
    desk.ledger.forget("aa-0")
    desk.read(NEW, input_name="aa-0", positions=["7"])
    assert desk.release(DATE).control.read == 1


def test_of_two_alike_rows_one_is_read_anew(desk: Suspense) -> None:
    for name in ("aa-0", "bb-0"):
        desk.read(NEW, input_name=name, positions=["7"])
    assert desk.recycle().rows == 2
    desk.ledger.forget("aa-0")
    desk.read(NEW, judge=judged(LATER.rules), input_name="aa-0", positions=["7"])
    control = desk.release(DATE).control
    assert (control.read, control.billed, control.duplicate, control.quarantined) == (2, 1, 1, {})


@pytest.mark.parametrize("swapped", [False, True])
def test_two_at_once_of_whom_one_has_seen_more(desk: Suspense, swapped: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = (NEW, NEW.replace(b'"new"', b'"own"'))[:: -1 if swapped else 1]
    monkeypatch.setattr(type(desk.ledger.recycled), "names", lambda _: ())
    for data in (one, two):
        desk.read(data, live=True, positions=["7"])
        desk.recycle()
    monkeypatch.undo()
    assert len(desk.objects()) == 2
    control = desk.release(DATE).control
    assert (control.read, control.billed, control.duplicate) == (2, 2, 0)


def test_the_operator_can_verify_a_release_of_recycled_rows(desk: Suspense) -> None:
    desk.read(payload(), NEW)
    desk.recycle()
    desk.release(DATE)
    partner, audit = LocalStore(desk.root / "release"), LocalStore(desk.root / "audit")
    against = LedgerVerifier(desk.ledger, partner, audit, LATER, NO_AGENTS)
    assert list(against.findings(DATE)) == []
    (desk.root / "ledger" / desk.objects()[0]).unlink()
    assert any("recycled/" in finding for finding in against.findings(DATE))


def test_on_s3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "x")
    desk = Suspense(tmp_path)
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="records")
        stores = [
            S3Store(f"s3://records/{place}", S3(region="us-east-1"), "storage") for place in ("ledger", "quarantine")
        ]
        desk.quarantine = stores[1]
        desk.ledger = Ledger(stores[0], "UTC", stores[1])
        desk.ledger.open()
        desk.read(payload(), NEW)
        desk.read(TOMORROW, judge=unreadable, live=True)
        assert desk.recycle().rows == 2
        assert [len(stores[0].names("recycled")), desk.recycle().rows] == [1, 0]
        controls = [desk.release(date).control for date in (DATE, NEXT)]
    assert [(c.read, c.billed, c.quarantined) for c in controls] == [(2, 2, {}), (1, 1, {})]


def test_an_input_that_is_not_read_to_its_end_is_not_recycled(desk: Suspense) -> None:
    desk.read(NEW, input_name="aa-0")
    (desk.root / "ledger/inputs/aa-0.json").unlink()
    assert desk.recycle().fates == {}
    assert (still(desk), desk.objects()) == (0, [])


def test_a_record_that_was_recycled_can_withdraw_a_line(desk: Suspense) -> None:
    desk.read(payload(), payload(f'{NEW_VERSION}; LastUpdateTimestamp = "2026-03-07T00:00:00Z"; Agent = null'))
    assert desk.release(DATE).control.billed == 1
    desk.recycle()
    again = desk.release(DATE)
    assert (again.amendments, again.control.superseded) == ({"WITHDRAWN": 1}, 1)


@pytest.mark.parametrize("there", [False, True])
def test_a_contact_that_was_recycled_into_a_neighbouring_date_stops_a_release(desk: Suspense, there: bool) -> None:
    if there:
        desk.read(payload(f'{END}; ContactId = "other"; InitiationTimestamp = "2026-03-02T09:00:00Z"'))
    desk.read(payload('ContactId = "tomorrow"'))
    desk.read(TOMORROW, judge=unreadable)
    assert desk.releases().preview_date(DATE).failures == ()
    desk.recycle()
    for date in (DATE, NEXT):
        assert desk.release(date).failures == ("contact_under_two_dates: 1 contacts",)


def test_the_audit_lists_the_recycled_objects_that_were_read(desk: Suspense) -> None:
    desk.read(payload(), NEW, TOMORROW)
    (name,) = [desk.recycle().object]
    for date, listed in ((DATE, [name]), (NEXT, [])):
        desk.release(date)
        said = json.loads((desk.root / f"audit/billing_date={date}/v0001.json").read_text())
        assert [o["name"] for o in said["ledger"] if not o["name"].startswith("outcomes/")] == listed


def test_without_recycled_rows_a_release_lists_once_more_and_reads_nothing_more(
    desk: Suspense, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.read(payload(), NEW)
    listed: list[str] = []
    names = LocalStore.names

    def watched(store: LocalStore, folder: str) -> list[str]:
        listed.append(folder)
        return names(store, folder)

    monkeypatch.setattr(LocalStore, "names", watched)
    monkeypatch.setattr("jobs.sql.date_tables.read_recycled", None)
    desk.release(DATE)
    assert listed.count("recycled") == 1


def test_an_object_is_named_by_its_content_and_has_the_columns_it_says(desk: Suspense) -> None:
    desk.read(NEW)
    desk.recycle()
    (name,) = desk.objects()
    path = desk.root / "ledger" / name
    rows = pa.parquet.read_table(path)
    assert rows.schema.equals(arrow_schema(RECYCLED_COLUMNS))
    (row,) = rows.to_pylist()
    assert (row["from_date"], row["billing_date"], row["from_reason"]) == (DATE, DATE, "unsupported_version")
    assert (row["source"], row["position"], row["length"], row["copy"]) == ("a.json", "1000", len(NEW), 0)


def test_an_object_that_somebody_has_changed_is_named(tmp_path: Path) -> None:
    desk = Suspense(tmp_path)
    desk.read(NEW, payload('ContactId = "nobody else has this object"'))
    name = f"recycled/{'0' * 64}.parquet"
    desk.ledger.store.put(name, b"PAR1 patient")
    with pytest.raises(StorageError, match=rf"{name} is not what a recycle wrote") as error:
        desk.release(DATE)
    assert "patient" not in str(error.value)


def test_payloads_are_read_from_replays_files_and_from_the_live_jobs(tmp_path: Path) -> None:
    """Also where they have a place of their own."""
    desk = Suspense(tmp_path / "out", tmp_path / "restricted")
    desk.read(NEW)
    desk.read(BAD_TOO, live=True)
    assert [k.payload for k in payloads(desk.ledger, DATE)] == [BAD_TOO, NEW]
    assert desk.recycle().rows == 1
    reasons = read_quarantined(desk.ledger, DATE, desk.ledger.recycled.names()).still
    assert reasons == {Suspended("a.json", "2000", len(BAD_TOO), "unsupported_version", None): 1}


def test_a_payload_file_that_cannot_be_read_is_named_without_what_is_in_it(desk: Suspense) -> None:
    desk.read(NEW)
    path = desk.root / f"ledger/quarantine/billing_date={DATE}/replay-1-0-0.parquet"
    path.write_bytes(b"PAR1 patient PAR1")
    with pytest.raises(StorageError, match=path.name) as error:
        desk.recycle()
    assert "patient" not in str(error.value)
    assert desk.objects() == []
