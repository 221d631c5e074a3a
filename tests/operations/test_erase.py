"""A patient's number is erased: from then on no byte of any place has it, and everything else is as it was."""

import json
import os
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sinks.parquet import parquet_bytes
from tests.operations.world import finished
from tests.support.ledgers import read_archive
from tests.support.partner_files import csv_rows, digests
from tests.support.records import DATE, payload
from tests.support.suspense import NEW_VERSION, Suspense, unreadable

NUMBER, OTHER = "+12025550173", "+120255501734"
DIGITS = NUMBER[1:].encode()
PHONE = f'CustomerEndpoint.Address = "{NUMBER}"'
LATER = "2026-03-02"
OLD = 1_700_000_000
SETTINGS = """
[records]
format_versions = ["2017-03-10", "2027-01-01"]
[stream]
checkpoint_seconds = 100
[storage]
ledger = "{0}/ledger"
quarantine = "{0}/restricted/quarantine"
archive = "{0}/restricted/archive"
release = "{0}/release"
audit = "{0}/audit"
agents = "{0}/agents.csv"
"""


def later(differences: str) -> str:
    """On the next day."""
    names = ("InitiationTimestamp", "Agent.ConnectedToAgentTimestamp", "DisconnectTimestamp")
    at = zip(names, ("10:00:00", "10:00:20", "10:00:56"), strict=True)
    return "; ".join([differences, *(f'{name} = "{LATER}T{clock}Z"' for name, clock in at)])


RECORDS = [
    payload(),
    payload(f'ContactId = "hers"; {PHONE}; Attributes.callback = "tel:{NUMBER}"; Attributes.again = "00{NUMBER[1:]}"'),
    payload(f'ContactId = "alike"; CustomerEndpoint.Address = "{OTHER}"'),
    payload(later(f'ContactId = "hers too"; {PHONE}')),
    payload(later('ContactId = "his"; CustomerEndpoint.Address = "+12025550199"')),
    # Not billed, and so in no release.
    payload(later(f'ContactId = "unbilled"; {PHONE}') + "; Queue = null; Agent = null"),
]
QUARANTINED = [
    payload(f'ContactId = "bad"; {PHONE}; DisconnectTimestamp = null'),
    payload(f'ContactId = "wrong type"; CustomerEndpoint.Address = {NUMBER[1:]}'),
    f"called from {NUMBER}".encode("utf-16"),
    # Records of an aggregate, which share a position.
    payload(f'ContactId = "new"; {PHONE}; {NEW_VERSION}'),
    payload(f'ContactId = "newer"; {NEW_VERSION}'),
]


