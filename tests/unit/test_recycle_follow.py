"""Who follows a ledger notices a recycle: at the dates that it gives rows to, and at those that it takes rows from."""

import json
import threading
from pathlib import Path

import msgspec
import pytest

from jobs.releases.changed_dates import ChangeTracker
from jobs.releases.flink_tasks import ChangeOrders, ReleaseInputs
from jobs.releases.follow import Follower
from jobs.settings.connections import Follow
from jobs.settings.locations import resolve_locations
from jobs.settings.settings import Settings
from sinks.ledger import Ledger
from sinks.store import LocalStore
from tests.support.ledgers import NO_AGENTS
from tests.support.records import DATE, payload
from tests.support.suspense import LATER, NEW_VERSION, Suspense, judged, unreadable

NEXT, LAST = "2026-03-02", "2026-03-09"
SETTINGS = msgspec.structs.replace(LATER, follow=Follow(1))
END = 'DisconnectTimestamp = "2026-03-10T00:00:00Z"'
NEW = payload(f'{NEW_VERSION}; ContactId = "new"')
TOMORROW = payload(f'{END}; ContactId = "tomorrow"; InitiationTimestamp = "2026-03-02T09:00:00Z"')


@pytest.fixture
def desk(tmp_path: Path) -> Suspense:
    return Suspense(tmp_path)


def follower(desk: Suspense) -> Follower:
    found = resolve_locations(Settings().storage, desk.root)
    return Follower(found, found.open_ledger(SETTINGS), SETTINGS, lambda: NO_AGENTS, print, print)


def look(following: Follower) -> list[tuple[str, int, bool]]:
    return [(r.billing_date, r.version, r.new) for r in following.look(threading.Event())]


def test_a_recycle_is_released_by_who_follows(desk: Suspense) -> None:
    desk.read(payload(), NEW)
    desk.read(payload(f'{END}; ContactId = "far"; InitiationTimestamp = "2026-03-09T09:00:00Z"'))
    desk.close(LAST)
    following = follower(desk)
    assert (DATE, 1, True) in look(following)
    assert look(following) == []
    desk.recycle()
    assert look(following) == [(DATE, 2, True), (NEXT, 1, False)]
    assert look(following) == []


def test_a_date_that_only_recycled_rows_have_is_released_once_it_is_closed(desk: Suspense) -> None:
    desk.read(TOMORROW, judge=unreadable)
    desk.close(DATE)
    following = follower(desk)
    assert look(following) == [(DATE, 1, True)]
    desk.recycle(judged())
    assert NEXT not in desk.ledger.closed()
    assert look(following) == []
    desk.close(LAST)
    assert desk.ledger.closed()[NEXT] == tuple(desk.objects())
    assert (NEXT, 1, True) in look(following)


def test_a_date_before_all_others_that_only_recycled_rows_have_is_closed(desk: Suspense) -> None:
    desk.read(TOMORROW, judge=unreadable)
    desk.close(LAST)
    assert list(desk.ledger.closed()) == [LAST]
    desk.recycle(judged())
    assert next(iter(desk.ledger.closed())) == NEXT
    assert desk.ledger.dates() == [NEXT, LAST, "unknown"]


def test_the_date_that_a_row_is_taken_from_changes_too(desk: Suspense) -> None:
    desk.read(TOMORROW, judge=lambda data: msgspec.structs.replace(unreadable(data), billing_date=DATE))
    desk.close(LAST)
    changes = ChangeTracker()
    for date, state in changes.changed(desk.ledger.closed(), "").items():
        changes.mark_released(date, state)
    assert desk.recycle(judged()).release == (DATE, NEXT)
    # With their neighbours.
    assert list(changes.changed(desk.ledger.closed(), "")) == [DATE, NEXT, "2026-03-03"]
    assert [desk.release(d).control.read for d in (DATE, NEXT)] == [0, 1]


def test_the_release_job_orders_what_a_recycle_touches(desk: Suspense, tmp_path: Path) -> None:
    desk.read(payload(), NEW)
    desk.close(DATE)
    (tmp_path / "agents.csv").write_text("agent_id,extension\n")
    looking = ChangeOrders(
        ReleaseInputs(resolve_locations(Settings().storage, desk.root), SETTINGS, str(tmp_path / "agents.csv")),
        workers=1,
    )

    def ordered() -> list[str]:
        looking._next = 0.0
        return [date for text in looking.run(None) if (date := json.loads(text)["date"])]

    assert ordered() == [DATE]
    assert ordered() == []
    desk.recycle()
    assert ordered() == [DATE]
    assert ordered() == []


def test_an_object_is_read_once_for_many_looks(desk: Suspense, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.read(payload(f'{NEW_VERSION}; ContactId = "read once"'))
    desk.close(DATE)
    name = desk.recycle().object
    ledger = Ledger(desk.ledger.store, "UTC")
    read: list[str] = []
    get = LocalStore.get

    def watched(store: LocalStore, name: str) -> bytes | None:
        read.append(name)
        return get(store, name)

    monkeypatch.setattr(LocalStore, "get", watched)
    assert ledger.closed() == ledger.closed()
    assert read == [name]
