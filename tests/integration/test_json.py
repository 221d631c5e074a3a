"""--json on every command that prints a result: the object alone on stdout, and the text is what the object says.

Of a backfill: test_backfill.py; of `release --follow`: test_follow.py.
"""

import gzip
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jobs.cli.json_docs import RESULTS
from jobs.cli.main import cli
from schemas.errors import AuditFailed, SettingsError, VerificationFailed
from tests.support.command import Finished, command, commands
from tests.support.markers import ATTRIBUTE, MARKERS, PHONE
from tests.support.records import DATE, payload
from tests.support.suspense import NEW_VERSION, Suspense

MARKED = f'CustomerEndpoint.Address = "{PHONE}"; Attributes.note = "{ATTRIBUTE}"'
NEW = payload(f'{MARKED}; {NEW_VERSION}; ContactId = "new"')
BAD = payload(f'{MARKED}; DisconnectTimestamp = null; ContactId = "bad"')
HELD = payload(f'{MARKED}; Attributes.extensionNumber = "Timeout"; ContactId = "held"')
BEFORE, AFTER = "2026-02-28", "2026-03-02"
TABLE = "agent_id,extension,valid_from,valid_to\n"


@dataclass(frozen=True)
class World:
    """A folder with a ledger of which something is quarantined and held, an agents' table, and settings."""

    folder: Path

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def agents(self) -> Path:
        return self.folder / "agents.csv"

    @property
    def desk(self) -> Suspense:
        return Suspense(self.out)

    def build(self) -> "World":
        self.desk.read(payload(MARKED), NEW, BAD, HELD, source="a.json", positions=["0", "2000", "900", "4000"])
        self.desk.close(DATE)
        self.agents.write_text(f"{TABLE}nurse-8,0417,,\nnurse-9,0417,,2026-03-01T00:00:00Z\n")
        (self.folder / "settings.toml").write_text('[records]\nformat_versions = ["2017-03-10", "2027-01-01"]\n')
        return self

    def twice(self, *options: object, stdin: str = "") -> tuple[Finished, Finished]:
        """The same command as text and as JSON, each in the folder as it was before."""
        kept = self.folder.with_name("kept")
        shutil.copytree(self.folder, kept)
        text = command(*options, stdin=stdin)
        shutil.rmtree(self.folder)
        kept.rename(self.folder)
        return text, command(*options, "--json", stdin=stdin)


@pytest.fixture
def world(tmp_path: Path) -> World:
    (tmp_path / "world").mkdir()
    return World(tmp_path / "world").build()


def test_every_command_that_prints_a_result_has_it() -> None:
    """`stream` and `metrics` run until they are stopped, and come to nothing."""
    having = {name for name, one in commands(cli) if any("--json" in o.opts for o in one.params)}
    assert having == set(RESULTS) == {name for name, _ in commands(cli)} - {"stream", "metrics"}


def agree(name: str, text: Finished, found: Finished, code: int = 0) -> Any:
    """Exit codes and errors are the same, and the text is made of the object. Out: the object."""
    assert (text.code, found.code, found.err) == (code, code, text.err)
    assert [line.partition(": ")[0] for line in text.err.splitlines()] == ["contact-billing"] * bool(code)
    (line,) = found.out.splitlines()
    assert line.isascii()
    assert [marker for marker in MARKERS if marker in line] == []
    result = msgspec.json.decode(line, type=RESULTS[name])
    assert json.loads(line) == json.loads(msgspec.json.encode(result))
    assert result.text() + "\n" == text.out  # type: ignore[attr-defined]
    return result


def test_release(world: World) -> None:
    options = ("release", "--out", world.out, "--agents", world.agents)
    tried = agree("release", *world.twice(*options, "--dry-run"))
    assert (tried.dry_run, [(r.version, r.new) for r in tried.dates]) == (True, [(1, True)])
    done = agree("release", *world.twice(*options))
    (date,) = done.dates
    assert (date.billing_date, date.new, date.control.billed, date.control.held) == (DATE, True, 1, 1)
    assert date.location == f"{world.out}/release/billing_date={DATE}/v0001"
    (again,) = agree("release", *world.twice(*options)).dates
    assert (again.new, again.control) == (False, date.control)


def test_status(world: World) -> None:
    options = ("status", "--out", world.out, "--agents", world.agents)
    assert agree("status", *world.twice(*options)).unreleased == (DATE,)
    command("release", "--out", world.out, "--agents", world.agents)
    found = agree("status", *world.twice(*options))
    assert (found.unreleased, found.released, found.held) == ((), 1, {DATE: 1})


def test_release_where_a_date_fails(world: World) -> None:
    world.desk.read(payload(f'{MARKED}; InitiationTimestamp = "{BEFORE}T23:00:00Z"'))
    options = ("release", "--out", world.out, "--agents", world.agents, "--date", BEFORE, "--date", AFTER)
    dates = agree("release", *world.twice(*options), AuditFailed.exit_code).dates
    assert [(r.billing_date, r.version, r.new, bool(r.failures)) for r in dates] == [
        (BEFORE, 0, False, True),
        (AFTER, 1, True, False),
    ]


