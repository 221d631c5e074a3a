"""Following a ledger, look by look: what changes is released, what fails is told, a stop ends it between dates."""

import threading
from pathlib import Path

import msgspec
import pytest

from jobs.releases.follow import Follower
from jobs.runtime.output import Result
from jobs.settings.connections import Follow
from jobs.settings.locations import StorageLocations, resolve_locations
from jobs.settings.settings import Settings
from schemas.errors import StorageError
from sinks.ledger import Ledger
from tests.support.ledgers import NO_AGENTS, history, write_payloads
from tests.support.records import DATE, payload
from tests.support.suspense import LATER, NEW_VERSION, Suspense, judged, unreadable
from transforms.records.extension import AgentHistory

NEXT, LAST = "2026-03-02", "2026-03-09"
TABLE = history([{"agent_id": "nurse-1", "extension": "0100", "valid_from": "", "valid_to": ""}])
LATE = 'LastUpdateTimestamp = "2026-03-07T00:00:00Z"; '
SETTINGS = msgspec.structs.replace(LATER, follow=Follow(1))
END = 'DisconnectTimestamp = "2026-03-10T00:00:00Z"'
NEW = payload(f'{NEW_VERSION}; ContactId = "new"')
TOMORROW = payload(f'{END}; ContactId = "tomorrow"; InitiationTimestamp = "2026-03-02T09:00:00Z"')


class World:
    """A ledger in which a live job writes, and who follows it."""

    def __init__(self, out: Path) -> None:
        self.locations: StorageLocations = resolve_locations(Settings().storage, out)
        self.ledger: Ledger = self.locations.open_ledger(Settings())
        self.agents: AgentHistory | StorageError = NO_AGENTS
        self.told: list[str] = []
        self.said: list[Result] = []
        self.inputs = 0
        settings = Settings(follow=Follow(1))
        self.follower = Follower(self.locations, self.ledger, settings, self.load, self.said.append, self.told.append)

    def load(self) -> AgentHistory:
        if isinstance(self.agents, StorageError):
            raise self.agents
        return self.agents

    def deliver(self, *differences: str) -> None:
        self.inputs += 1
        write_payloads(self.ledger, map(payload, differences), input_name=f"{self.inputs:x}-0")

    def close(self, date: str) -> None:
        self.ledger.store.put(f"outcomes/billing_date={date}/_SUCCESS", b"")

    def look(self) -> list[tuple[str, int, bool]]:
        return [(r.billing_date, r.version, r.new) for r in self.follower.look(threading.Event())]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "out")


def test_dates_are_released_when_they_close_and_when_they_change(world: World) -> None:
    world.deliver("")
    assert world.look() == []
    world.close(DATE)
    assert world.look() == [(DATE, 1, True)]
    assert world.look() == []
    world.deliver('ContactId = "late"')
    assert world.look() == [(DATE, 2, True)]
    world.close(NEXT)
    assert world.look() == [(NEXT, 1, True)]
    assert world.look() == []


def test_another_follower_begins_with_all_dates_and_finds_nothing_new(world: World, tmp_path: Path) -> None:
    world.deliver("")
    world.close(DATE)
    world.look()
    assert World(tmp_path / "out").look() == [(DATE, 1, False)]


def test_a_changed_table_releases_what_it_changes(world: World) -> None:
    world.deliver("Attributes = null")
    world.close(DATE)
    assert world.look() == [(DATE, 1, True)]
    world.agents = TABLE
    assert world.look() == [(DATE, 2, True)]


def test_a_table_that_cannot_be_read_keeps_the_last_one(world: World) -> None:
    world.deliver("Attributes = null")
    world.close(DATE)
    world.agents = TABLE
    world.look()
    world.agents = StorageError("cannot read s3://b/agents.csv")
    world.deliver('Attributes = null; ContactId = "late"')
    assert world.look() == [(DATE, 2, True)]
    assert world.told == ["cannot read s3://b/agents.csv; going on with the table as it was"]


