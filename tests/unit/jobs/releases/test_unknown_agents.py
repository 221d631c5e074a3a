"""A table of which no agent is in the records is warned of, in text and JSON, without an agent's name."""

import threading

import msgspec
import pytest

from jobs.releases.backfill_results import BackfillResult
from jobs.releases.follow import Follower
from jobs.releases.results import Released, ReleaseResult
from jobs.settings import settings as wanted
from jobs.settings.locations import StorageLocations
from jobs.settings.settings import Settings
from sinks.location import Location
from tests.support.desk import AGENTS, Desk
from tests.support.ledgers import NO_AGENTS, history
from tests.support.records import ARN, DATE
from transforms.records.extension import AgentHistory

PERIOD = {"valid_from": "", "valid_to": ""}
STRANGERS = history([{"agent_id": "nurse-7", "extension": "0700", **PERIOD}])
# An agent who has no extension, or had one at another time, is in the table.
WITHOUT = history([{"agent_id": "nurse-1", "extension": "", **PERIOD}])
EARLIER = history(
    [{"agent_id": "nurse-1", "extension": "1", "valid_from": "", "valid_to": "2020-01-01T00:00:00Z"}],
)
OTHER_AGENT = f'ContactId = "call-2"; Agent.ARN = "{ARN}nurse-2"'
HELD = 'ContactId = "call-3"; Attributes = null'
NOT_BILLED = Settings(release=wanted.Release(not_billed=(DATE,)))


def warnings(*dates: Released) -> list[str]:
    """The warnings in the text of a release, which are those of a backfill."""
    texts = (ReleaseResult(False, dates).text(), BackfillResult(1, (), dates, None, None, "", "", "").text())
    one, other = ([line for line in text.splitlines() if "none of the agents" in line] for text in texts)
    assert one == other
    return one


@pytest.mark.parametrize(
    ("agents", "deliveries", "counts", "warned"),
    [
        (STRANGERS, ["", OTHER_AGENT, HELD], (2, 0), True),
        (NO_AGENTS, [""], (1, None), False),
        (AGENTS, ["", OTHER_AGENT, HELD], (2, 1), False),
        (WITHOUT, [HELD], (1, 1), False),
        (EARLIER, [HELD], (1, 1), False),
        (STRANGERS, ['Channel = "CHAT"'], (0, 0), False),
        (STRANGERS, ['Agent.ARN = "nurse-1"', "Queue = 5"], (0, 0), False),
        (STRANGERS, [], (0, 0), False),
    ],
)
def test_agents_of_billed_and_held_calls_are_counted(
    agents: AgentHistory, deliveries: list[str], counts: tuple[int, int | None], warned: bool, desk: Desk
) -> None:
    desk.deliver(*deliveries)
    for released in (desk.release(agents), desk.release(agents)):
        assert (released.agents, released.known_agents) == counts
        assert len(warnings(released)) == warned
        assert "nurse" not in "".join(warnings(released))
        told = msgspec.to_builtins(released)
        assert (told["agents"], told["known_agents"]) == counts


def test_one_known_agent_of_all_dates_is_enough(desk: Desk) -> None:
    next_day = 'InitiationTimestamp = "2026-03-02T10:00:00Z"; DisconnectTimestamp = "2026-03-02T10:01:00Z"'
    desk.deliver("", f"{OTHER_AGENT}; {next_day}")
    one, other = desk.release(AGENTS), desk.release(AGENTS, date="2026-03-02")
    assert (len(warnings(other)), warnings(one, other)) == (1, [])


def test_a_date_that_is_not_billed_needs_no_table(desk: Desk) -> None:
    desk.deliver("")
    assert warnings(desk.release(STRANGERS, settings=NOT_BILLED)) == []


def test_a_release_that_follows_warns_when_it_looks(desk: Desk) -> None:
    desk.deliver("")
    desk.ledger.store.put(f"outcomes/billing_date={DATE}/_SUCCESS", b"")
    said: list[str] = []
    ledger, release, audit = (Location(str(desk.root / name)) for name in ("ledger", "release", "audit"))
    stop = threading.Event()

    def warn(message: str) -> None:
        said.append(message)
        stop.set()

    places = StorageLocations(ledger, None, release, audit)
    Follower(places, desk.ledger, Settings(), lambda: STRANGERS, lambda result: None, warn).run(stop)
    assert said == warnings(desk.release(STRANGERS))