class World:
    """Everything that a live job, replays, a recycle and releases have kept."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config = root / "settings.toml"
        self.config.write_text(SETTINGS.format(root))
        self.desk = Suspense(root, root / "restricted/quarantine")

    def filled(self) -> "World":
        root = self.root
        (root / "agents.csv").write_text("agent_id,extension\n")
        self.desk.read(*RECORDS[:3], *QUARANTINED[:3], live=True)
        self.desk.read(*RECORDS[3:], source="2026/03/02/archived.json")
        self.desk.read(QUARANTINED[3], QUARANTINED[4], positions=["7", "7"], judge=unreadable, live=True)
        archived = [RECORDS[:3] + QUARANTINED[:3], QUARANTINED[3:]]
        for number, payloads in enumerate(archived):
            table = pa.table({"payload": pa.array(payloads, pa.binary()), "source": ["s"] * len(payloads)})
            part = root / f"restricted/archive/arrived_date={DATE}/part-{number}-0"
            part.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(parquet_bytes(table))
        self.command("release", "--date", DATE, "--date", LATER)
        self.command("quarantine", "recycle", "--date", "unknown")
        self.command("release", "--date", DATE)
        for part in root.rglob("part-*"):
            os.utime(part, (OLD, OLD))
        return self

    def copy(self, root: Path) -> "World":
        """The same elsewhere."""
        shutil.copytree(self.root, root)
        return World(root)

    def command(self, *options: object, given: str = "", code: int = 0) -> str:
        done = finished(self.config, *options, stdin=given, code=code)
        assert DIGITS.decode() not in done.out + done.err
        return done.err if code else done.out

    def erase(self, *options: object, code: int = 0) -> str:
        return self.command("erase", *options, given=f"{NUMBER}\n\n", code=code)

    def verified(self) -> str:
        place = (self.root / "release", "--ledger", self.root / "ledger")
        return self.command("verify", *place)

    def version(self, date: str, version: int) -> Path:
        return self.root / f"release/billing_date={date}/v{version:04d}"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("filled")).filled()


@pytest.fixture
def world(filled: World, tmp_path: Path) -> World:
    return filled.copy(tmp_path / "world")


def holding(root: Path) -> list[str]:
    """The files in which a number is, decompressed."""
    found = []
    for path in (p for p in sorted(root.rglob("*")) if p.is_file()):
        data = path.read_bytes()
        if data[:4] == b"PAR1":
            data += b"\n".join(
                value if isinstance(value, bytes) else str(value).encode()
                for column in pq.read_table(path).columns
                for value in column.to_pylist()
            )
        plain = data.replace(OTHER.encode(), b"")
        if DIGITS in plain or b"\0".join(DIGITS[n : n + 1] for n in range(len(DIGITS))) in plain:
            found.append(path.relative_to(root).as_posix())
    return found


def test_nothing_holds_the_number_afterwards(world: World) -> None:
    assert len(holding(world.root)) > 10
    hers = world.version(DATE, 2)
    before = {line["contact_id"]: line for line in csv_rows(hers)}
    assert before["hers"]["patient_phone"] == before["new"]["patient_phone"] == NUMBER
    said = world.erase()
    assert said.splitlines()[:5] == [
        "place       objects  rows",
        "archive           2     5",
        "quarantine        3     4",
        "ledger            2     4",
        "recycled          1     1",
    ]
    assert holding(world.root) == []
    # The date is told anew, with her lines and without her phone; no other line has changed.
    after = {line["contact_id"]: line for line in csv_rows(world.version(DATE, 3))}
    assert after.keys() == before.keys()
    for contact, line in after.items():
        erased = {"patient_phone": None, "revision": 3} if contact in ("hers", "new") else {}
        assert line == before[contact] | erased
    manifest = json.loads((world.version(DATE, 3) / "manifest.json").read_bytes())
    assert (manifest["amends"], manifest["previous_contract"], manifest["amendments"]) == (None, None, {})
    assert {path.name for path in hers.iterdir()} == {"manifest.json", "erased.json"}
    assert world.verified().splitlines() == [
        f"{DATE}  versions 3  lines 5  erased 2  ok",
        f"{LATER}  versions 2  lines 2  erased 1  ok",
    ]
    assert "unchanged" in world.command("release", "--date", DATE)


def test_a_second_run_changes_nothing(world: World) -> None:
    world.erase()
    before = digests(world.root)
    assert "versions of the release: 0" in world.erase()
    assert digests(world.root) == before


def test_a_dry_run_changes_nothing(world: World) -> None:
    before = digests(world.root)
    said = world.erase("--dry-run")
    assert "versions of the release: 3\n\ndry run: nothing was written" in said
    assert digests(world.root) == before


def test_what_a_replay_of_the_archive_gives_is_what_the_ledger_has(world: World, tmp_path: Path) -> None:
    """And what was quarantined can be recycled still; what was recycled is not again."""
    world.erase()
    assert "0 rows recycled" in world.command("quarantine", "recycle")
    again = Suspense(tmp_path / "again")
    assert [r.error or r.bug for r in read_archive(world.root / "restricted/archive", again.ledger)] == [None, None]
    columns = ["contact_id", "outcome", "reason", "patient_phone", "talk_seconds", "length"]

    def rows(desk: Suspense) -> list[dict[str, object]]:
        found = [r for part in desk.ledger.parts(DATE) for r in pq.read_table(part, columns=columns).to_pylist()]
        return sorted(found, key=str)

    live = rows(world.desk)
    assert [row for row in rows(again) if row["contact_id"] not in ("new", "newer")] == live


def test_a_run_that_was_interrupted_is_finished_by_the_next(world: World) -> None:
    """Between any two writes, as far as they differ: the ledger is done and the release is not, or half of it."""
    whole = world.copy(world.root.parent / "whole")
    whole.erase()
    mark = world.version(LATER, 1) / "erased.json"
    mark.write_bytes((whole.version(LATER, 1) / "erased.json").read_bytes())
    (part,) = (world.root / "ledger/outcomes" / f"billing_date={LATER}").glob("replay-*")
    part.write_bytes((whole.root / part.relative_to(world.root)).read_bytes())
    world.erase()
    found, expected = ({n: d for n, d in digests(w.root).items() if of_the_data(n)} for w in (world, whole))
    assert found == expected
    for name in ("billing.csv", "billing.parquet"):
        (world.version(DATE, 1) / name).write_bytes((world.version(DATE, 3) / name).read_bytes())
    world.erase()
    assert not (world.version(DATE, 1) / "billing.csv").exists()


def of_the_data(name: str) -> bool:
    """A file that does not tell the time or where it is."""
    return name.startswith(("ledger/outcomes", "ledger/recycled", "release/")) and not name.endswith("latest.json")


def test_what_a_live_job_may_still_need_is_left_alone(world: World) -> None:
    part = next((world.root / "ledger/outcomes" / f"billing_date={DATE}").glob("part-0001-0"))
    os.utime(part)
    before = digests(world.root)
    said = world.erase(code=5)
    assert "may still need them after a restart; nothing was written: run again in " in said
    assert digests(world.root) == before


@pytest.mark.parametrize(("given", "line"), [("", "no phone number"), ("2025550173\n", "line 1"), ("+120\n", "line 1")])
def test_what_is_no_number_is_refused(world: World, given: str, line: str) -> None:
    assert line in world.command("erase", given=given, code=3)
