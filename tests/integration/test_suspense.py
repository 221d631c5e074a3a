"""`contact-billing quarantine list | show | recycle` and `held list` as an operator runs them."""

import json
from pathlib import Path

import pytest

from tests.integration.failing import INPUT, SETTINGS
from tests.support.command import Finished, command
from tests.support.markers import ATTRIBUTE, MARKERS, PHONE, USERNAME
from tests.support.records import DATE, payload
from tests.support.suspense import NEW_VERSION, Suspense

MARKED = "; ".join(
    (
        f'Attributes.note = "{ATTRIBUTE}"',
        f'CustomerEndpoint.Address = "{PHONE}"',
        f'Agent.Username = "{USERNAME}"',
        NEW_VERSION,
    )
)
NEW = payload(f'{MARKED}; ContactId = "new"')
BAD = payload(f'{MARKED}; ContactId = "bad"; DisconnectTimestamp = null')
HELD = payload('ContactId = "held"; Attributes = null; Agent.Username = "okapi.username.4711"')
OOPS = ATTRIBUTE.encode()

pytestmark = pytest.mark.usefixtures("nothing_left")


class World:
    """A folder with a ledger, and a settings file that accepts the new version."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "out"
        self.desk = Suspense(self.out)
        self.desk.read(payload(), NEW, BAD, HELD, source="2026/a.json", positions=["0", "2000", "900", "4000"])
        self.desk.read(OOPS, live=True, source="stream/shard-0", positions=["49"])
        self.desk.read(b" " * 1_048_577, source="huge.json", positions=["0"])
        self.agents = folder / "agents.csv"
        self.agents.write_text("agent_id,extension\n")
        self.settings = folder / "settings.toml"
        self.settings.write_text('[records]\nformat_versions = ["2017-03-10", "2027-01-01"]\n')

    def run(self, *options: object) -> Finished:
        finished = command(*options, "--out", self.out)
        assert [marker for marker in MARKERS if marker in finished.err] == []
        return finished

    def said(self, *options: object) -> str:
        finished = self.run(*options)
        assert (finished.code, finished.err) == (0, ""), finished.err
        assert [marker for marker in MARKERS if marker in finished.out] == []
        return finished.out

    def fails(self, code: int, *options: object) -> str:
        finished = self.run(*options)
        assert (finished.code, finished.out) == (code, ""), finished.err
        assert finished.err.count("\n") == 1
        return finished.err

    def recycle(self, *options: object) -> str:
        return self.said("quarantine", "recycle", "--config", self.settings, "--agents", self.agents, *options)


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> World:
    """For those who change nothing."""
    return World(tmp_path_factory.mktemp("world"))


def test_list_names_places_and_no_payload(reading: World) -> None:
    assert reading.said("quarantine", "list").splitlines() == [
        f"{DATE}  unsupported_version: 2",
        f"  2026/a.json at 900: {len(BAD)} bytes",
        f"  2026/a.json at 2000: {len(NEW)} bytes",
        "unknown  not_json: 1",
        f"  stream/shard-0 at 49: {len(OOPS)} bytes",
        "unknown  too_large: 1",
        "  huge.json at 0: 1048577 bytes",
        "4 quarantined in all",
    ]


def test_list_by_date_and_reason_as_json(reading: World) -> None:
    found = json.loads(reading.said("quarantine", "list", "--json", "--date", "unknown", "--reason", "not_json"))
    row = {"source": "stream/shard-0", "position": "49", "length": len(OOPS), "reason": "not_json", "detail": None}
    assert found == {
        "quarantined": 1,
        "reasons": [{"date": "unknown", "reason": "not_json", "rows": 1}],
        "rows": [{"date": "unknown", **row}],
    }
    assert reading.said("quarantine", "list", "--date", "2026-03-02") == "0 quarantined in all\n"


def test_show_tells_of_a_row_and_shows_its_payload_only_on_request(reading: World) -> None:
    place = ("quarantine", "show", "--source", "2026/a.json", "--position", "2000")
    assert reading.said(*place).splitlines() == [
        f"billing date  {DATE}",
        "outcome       quarantined",
        "reason        unsupported_version",
        f"length        {len(NEW)} bytes",
        f"payload       {reading.out}/ledger/quarantine/billing_date={DATE}/replay-1-0-0.parquet",
    ]
    shown = reading.run(*place, "--payload")
    assert (shown.code, shown.out) == (0, NEW.decode())
    assert shown.err == "contact-billing: what is shown on stdout is patients' data; keep it as such\n"
    live = ("quarantine", "show", "--source", "stream/shard-0", "--position", "49")
    assert "ledger/quarantine/billing_date=unknown/part-0002-0" in reading.said(*live)
    assert reading.run(*live, "--payload").out == OOPS.decode()


def test_show_says_why_there_is_no_payload(reading: World) -> None:
    huge = ("quarantine", "show", "--source", "huge.json", "--position", "0")
    place = "in the archive, because it is over the size limit: 1048577 bytes of huge.json at 0; read it with --payload"
    assert f"payload       {place} --archive ARCHIVE" in reading.said(*huge)
    assert f"no payload of huge.json at 0: {place}" in reading.fails(INPUT, *huge, "--payload")
    good = ("quarantine", "show", "--source", "2026/a.json", "--position", "0")
    assert "outcome       billable" in reading.said(*good)
    assert "not quarantined" in reading.fails(INPUT, *good, "--payload")
    none = ("quarantine", "show", "--source", "2026/a.json", "--position", "1", "--payload")
    assert "no row of 2026/a.json at 1; take source and position from quarantine list" in reading.fails(INPUT, *none)


def test_held_lists_agents_and_contacts(reading: World) -> None:
    held = ("held", "list", "--agents", reading.agents)
    assert reading.said(*held).splitlines() == [
        f"{DATE}  extension_unmatched: agent nurse-1, contact held, 2026/a.json at 4000",
        "agent nurse-1: 1 held",
        "1 held in all",
    ]
    row = {"date": DATE, "reason": "extension_unmatched", "agent_id": "nurse-1", "contact_id": "held"}
    assert json.loads(reading.said(*held, "--json", "--date", DATE)) == {
        "held": 1,
        "agents": [{"agent_id": "nurse-1", "rows": 1}],
        "rows": [{**row, "source": "2026/a.json", "position": "4000"}],
    }
    assert reading.said(*held, "--date", "2026-03-02") == "0 held in all\n"
    table = reading.folder / "known.csv"
    table.write_text("agent_id,extension\nnurse-1,0100\n")
    assert reading.said("held", "list", "--agents", table) == "0 held in all\n"


def test_recycle_then_release(tmp_path: Path) -> None:
    world = World(tmp_path)
    given = ("release", "--agents", world.agents, "--date", DATE)
    assert "v0001" in world.said(*given)
    before = world.desk.ledger.store.names("")
    tried = world.recycle("--dry-run", "--date", DATE)
    assert world.desk.ledger.store.names("") == before
    assert tried.splitlines() == [
        "date        reason               billable  held  excluded  quarantined  no payload",
        f"{DATE}  unsupported_version         1     0         0            1           0",
        "",
        "dry run: 1 rows would be recycled; nothing was written",
        f"to be released then: {DATE}",
    ]
    done = world.recycle().splitlines()
    (name,) = world.desk.objects()
    assert done[1:4] == [
        f"{DATE}  unsupported_version         1     0         0            1           0",
        "unknown     not_json                    0     0         0            1           0",
        "unknown     too_large                   0     0         0            0           1",
    ]
    assert done[4:] == ["", f"1 rows recycled: {world.out}/ledger/{name}", f"to be released again: {DATE}"]
    assert "0 rows recycled; nothing was written" in world.recycle()
    listed = world.said("quarantine", "list")
    assert "at 2000" not in listed
    assert "3 quarantined in all" in listed
    shown = world.said("quarantine", "show", "--source", "2026/a.json", "--position", "2000")
    assert f"recycled      billable, billing date {DATE}" in shown
    assert "v0002 (1 added)" in world.said(*given, "--config", world.settings)


def test_nothing_is_quarantined(tmp_path: Path) -> None:
    world = World(tmp_path)
    assert world.recycle("--date", "2026-03-02") == "nothing is quarantined\n"
    assert world.recycle("--reason", "no such reason") == "nothing is quarantined\n"


def test_what_cannot_be_worked_on(reading: World, tmp_path: Path) -> None:
    assert "holds no ledger" in command("quarantine", "list", "--out", tmp_path / "no").err
    bad = reading.run("quarantine", "list", "--date", "yesterday")
    assert (bad.code, bad.out) == (SETTINGS, "")
    assert "neither a date, such as 2026-03-01, nor unknown" in bad.err
    assert "--agents" in reading.fails(SETTINGS, "quarantine", "recycle")
    assert "--agents" in reading.fails(SETTINGS, "held", "list")


def test_a_payload_that_is_gone(tmp_path: Path) -> None:
    world = World(tmp_path)
    for path in (world.out / "ledger/quarantine").rglob("*.parquet"):
        path.unlink()
    place = ("quarantine", "show", "--source", "2026/a.json", "--position", "2000")
    assert "payload       missing from the quarantine; replay its archive" in world.said(*place)
    assert "missing from the quarantine" in world.fails(INPUT, *place, "--payload")
    assert "0 rows recycled; nothing was written" in world.recycle()
