"""The release on Flink: which dates it orders."""

import json
from pathlib import Path

import msgspec

from jobs.releases.flink_tasks import ChangeOrders, ReleaseInputs
from jobs.settings.connections import Follow
from jobs.settings.locations import resolve_locations
from jobs.settings.settings import Settings
from tests.support.records import DATE, payload
from tests.support.suspense import LATER, NEW_VERSION, Suspense

SETTINGS = msgspec.structs.replace(LATER, follow=Follow(1))
NEW = payload(f'{NEW_VERSION}; ContactId = "new"')


def test_the_release_job_orders_what_a_recycle_touches(suspense: Suspense, tmp_path: Path) -> None:
    suspense.read(payload(), NEW)
    suspense.close(DATE)
    (tmp_path / "agents.csv").write_text("agent_id,extension\n")
    looking = ChangeOrders(
        ReleaseInputs(resolve_locations(Settings().storage, suspense.root), SETTINGS, str(tmp_path / "agents.csv")),
        workers=1,
    )

    def ordered() -> list[str]:
        looking._next = 0.0
        return [date for text in looking.run(None) if (date := json.loads(text)["date"])]

    assert ordered() == [DATE]
    assert ordered() == []
    suspense.recycle()
    assert ordered() == [DATE]
    assert ordered() == []
