"""A contact whose agent was not in the table yet is held, and released when sync has seen the agent; without Flink."""

from datetime import timedelta
from pathlib import Path

import pytest

from jobs.agents.sync import SyncOverrides, sync
from jobs.agents.table import load_agents
from jobs.settings.connections import S3
from tests.support.answered_calls import AGENT, MORNING, json_lines, record
from tests.support.backfills import Publisher, read_contents
from tests.support.partner_files import assert_complete, csv_rows
from transforms.records.timestamps import MICROSECONDS, instant

DATE = "2026-03-01"
OTHER = "9c1f5a0e-77a2-4d29-9a3b-2f1f0b1a7e55"
AFTERNOON = instant("2026-03-01T15:00:00Z") or 0
NEXT_DAY = AFTERNOON + 86_400 * MICROSECONDS


class Clinic:
    """A ledger of a morning's calls, the table's history, and releases with it."""

    def __init__(self, folder: Path) -> None:
        self.out, self.table = folder / "out", folder / "agents.csv"
        calls = (record(f"call-{n}", MORNING + timedelta(hours=n), extension=None) for n in range(2))
        colleague = record("colleague", extension=None, agent_id=OTHER)
        read_contents(self.out, first=json_lines(*calls, colleague))

    def sync(self, table: dict[str, str], at: int) -> str:
        return sync(str(self.table), S3(), lambda: table, lambda: at, SyncOverrides())

    def release(self) -> tuple[int, int, dict[str, str]]:
        """The version, how many are held, and the extension of every line."""
        (released,) = Publisher(self.out, load_agents(self.table)).publish(DATE)
        version = assert_complete(self.out / "release", DATE)
        lines = csv_rows(version) if version else []
        return released.version, released.control.held, {r["contact_id"]: r["provider_extension"] for r in lines}


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic(tmp_path)


def test_held_contacts_are_released_when_their_agent_is_seen(clinic: Clinic) -> None:
    clinic.sync({OTHER: "0500"}, AFTERNOON)
    assert clinic.release() == (1, 2, {"colleague": "0500"})
    said = clinic.sync({OTHER: "0500", AGENT: "0417"}, NEXT_DAY).text()
    assert said.startswith("1 new, 0 changed, 0 returned, 0 ended, 1 unchanged")
    released = {"call-0": "0417", "call-1": "0417", "colleague": "0500"}
    assert clinic.release() == (2, 0, released)
    clinic.sync({OTHER: "0500", AGENT: "0417"}, NEXT_DAY + MICROSECONDS)
    assert clinic.release() == (2, 0, released), "nothing new, no new version"


def test_what_changes_later_leaves_released_lines_as_they_are(clinic: Clinic) -> None:
    """Neither a new extension, nor the agents' leaving, nor another's taking over."""
    clinic.sync({OTHER: "0500", AGENT: "0417"}, AFTERNOON)
    released = clinic.release()
    assert released == (1, 0, {"call-0": "0417", "call-1": "0417", "colleague": "0500"})
    for day, table in enumerate(({OTHER: "0417", AGENT: "0418"}, {OTHER: "0417"}, {OTHER: "0417", AGENT: "0500"})):
        clinic.sync(table, NEXT_DAY + day * 86_400 * MICROSECONDS)
        assert clinic.release() == released


def test_calls_after_a_change_have_the_new_extension(clinic: Clinic) -> None:
    between = instant("2026-03-01T10:30:00Z") or 0
    clinic.sync({AGENT: "0417"}, between - MICROSECONDS)
    clinic.sync({AGENT: "0418"}, between)
    assert clinic.release() == (1, 1, {"call-0": "0417", "call-1": "0418"})
