"""Versions of a release, without Flink: late records, held lines, corrections, empty dates."""

import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from jobs.backfill import closed_dates
from jobs.ingest.replay import ReplaySummary
from jobs.settings.date_range import DateRange
from tests.support.answered_calls import AGENT, MORNING, json_lines, record
from tests.support.backfills import NOON, Publisher, read_contents
from tests.support.partner_files import HEADER, assert_complete, csv_rows, digests, document
from transforms.records.extension import AgentHistory, Assignment

DATE = "2026-03-01"
THREE = json_lines(record("amended"), record("steady"), record("withdrawn"))


def lines(out: Path, billing_date: str = DATE) -> list[dict[str, Any]]:
    """The lines of the version that `latest.json` names, which is looked at byte by byte."""
    version = assert_complete(out / "release", billing_date)
    assert version is not None
    return csv_rows(version)


def revisions(out: Path) -> dict[str, int]:
    return {row["contact_id"]: row["revision"] for row in lines(out)}


def test_late_records_make_a_version_that_restates_all_lines(tmp_path: Path) -> None:
    """Changed and new lines have its number as revision, the others keep theirs; the version before stays."""
    out = tmp_path / "out"
    read_contents(out, first=THREE)
    publisher = Publisher(out)
    publisher.publish(DATE)
    assert revisions(out) == {"amended": 1, "steady": 1, "withdrawn": 1}
    first = digests(out / "release" / f"billing_date={DATE}" / "v0001")

    machine = record("withdrawn", delivery=2, AnsweringMachineDetectionStatus="VOICEMAIL_BEEP")
    read_contents(out, late=json_lines(record("amended", delivery=2, talk=99), record("new"), machine))
    (released,) = publisher.publish(DATE)
    assert (released.version, released.new) == (2, True)
    assert revisions(out) == {"amended": 2, "steady": 1, "new": 2}
    assert [row["talk_seconds"] for row in lines(out) if row["contact_id"] == "amended"] == [99]
    assert (released.control.read, released.control.superseded) == (6, 2)
    assert digests(out / "release" / f"billing_date={DATE}" / "v0001") == first

    read_contents(out, back=json_lines(record("withdrawn", delivery=3)))
    publisher.publish(DATE)
    assert revisions(out) == {"amended": 2, "steady": 1, "new": 2, "withdrawn": 3}


def test_an_older_delivery_that_comes_late_changes_nothing(tmp_path: Path) -> None:
    """Nor does a duplicate, a quarantined payload or an excluded contact: no difference, no new version."""
    out = tmp_path / "out"
    read_contents(out, first=json_lines(record("contact", delivery=5, talk=50)))
    publisher = Publisher(out)
    publisher.publish(DATE)
    before = digests(out / "release")
    chat, broken = record("chat", Channel="CHAT"), record("contact", delivery=6, DisconnectTimestamp="soon")
    older, same = record("contact", delivery=4, talk=40), record("contact", delivery=5, talk=50)
    read_contents(out, late=json_lines(older, same, chat, broken))
    (released,) = publisher.publish(DATE)
    assert (released.version, released.new) == (1, False)
    control = released.control
    assert (control.superseded, control.duplicate, control.excluded) == (1, 1, {"channel": 1})
    assert control.quarantined == {"bad_timestamp": 1}
    assert digests(out / "release") == before


def test_nothing_new_no_new_version_whatever_the_clock(tmp_path: Path) -> None:
    out = tmp_path / "out"
    read_contents(out, first=THREE)
    Publisher(out).publish(DATE)
    before = {name: digests(out / name) for name in ("release", "audit")}
    (again,) = Publisher(out).publish(DATE, now=NOON + timedelta(days=1))
    assert (again.version, again.new, again.control.billed) == (1, False, 3)
    assert {name: digests(out / name) for name in before} == before


def test_held_lines_appear_when_the_table_gains_their_agent(tmp_path: Path) -> None:
    """Without reading the archive again; a corrected table amends the line."""
    out = tmp_path / "out"
    read_contents(out, first=json_lines(record("known"), record("held", extension=None)))
    (first,) = Publisher(out).publish(DATE)
    assert (first.control.billed, first.control.held) == (1, 1)
    (second,) = Publisher(out, AgentHistory([Assignment(AGENT, "0417")])).publish(DATE)
    assert (second.version, second.control.billed, second.control.held) == (2, 2, 0)
    assert revisions(out) == {"held": 2, "known": 1}
    assert {row["contact_id"]: row["provider_extension"] for row in lines(out)} == {"held": "0417", "known": "2143"}
    Publisher(out, AgentHistory([Assignment(AGENT, "0418")])).publish(DATE)
    assert revisions(out) == {"held": 3, "known": 1}
    digest = [document(m)["agents_digest"] for m in sorted((out / "release").rglob("manifest.json"))]
    assert len(set(digest)) == 3


