"""Which closed dates have changed since they were released."""

import msgspec

from jobs.releases.changed_dates import ChangeTracker
from tests.support.records import DATE, payload
from tests.support.suspense import Suspense, judged, unreadable

NEXT, LAST = "2026-03-02", "2026-03-09"
END = 'DisconnectTimestamp = "2026-03-10T00:00:00Z"'
TOMORROW = payload(f'{END}; ContactId = "tomorrow"; InitiationTimestamp = "2026-03-02T09:00:00Z"')


def test_changes_know_parts_neighbours_and_agents() -> None:
    changes = ChangeTracker()
    closed = {DATE: ("a",), NEXT: (), "2026-03-09": ()}

    def look(agents: str = "1") -> list[str]:
        found = changes.changed(closed, agents)
        for date, state in found.items():
            changes.mark_released(date, state)
        return list(found)

    assert look() == [DATE, NEXT, "2026-03-09"]
    assert look() == []
    closed[DATE] = ("a", "b")
    assert look() == [DATE, NEXT]
    assert look("2") == list(closed)


def test_the_date_that_a_row_is_taken_from_changes_too(suspense: Suspense) -> None:
    suspense.read(TOMORROW, judge=lambda data: msgspec.structs.replace(unreadable(data), billing_date=DATE))
    suspense.close(LAST)
    changes = ChangeTracker()
    for date, state in changes.changed(suspense.ledger.closed(), "").items():
        changes.mark_released(date, state)
    assert suspense.recycle(judged()).release == (DATE, NEXT)
    # With their neighbours.
    assert list(changes.changed(suspense.ledger.closed(), "")) == [DATE, NEXT, "2026-03-03"]
    assert [suspense.release(d).control.read for d in (DATE, NEXT)] == [0, 1]
