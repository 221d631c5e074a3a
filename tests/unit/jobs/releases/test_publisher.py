"""A release: published once, checked before, the same bytes for the same ledger rows."""

import hashlib
import io
import json
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest

from jobs.settings import settings as wanted
from jobs.settings.settings import Settings
from schemas.billing_rules import Rules
from schemas.errors import AuditFailed, StorageError
from schemas.outcome import OutcomeRow
from tests.support.desk import AGENTS, LATER, NOW, Desk
from tests.support.ledgers import write_payloads, write_rows
from tests.support.records import DATE, payload
from transforms.lines import line_versions as versions

NO_ATTRIBUTE = "Attributes = null"
NEWER = 'LastUpdateTimestamp = "2026-03-07T00:00:00Z"'


def test_a_second_release_writes_nothing(desk: Desk) -> None:
    desk.deliver("")
    assert desk.release().new
    before = desk.files()
    again = desk.release(now=LATER)
    assert (again.new, again.version, again.failures) == (False, 1, ())
    assert desk.files() == before


def test_a_delivery_that_changes_no_line_makes_no_version(desk: Desk) -> None:
    desk.deliver("")
    desk.release()
    desk.deliver("", 'Attributes.note = "x"', 'LastUpdateTimestamp = "2026-03-07T00:00:00Z"', "Queue = 5")
    again = desk.release()
    assert (again.new, again.version, again.control.read) == (False, 1, 5)


def test_a_changed_line_has_the_new_revision_and_the_others_keep_theirs(desk: Desk) -> None:
    desk.deliver("", 'ContactId = "call-2"', 'ContactId = "call-3"')
    desk.release()
    desk.deliver(
        'ContactId = "call-2"; LastUpdateTimestamp = "2026-03-07T00:00:00Z"; Agent.AgentInteractionDuration = 31'
    )
    desk.release()
    desk.deliver(
        'ContactId = "call-4"', 'ContactId = "call-3"; LastUpdateTimestamp = "2026-03-07T00:00:00Z"; Agent = null'
    )
    assert desk.release().version == 3
    revisions = [{line["contact_id"]: line["revision"] for line in desk.lines(n)} for n in (1, 2, 3)]
    assert revisions == [
        {"call-1": "1", "call-2": "1", "call-3": "1"},
        {"call-1": "1", "call-2": "2", "call-3": "1"},
        {"call-1": "1", "call-2": "2", "call-4": "3"},
    ]


def test_all_lines_may_be_withdrawn(desk: Desk) -> None:
    desk.deliver("")
    desk.release()
    desk.deliver('LastUpdateTimestamp = "2026-03-07T00:00:00Z"; Agent = null')
    assert desk.release().version == 2
    assert desk.lines(2) == []
    assert json.loads(desk.files()[f"billing_date={DATE}/latest.json"])["version"] == 2


def test_a_held_line_is_released_when_its_agent_appears(desk: Desk) -> None:
    desk.deliver(NO_ATTRIBUTE)
    assert (desk.release().control.held, desk.lines(1)) == (1, [])
    released = desk.release(AGENTS)
    assert (released.version, released.control.held, released.control.billed) == (2, 0, 1)
    assert [line["provider_extension"] for line in desk.lines(2)] == ["0100"]
    assert desk.manifest(1)["agents_digest"] != desk.manifest(2)["agents_digest"]


def test_a_date_without_a_row_has_a_release_without_lines(desk: Desk) -> None:
    released = desk.release()
    assert (released.version, released.control.read, released.failures) == (1, 0, ())
    assert desk.lines() == []


def test_the_order_of_inputs_and_their_parts_do_not_show_in_the_release(tmp_path: Path) -> None:
    one, two = Desk(tmp_path / "1"), Desk(tmp_path / "2")
    for number in (1, 2, 3):
        one.deliver(f'ContactId = "call-{number}"')
    two.deliver('ContactId = "call-3"', 'ContactId = "call-1"')
    two.deliver('ContactId = "call-2"')
    one.release()
    two.release()
    assert one.files() == two.files()