def test_a_date_that_loses_all_its_lines_gets_an_empty_version(tmp_path: Path) -> None:
    out = tmp_path / "out"
    read_contents(out, first=json_lines(record("contact")))
    publisher = Publisher(out)
    publisher.publish(DATE)
    read_contents(out, late=json_lines(record("contact", delivery=2, Agent=None)))
    (released,) = publisher.publish(DATE)
    assert (released.version, released.new, lines(out)) == (2, True, [])


def test_closed_dates_without_a_contact_are_released_with_no_lines(tmp_path: Path) -> None:
    """Given both limits, the dates between are closed too; their files have a header and the types of the contract."""
    out = tmp_path / "out"
    read_contents(out, first=json_lines(record("contact")))
    limits = DateRange(date(2026, 2, 28), date(2026, 3, 2))
    closed = closed_dates(ReplaySummary(1, {DATE: 1}, ()), limits)
    assert closed == ["2026-02-28", "2026-03-01", "2026-03-02"]
    released = Publisher(out).publish(*closed)
    assert [(r.version, r.new, r.control.read) for r in released] == [(1, True, 0), (1, True, 1), (1, True, 0)]
    for empty in (closed[0], closed[2]):
        assert lines(out, empty) == []
        version = out / "release" / f"billing_date={empty}" / "v0001"
        assert (version / "billing.csv").read_bytes() == HEADER.encode() + b"\r\n"
        manifest = document(version / "manifest.json")
        assert (manifest["earliest_initiated_at"], manifest["latest_initiated_at"]) == (None, None)
    (again,) = Publisher(out).publish(closed[0])
    assert (again.version, again.new) == (1, False)


def test_one_limit_closes_no_empty_dates() -> None:
    """An open range has no end up to which empty dates could be meant."""
    replayed = ReplaySummary(1, {DATE: 1, "unknown": 4}, ())
    assert closed_dates(replayed, DateRange(date(2026, 2, 1), None)) == [DATE]
    assert closed_dates(replayed, DateRange(None, date(2026, 4, 1))) == [DATE]


def test_dates_of_quarantined_and_excluded_records_only_are_released_with_no_lines(tmp_path: Path) -> None:
    out = tmp_path / "out"
    tomorrow = MORNING + timedelta(days=1)
    quarantined = record("bad", MORNING, DisconnectTimestamp=None)
    excluded = record("chat", tomorrow, Channel="CHAT")
    results = read_contents(out, only=json_lines(quarantined, excluded, b"no record"))
    assert [set(r.mark.rows) for r in results if r.mark] == [{"2026-03-01", "2026-03-02", "unknown"}]
    first, second = Publisher(out).publish("2026-03-01", "2026-03-02")
    assert (first.new, first.control.quarantined, lines(out, "2026-03-01")) == (True, {"missing_field": 1}, [])
    assert (second.new, second.control.excluded, lines(out, "2026-03-02")) == (True, {"channel": 1}, [])
    assert not (out / "release" / "billing_date=unknown").exists()


@pytest.mark.parametrize("name", ["a blank", "Bob's", 'a "quote"', "[1]", "*", "50%", "back\\slash", "Größe"])
def test_folders_may_have_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The output folder and the one for temporary files; through two versions, so that the first one is read again."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / f"temporary {name}"))
    (tmp_path / f"temporary {name}").mkdir()
    out = tmp_path / name
    read_contents(out, first=json_lines(record("contact")))
    Publisher(out).publish(DATE)
    read_contents(out, second=json_lines(record("new")))
    Publisher(out).publish(DATE)
    assert revisions(out) == {"contact": 1, "new": 2}


@pytest.mark.parametrize("name", ["*", "out-?", "out-[12]"])
def test_a_folder_name_is_no_pattern(tmp_path: Path, name: str) -> None:
    """A neighbouring folder that the name would match as a pattern is another ledger's, though an input is the same."""
    first = json_lines(record("contact"))
    read_contents(tmp_path / "out-1", first=first, amended=json_lines(record("contact", delivery=2, talk=99)))
    Publisher(tmp_path / "out-1").publish(DATE)
    read_contents(tmp_path / name, first=first)
    (released,) = Publisher(tmp_path / name).publish(DATE)
    assert (released.control.read, released.control.duplicate) == (1, 0)
    (again,) = Publisher(tmp_path / name).publish(DATE)
    assert (again.version, again.new) == (1, False)
    read_contents(tmp_path / name, second=json_lines(record("new")))
    Publisher(tmp_path / name).publish(DATE)
    assert revisions(tmp_path / name) == {"contact": 1, "new": 2}
