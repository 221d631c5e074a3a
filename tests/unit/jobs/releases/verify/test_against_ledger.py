"""The operator's verify: the newest version against the ledger and the audit."""

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from jobs.releases.verify.release_verifier import ReleaseVerifier
from schemas.outcome import OutcomeRow
from sinks.store import LocalStore
from tests.support.desk import AGENTS, Desk
from tests.support.ledgers import write_rows
from tests.support.records import DATE
from tests.support.verification import FOLDER, GATE, against, forge, found


def test_the_ledger_bears_out_the_newest_version(desk: Desk) -> None:
    assert against(desk) == []


def test_a_ledger_that_gives_other_lines(desk: Desk) -> None:
    desk.deliver('ContactId = "call-6"')
    assert against(desk) == ["the ledger now gives other lines (1 added); release the date again, if that is right"]


def test_a_delivery_that_changes_no_line_is_no_finding(desk: Desk) -> None:
    desk.deliver("", 'ContactId = "call-7"; Agent = null')
    assert against(desk) == []


def test_a_part_of_the_ledger_that_is_gone_or_changed(desk: Desk) -> None:
    first, second, *_ = sorted((desk.root / "ledger" / "outcomes").rglob("*.parquet"))
    first.unlink()
    shutil.copyfile(second, second.with_name("part-another"))
    pq.write_table(pq.read_table(second), second)
    said = " ".join(against(desk))
    assert f"{first} is missing" in said
    assert f"{second} is not what the version was made from" in said


def test_totals_that_the_ledger_does_not_bear_out(desk: Desk) -> None:
    """The partner cannot see what was excluded; the operator can."""
    manifest = desk.manifest(3)
    control = manifest["control"]
    forge(desk, 3, {}, control__excluded={"monitoring": sum(control["excluded"].values())})
    assert found(desk) == ()
    assert any("control.excluded: said" in finding for finding in against(desk))


@pytest.mark.parametrize("key", ["billed", "held", "call_seconds", "talk_seconds", "hold_seconds"])
def test_each_total_is_held_against_the_ledger(key: str, desk: Desk) -> None:
    right = desk.manifest(3)["control"][key]
    forge(desk, 3, {}, **{f"control__{key}": right + 1})
    told = [f"manifest.json: control.{key}: said {right + 1}, the ledger gives {right}"]
    assert against(desk) == told
    # Of other rows, or with another table of agents, other totals are right.
    assert against(desk, AGENTS) == []
    desk.deliver('ContactId = "call-8"; Agent = null')
    assert against(desk) == []


def test_rows_and_duplicates_that_came_later_are_no_finding(desk: Desk) -> None:
    control = desk.manifest(3)["control"]
    forge(desk, 3, {}, control__read=control["read"] - 1, control__duplicate=control["duplicate"] - 1)
    assert against(desk) == []


def test_a_ledger_that_does_not_balance_is_a_finding(desk: Desk) -> None:
    write_rows(desk.ledger, [OutcomeRow("forgiven", contact_id="call-9", billing_date=DATE)], "99-0")
    (said,) = against(desk)
    assert said.startswith("the ledger: balance: 9 records read, 8 accounted for")


def test_a_date_without_a_release_has_nothing_to_hold_against_the_ledger(desk: Desk) -> None:
    assert against(desk, date="2026-03-09") == []


def test_a_missing_audit_is_a_finding(desk: Desk) -> None:
    (desk.root / "audit" / FOLDER / "v0003.json").unlink()
    assert any("v0003.json is missing" in finding for finding in against(desk))
    assert against(desk, audit=False) == []


def test_an_erasure_that_the_ledger_knows_nothing_of_is_a_finding(tmp_path: Path) -> None:
    """Whoever takes files away cannot call it an erasure."""
    desk = Desk(tmp_path)
    desk.deliver("")
    desk.release()
    folder = tmp_path / "release" / f"billing_date={DATE}" / "v0001"
    (folder / "erased.json").write_bytes(b"{}")
    verifier = ReleaseVerifier(LocalStore(tmp_path / "release"), GATE)
    assert verifier.check(DATE).findings == ("v0001: is erased, and no version has followed; run erase again",)
    assert desk.release().amendments == {}
    (folder / "billing.csv").unlink()
    checked = verifier.check(DATE)
    assert (checked.versions, checked.erased, checked.findings) == (2, 1, ())
    assert against(desk) == ["v0001: is said to be erased, and the ledger knows of no erasure"]