def test_a_date_that_fails_is_tried_again_when_it_or_a_neighbour_changes(world: World) -> None:
    world.deliver("", f'{LATE}InitiationTimestamp = "2026-02-28T23:00:00Z"')
    world.close(DATE)
    assert world.look() == [("2026-02-28", 0, False), (DATE, 0, False)]
    assert world.look() == []
    world.deliver('LastUpdateTimestamp = "2026-03-08T00:00:00Z"; Agent = null')
    assert (DATE, 1, True) in world.look()


def test_a_date_that_cannot_be_read_does_not_keep_the_others_waiting(world: World) -> None:
    world.deliver("", 'InitiationTimestamp = "2026-03-03T09:00:00Z"; ContactId = "other"')
    world.close("2026-03-03")
    part = Path(world.ledger.parts(DATE)[0])
    data = part.read_bytes()
    part.write_bytes(b"PAR1")
    with pytest.raises(StorageError, match=f"parts of {DATE}"):
        world.look()
    with pytest.raises(StorageError, match=f"part {part} or one after"):
        world.look()
    part.write_bytes(data)
    assert [d for d, _, _ in world.look()] == ["2026-03-03", DATE, NEXT]
    assert world.look() == []


def test_it_goes_on_after_an_error_and_ends_when_it_is_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.deliver("")
    world.close(DATE)
    stop, waited = threading.Event(), []
    closed, errors = world.ledger.closed, [StorageError("cannot list x")] * 2

    def closed_at_last() -> dict[str, tuple[str, ...]]:
        if errors:
            raise errors.pop()
        return closed()

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        if len(waited) == 4:
            stop.set()
        return stop.is_set()

    monkeypatch.setattr(world.ledger, "closed", closed_at_last)
    monkeypatch.setattr(stop, "wait", wait)
    world.follower.run(stop)
    assert waited == [2, 4, 1, 1]
    assert world.told == [f"cannot list x; trying again in {n} s" for n in (2, 4)]
    (result,) = world.said
    assert result.text().startswith(f"{DATE} v0001: 1 lines, ")


def test_a_date_that_fails_is_a_result_and_an_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.deliver("", f'{LATE}InitiationTimestamp = "2026-02-28T23:00:00Z"')
    world.close(DATE)
    stop = threading.Event()
    monkeypatch.setattr(stop, "wait", lambda _: stop.set())
    world.follower.run(stop)
    assert [result.text() for result in world.said] == ["2026-02-28 FAILED", f"{DATE} FAILED"]
    assert [line.partition(" not published: contact_under_two_dates: 1 ")[0] for line in world.told] == [
        "2026-02-28",
        DATE,
    ]


def test_a_stop_ends_it_between_two_dates(world: World) -> None:
    for date in (DATE, NEXT):
        world.close(date)
    stop = threading.Event()
    looked = world.follower.look(stop)
    assert next(looked).billing_date == DATE
    stop.set()
    assert list(looked) == []


def follower(suspense: Suspense) -> Follower:
    found = resolve_locations(Settings().storage, suspense.root)
    return Follower(found, found.open_ledger(SETTINGS), SETTINGS, lambda: NO_AGENTS, print, print)


def look(following: Follower) -> list[tuple[str, int, bool]]:
    return [(r.billing_date, r.version, r.new) for r in following.look(threading.Event())]


def test_a_recycle_is_released_by_who_follows(suspense: Suspense) -> None:
    suspense.read(payload(), NEW)
    suspense.read(payload(f'{END}; ContactId = "far"; InitiationTimestamp = "2026-03-09T09:00:00Z"'))
    suspense.close(LAST)
    following = follower(suspense)
    assert (DATE, 1, True) in look(following)
    assert look(following) == []
    suspense.recycle()
    assert look(following) == [(DATE, 2, True), (NEXT, 1, False)]
    assert look(following) == []


def test_a_date_that_only_recycled_rows_have_is_released_once_it_is_closed(suspense: Suspense) -> None:
    suspense.read(TOMORROW, judge=unreadable)
    suspense.close(DATE)
    following = follower(suspense)
    assert look(following) == [(DATE, 1, True)]
    suspense.recycle(judged())
    assert NEXT not in suspense.ledger.closed()
    assert look(following) == []
    suspense.close(LAST)
    assert suspense.ledger.closed()[NEXT] == tuple(suspense.objects())
    assert (NEXT, 1, True) in look(following)