def test_release_where_no_date_is_closed(tmp_path: Path) -> None:
    world = World(tmp_path / "world")
    Suspense(world.out)
    world.agents.write_text(TABLE)
    assert agree("release", *world.twice("release", "--out", world.out, "--agents", world.agents)).dates == ()


def test_erase(world: World) -> None:
    world.desk.release(DATE)
    options = ("erase", "--out", world.out, "--agents", world.agents)
    tried = agree("erase", *world.twice(*options, "--dry-run", stdin=PHONE))
    assert (tried.dry_run, tried.versions, tried.dates) == (True, 1, ())
    done = agree("erase", *world.twice(*options, stdin=PHONE))
    assert done.places == tried.places
    assert [(date.billing_date, date.version, date.new) for date in done.dates] == [(DATE, 2, True)]


def test_verify(world: World) -> None:
    world.desk.release(DATE)
    assert agree("verify", *world.twice("verify", world.out / "release")).dates[0].findings == ()
    (world.out / f"release/billing_date={DATE}/v0001/billing.csv").unlink()
    (date,) = agree("verify", *world.twice("verify", world.out / "release"), VerificationFailed.exit_code).dates
    assert date.findings == ("v0001: billing.csv: is missing",)


def test_agents_check(world: World) -> None:
    options = ("agents", "check", "--agents", world.agents)
    assert agree("agents check", *world.twice(*options)).agents == 2
    found = agree("agents check", *world.twice(*options, "--strict"), AuditFailed.exit_code)
    assert [s.agent_ids for s in found.shared] == [("nurse-8", "nurse-9")]


@pytest.mark.parametrize("table", [{"nurse-8": "0417"}, {}])
def test_agents_sync(world: World, monkeypatch: pytest.MonkeyPatch, table: dict[str, str]) -> None:
    monkeypatch.setattr("jobs.agents.sync.scan", lambda *_: table)
    options = ("agents", "sync", "--agents", world.folder / "new.csv", "--table", "t")
    result = agree("agents sync", *world.twice(*options))
    assert (result.table, result.written, result.new) == (f"{world.folder}/new.csv", bool(table), len(table))


def test_quarantine(world: World) -> None:
    over = ("--out", world.out)
    listed = agree("quarantine list", *world.twice("quarantine", "list", *over))
    assert [(r.reason, r.rows) for r in listed.reasons] == [("missing_field", 1), ("unsupported_version", 1)]
    assert [(r.position, r.detail) for r in listed.rows] == [("900", "DisconnectTimestamp"), ("2000", None)]
    place = (*over, "--source", "a.json", "--position", "2000")
    (row,) = agree("quarantine show", *world.twice("quarantine", "show", *place)).rows
    assert (row.reason, row.length, row.no_payload) == ("unsupported_version", len(NEW), None)
    refused = command("quarantine", "show", *place, "--payload", "--json")
    assert (refused.out, refused.code) == ("", SettingsError.exit_code)
    assert "leave out --json" in refused.err
    later = (*over, "--agents", world.agents, "--config", world.folder / "settings.toml")
    tried = agree("quarantine recycle", *world.twice("quarantine", "recycle", *later, "--dry-run"))
    assert (tried.dry_run, tried.rows, tried.object, tried.release) == (True, 1, "", (DATE,))
    done = agree("quarantine recycle", *world.twice("quarantine", "recycle", *later))
    assert [done.object] == [f"{world.out}/ledger/{name}" for name in world.desk.objects()]
    assert agree("quarantine recycle", *world.twice("quarantine", "recycle", *later)).rows == 0


def test_replay(world: World) -> None:
    (world.folder / "archive").mkdir()
    damaged = gzip.compress(b"\n".join([payload(MARKED), BAD, b"oops"]), mtime=0)[:-5]
    (world.folder / "archive/b.gz").write_bytes(damaged)
    places = ("--archive", world.folder / "archive", "--agents", world.agents, "--out", world.folder / "replayed")
    replayed = agree("replay", *world.twice("replay", *places))
    assert msgspec.to_builtins(replayed) == {
        "files": 1,
        "damaged": ("b.gz",),
        "dates": {DATE: 2, "unknown": 1},
        "ledger": f"{world.folder}/replayed/ledger",
        "unreadable": {},
        "left_out": 0,
        "other_dates": {},
    }
    assert agree("replay", *world.twice("replay", *places)) == replayed, "read twice, it says the same"


def test_held(world: World) -> None:
    held = agree("held list", *world.twice("held", "list", "--out", world.out, "--agents", world.agents))
    assert (held.held, [row.contact_id for row in held.rows]) == (1, ["held"])


def test_sample(world: World) -> None:
    agree("sample", *world.twice("sample", "--out", world.folder / "sample", "--contacts", "200"))