def test_the_manifest_says_what_is_in_the_files(desk: Desk) -> None:
    desk.deliver("", "Queue = 5", 'ContactId = "call-2"; Agent = null', 'ContactId = "call-3"; CustomerEndpoint = null')
    released = desk.release()
    manifest, files = desk.manifest(), desk.files()
    folder = f"billing_date={DATE}/v0001/"
    assert {f["name"] for f in manifest["files"]} == {n.removeprefix(folder) for n in files if folder in n} - {
        "manifest.json"
    }
    for file in manifest["files"]:
        data = files[folder + file["name"]]
        rows = 0 if file["name"] == "amendments.csv" else 2
        assert (file["bytes"], file["sha256"], file["rows"]) == (len(data), hashlib.sha256(data).hexdigest(), rows)
    assert manifest["control"] == msgspec.to_builtins(released.control)
    assert (manifest["control"]["read"], manifest["control"]["billed"], manifest["ledger_rows"]) == (4, 2, 3)
    assert manifest["warnings"] == {"extension_conflict": 0, "patient_phone_withheld": 1}
    assert (manifest["earliest_initiated_at"], manifest["latest_initiated_at"]) == ("2026-03-01T10:00:00Z",) * 2
    assert [column["name"] for column in manifest["columns"]] == list(desk.lines()[0])


def test_reasons_are_counted_in_the_order_of_their_names(desk: Desk) -> None:
    """So that the same ledger gives the same bytes."""
    excluded = ('Channel = "CHAT"', "Agent = null", 'InitiationMethod = "MONITOR"', "Agent = null; Queue = null")
    quarantined = ('InitiationMethod = "FLOW"', "Queue = 5", "DisconnectTimestamp = null", 'InitiationMethod = "FLOW"')
    desk.deliver(*(f'ContactId = "{n}"; {what}' for n, what in enumerate((*excluded, *excluded[:2], *quarantined))))
    desk.release()
    control = desk.manifest()["control"]
    assert list(control["excluded"].items()) == [("abandoned", 2), ("channel", 2), ("monitoring", 1), ("no_agent", 1)]
    assert list(control["quarantined"].items()) == [
        ("missing_field", 1),
        ("unknown_initiation_method", 2),
        ("wrong_type", 1),
    ]


def test_a_contact_under_two_dates_is_not_billed_twice(desk: Desk) -> None:
    desk.deliver("", 'InitiationTimestamp = "2026-02-28T23:00:00Z"; LastUpdateTimestamp = "2026-03-07T00:00:00Z"')
    for date in (DATE, "2026-02-28"):
        released = desk.release(date=date)
        assert released.failures == ("contact_under_two_dates: 1 contacts",)
        assert not released.new
    assert desk.files() == {}
    assert json.loads(desk.files("audit")[f"billing_date={DATE}/v0001.json"])["failures"]


def test_a_contact_held_under_two_dates_is_billed_on_neither_when_its_agent_appears(desk: Desk) -> None:
    """The ledger says held of it under both dates for good: a table that knows its agent comes later."""
    moved = 'InitiationTimestamp = "2026-02-28T23:00:00Z"; LastUpdateTimestamp = "2026-03-07T00:00:00Z"'
    desk.deliver(NO_ATTRIBUTE, f"{NO_ATTRIBUTE}; {moved}")
    for date in (DATE, "2026-02-28"):
        assert desk.release(AGENTS, date=date).failures == ("contact_under_two_dates: 1 contacts",)
    assert desk.files() == {}


@pytest.mark.parametrize("near", ["2026-02-28", "2026-03-02"])
def test_only_what_is_billable_under_a_neighbouring_date_is_under_two(near: str, desk: Desk) -> None:
    moved = f'InitiationTimestamp = "{near}T10:00:00Z"; DisconnectTimestamp = "{near}T10:59:00Z"'
    desk.deliver("", f'{moved}; Channel = "CHAT"', f'{moved}; ContactId = "call-2"')
    assert desk.release().failures == ()
    desk.deliver('ContactId = "call-2"; Channel = "CHAT"')
    assert desk.release(date=near).failures == ()


def test_the_manifest_names_the_rows_that_count_and_no_other(tmp_path: Path) -> None:
    """Twice, changed later or unreadable: as long as the same rows count, the ledger has the same digest."""
    alone, among, other = (Desk(tmp_path / name) for name in ("alone", "among", "other"))
    last = 'LastUpdateTimestamp = "2026-03-07T00:00:00Z"; Agent.AgentInteractionDuration = 31'
    alone.deliver(last)
    among.deliver("", last, last, "Queue = 5")
    other.deliver(f'{last}; ContactId = "call-2"')
    named = []
    for desk in (alone, among, other):
        assert desk.release().new
        manifest = desk.manifest()
        named.append((manifest["ledger_rows"], manifest["ledger_digest"]))
    assert named[0] == named[1] != named[2]
    assert named[0][0] == 1


