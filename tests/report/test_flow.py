"""Flow: the state of every date, what did not pass, and what came since."""

from pathlib import Path

from tests.report.pages import page, rows
from tests.support.desk import AGENTS, Desk
from tests.support.records import DATE, payload
from tests.support.suspense import LATER, NEW_VERSION, Suspense

WITHHELD = 'CustomerEndpoint.Address = "anonymous"'


def test_a_date_is_open_then_closed_then_released_then_behind(desk: Desk) -> None:
    desk.deliver("")
    assert state(desk) == ("open", "-", "1", "-")
    desk.ledger.store.put(f"outcomes/billing_date={DATE}/_SUCCESS", b"")
    assert state(desk) == ("closed, not released", "-", "1", "-")
    desk.release(AGENTS)
    assert state(desk) == ("released", "v0001", "1", "0")
    desk.deliver("")
    assert state(desk) == ("released", "v0001", "2", "1")


def test_what_did_not_pass_is_named_until_it_does(desk: Desk) -> None:
    desk.deliver('Attributes.extensionNumber = "0042"; ContactId = "=1+1"')
    assert desk.release(AGENTS).failures
    assert state(desk)[0] == "did not pass"
    [row] = [row for row in rows(page(desk.root, "operator"), "expectations") if row["severity"] == "stops"]
    assert row["date"] == DATE and "of 1 rows" in row["what was found"]
    desk.deliver('ContactId = "=1+1"; LastUpdateTimestamp = "2026-03-02T10:00:00Z"; Agent = null')
    assert not desk.release(AGENTS).failures
    assert state(desk)[0] == "released"


def test_a_warning_stops_nothing_and_is_listed(desk: Desk) -> None:
    desk.deliver(WITHHELD)
    assert desk.release(AGENTS).new
    [row] = rows(page(desk.root, "operator"), "expectations")
    assert (row["severity"], row["date"]) == ("warns", DATE)


def test_what_was_recycled_is_quarantined_no_longer(tmp_path: Path) -> None:
    world = Suspense(tmp_path)
    world.read(payload(NEW_VERSION))
    assert [row["reason"] for row in rows(page(tmp_path, "operator"), "positions")] == ["unsupported_version"]
    world.recycle()
    assert rows(page(tmp_path, "operator", LATER), "positions") == []


def state(desk: Desk) -> tuple[str, str, str, str]:
    [row] = rows(page(desk.root, "operator"), "dates")
    return row["state"], row["version"], row["read"], row["read since"]