def test_of_a_date_that_is_not_billed_every_call_has_that_reason(desk: Desk) -> None:
    desk.deliver("", f'ContactId = "call-2"; {NO_ATTRIBUTE}', 'ContactId = "call-3"; Channel = "CHAT"', "Queue = 5")
    none = Settings(release=wanted.Release(not_billed=(DATE,)))
    control = desk.release(settings=none).control
    assert (control.billed, control.held, control.excluded) == (0, 0, {"channel": 1, "not_billed": 2})
    assert desk.lines() == []


def test_files_that_do_not_hold_the_same_are_not_published(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    written = versions.csv_lines
    monkeypatch.setattr(versions, "csv_lines", lambda contract: f"{written(contract)} LIMIT 1")
    desk.deliver("", 'ContactId = "call-2"')
    with pytest.raises(AuditFailed, match=r"billing.csv and billing.parquet differ in 1 rows, taken in their order"):
        desk.release()
    assert desk.files() == {}


def test_csv_and_parquet_keep_odd_texts(desk: Desk) -> None:
    ids = ["a,b", 'a"b', '"', "a\nb", "a\r\nb", " a", "a ", "NULL", "\\N", "null", "é€😀", "'", "\x7f"]
    desk.deliver(*(f"ContactId = {json.dumps(i)}" for i in ids))
    assert desk.release().failures == ()
    assert [line["contact_id"] for line in desk.lines()] == sorted(ids, key=str.encode)
    data = desk.files()[f"billing_date={DATE}/v0001/billing.parquet"]
    assert pq.read_table(io.BytesIO(data)).column("contact_id").to_pylist() == sorted(ids, key=str.encode)
    text = desk.files()[f"billing_date={DATE}/v0001/billing.csv"].decode()
    assert text.endswith("\r\n")


def test_a_zero_byte_in_a_contact_id_is_kept_or_refused_but_never_cut(desk: Desk) -> None:
    desk.deliver('ContactId = "a\\u0000b"')
    if not desk.release().failures:
        data = desk.files()[f"billing_date={DATE}/v0001/billing.csv"]
        assert b"a\x00b" in data


def test_sums_beyond_64_bits_are_kept(desk: Desk) -> None:
    most = 2**63 - 1
    talk = f"Agent.AgentInteractionDuration = {most}; Agent.CustomerHoldDuration = 0"
    calls = (payload(f'ContactId = "call-{n}"; {talk}') for n in range(3))
    write_payloads(desk.ledger, calls, rules=Rules(longest_overrun_seconds=most))
    assert desk.release().control.talk_seconds == 3 * most
    assert desk.manifest()["control"]["call_seconds"] == 3 * most


def test_a_date_that_does_not_balance_is_not_published(desk: Desk) -> None:
    """A row of an outcome that nobody knows, as a hand or another software may write it."""
    desk.deliver("")
    write_rows(desk.ledger, [OutcomeRow("forgiven", contact_id="call-2", billing_date=DATE)], "9-0")
    released = desk.release()
    assert released.failures == ("balance: 2 records read, 1 accounted for, difference 1",)
    assert (released.new, desk.files()) == (False, {})


def test_a_clock_that_goes_backwards_publishes_nothing(desk: Desk) -> None:
    desk.deliver("")
    desk.release(now=LATER)
    desk.deliver('ContactId = "call-2"')
    before = desk.files(), desk.files("audit")
    with pytest.raises(StorageError, match=r"the clock says 2026-04-01T00:00:00Z, but .* at 2026-04-02T00:00:00Z"):
        desk.release(now=NOW)
    assert (desk.files(), desk.files("audit")) == before
    assert desk.release(now=LATER).version == 2


def test_withdrawn_versions_stay(desk: Desk) -> None:
    desk.deliver("")
    desk.release()
    before = desk.files()
    desk.deliver(f"{NEWER}; Agent = null")
    desk.release()
    after = desk.files()
    assert all(after[name] == data for name, data in before.items() if "/v0001/" in name)


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
