"""Sync against a file and against S3: what is written, what is refused, and what happens to two at once."""

from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from jobs.agents.sync import SyncOverrides, sync
from jobs.agents.table import load_agents
from jobs.agents.table_file import location_of, read
from jobs.settings.connections import S3
from schemas.errors import InputError, StorageError
from tests.support.agents import ROWS, json_lines, parquet
from tests.support.agents import csv as plain_csv
from tests.support.aws import descriptions_of_aws  # noqa: F401  a fixture
from transforms.records.extension import BEGINNING, END, Assignment
from transforms.records.timestamps import MICROSECONDS, instant

MARCH = instant("2026-03-01T00:00:00Z") or 0
APRIL = instant("2026-04-01T00:00:00Z") or 0
DAY = 86_400 * MICROSECONDS
NOTHING = SyncOverrides()
ACCESS = S3(region="us-east-1")


@pytest.fixture
def where(tmp_path: Path) -> str:
    """A place for the history, where there is none yet."""
    return str(tmp_path / "new" / "agents.csv")


@pytest.fixture(params=["file", "s3"])
def anywhere(request: pytest.FixtureRequest, where: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The same, also on S3."""
    if request.param == "file":
        yield where
        return
    for name, value in {"ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="ledger")
        yield "s3://ledger/agents/agents.csv"


def put(where: str, data: bytes) -> None:
    store, name = location_of(where, ACCESS)
    store.put(name, data)


def synced(where: str, table: dict[str, str], at: int = MARCH, **allowed: bool) -> str:
    return sync(where, ACCESS, lambda: table, lambda: at, SyncOverrides(**allowed)).text()


def history(where: str) -> tuple[Assignment, ...]:
    return load_agents(where, ACCESS).assignments


def refused(where: str, call: Callable[[], object], kind: type[Exception], *words: str) -> None:
    """One line, which names the place and no value; nothing is changed."""
    before = read(where, ACCESS)
    with pytest.raises(kind) as error:
        call()
    text = str(error.value)
    assert "\n" not in text
    assert [word for word in (where, *words) if word not in text] == [], text
    assert [word for word in ("nurse", "0417", "0500") if word in text] == [], text
    assert read(where, ACCESS) == before


def test_a_history_begins_and_goes_on(anywhere: str) -> None:
    said = [
        synced(anywhere, {"nurse-2": "0500", "nurse-1": "0417"}),
        synced(anywhere, {"nurse-1": "0417", "nurse-2": "0501", "nurse-3": "7"}, MARCH + DAY),
        synced(anywhere, {"nurse-1": "0417", "nurse-3": "7"}, MARCH + 2 * DAY),
        synced(anywhere, {"nurse-1": "0417", "nurse-2": "0502", "nurse-3": "7"}, MARCH + 3 * DAY),
    ]
    assert said == [
        f"2 new, 0 changed, 0 returned, 0 ended, 0 unchanged: {anywhere}",
        f"1 new, 1 changed, 0 returned, 0 ended, 1 unchanged: {anywhere}",
        f"0 new, 0 changed, 0 returned, 1 ended, 2 unchanged: {anywhere}",
        f"0 new, 0 changed, 1 returned, 0 ended, 2 unchanged: {anywhere}",
    ]
    assert history(anywhere) == (
        Assignment("nurse-1", "0417", BEGINNING, END),
        Assignment("nurse-2", "0500", BEGINNING, MARCH + DAY),
        Assignment("nurse-2", "0501", MARCH + DAY, MARCH + 2 * DAY),
        Assignment("nurse-2", "0502", MARCH + 3 * DAY, END),
        Assignment("nurse-3", "7", BEGINNING, END),
    )
    assert (read(anywhere, ACCESS) or b"").startswith(
        b"agent_id,extension,valid_from,valid_to,seal\nnurse-1,0417,,,sha256:"
    )


def test_nothing_changed_nothing_written(anywhere: str, monkeypatch: pytest.MonkeyPatch) -> None:
    table = {"nurse-1": "0417"}
    synced(anywhere, table)
    for write in ("sinks.store.LocalStore", "sinks.s3.S3Store"):
        monkeypatch.setattr(f"{write}.replace", None)
        monkeypatch.setattr(f"{write}.put_new", None)
    for at in (MARCH, APRIL):
        assert synced(anywhere, table, at) == f"nothing changed: 1 unchanged; {anywhere} was not written"


def test_a_table_without_extensions_begins_no_history(where: str) -> None:
    assert synced(where, {}) == f"nothing changed: 0 unchanged; {where} was not written"
    assert read(where, ACCESS) is None


def test_a_clock_that_goes_backwards(where: str) -> None:
    synced(where, {"nurse-1": "0417"})
    synced(where, {"nurse-1": "0500"}, APRIL)
    words = ("knows 2026-04-01T00:00:00Z", "it is 2026-03-31T23:59:59Z now", "the clock goes backwards")
    for table in ({"nurse-1": "0500"}, {"nurse-1": "0417"}):
        refused(where, lambda t=table: synced(where, t, APRIL - MICROSECONDS), InputError, *words)


@pytest.mark.parametrize("table", [{}, {"nurse-1": ""}])
def test_an_empty_table_ends_no_assignment_unless_allowed(where: str, table: dict[str, str]) -> None:
    synced(where, {"nurse-1": "0417", "nurse-2": "0500"})
    refused(where, lambda: synced(where, table, APRIL), InputError, "all 2 assignments", "--allow-empty", "--table")
    assert synced(where, table, APRIL, empty=True).startswith("0 new, 0 changed, 0 returned, 2 ended")
    assert {row.valid_to for row in history(where)} == {APRIL}
    assert synced(where, table, APRIL + DAY).startswith("nothing changed: 0 unchanged"), "it has been said once"


def test_a_history_that_was_edited(anywhere: str) -> None:
    synced(anywhere, {"nurse-1": "0417", "nurse-2": "0500"})
    put(anywhere, (read(anywhere, ACCESS) or b"").replace(b"0417", b"0418"))
    for allowed in ({}, {"adopt": True}):
        words = ("row 1 does not fit its seal", "older version")
        refused(anywhere, lambda a=allowed: synced(anywhere, {"nurse-1": "0417"}, **a), InputError, *words)


@pytest.mark.parametrize("form", [plain_csv, json_lines, parquet])
def test_a_table_made_by_hand_is_adopted_on_demand(where: str, form: Callable[[object], bytes]) -> None:
    """Its rows stay, whatever their form was; also where the table has nothing new."""
    put(where, form(ROWS))
    rows = history(where)
    refused(where, lambda: synced(where, {"nurse-1": "0417"}, APRIL), InputError, "made by hand", "--adopt")
    assert synced(where, {}, APRIL, adopt=True) == f"0 new, 0 changed, 0 returned, 0 ended, 0 unchanged: {where}"
    assert history(where) == rows
    assert b",seal\n" in (read(where, ACCESS) or b"")
    assert synced(where, {"nurse-1": "0417"}, APRIL).startswith("0 new, 0 changed, 1 returned")
    assert history(where) == (*rows[:2], Assignment("nurse-1", "0417", APRIL, END), rows[2])


def test_rows_that_are_planned_ahead_are_not_adopted(where: str) -> None:
    put(where, plain_csv(ROWS))
    words = ("knows 2026-04-01T00:00:00Z", "planned ahead")
    refused(where, lambda: synced(where, {}, MARCH, adopt=True), InputError, *words)


def test_bytes_that_are_no_table(where: str) -> None:
    put(where, b"\xff\xfe")
    refused(where, lambda: synced(where, {"nurse-1": "0417"}, adopt=True), InputError, "neither CSV")


@pytest.mark.parametrize("first", [{}, {"nurse-1": "0417"}])
def test_the_loser_of_two_looks_again(anywhere: str, first: dict[str, str]) -> None:
    """What the winner saw stays; the table is read once more, and what it says then is added."""
    synced(anywhere, first)
    looks: list[dict[str, str]] = []

    def look() -> dict[str, str]:
        looks.append({"nurse-1": "0417", "nurse-2": "0500", **({"nurse-3": "7"} if looks else {})})
        if len(looks) == 1:
            synced(anywhere, {"nurse-1": "0417", "nurse-2": "0500"}, MARCH + DAY)
        return looks[-1]

    said = sync(anywhere, ACCESS, look, lambda: MARCH + 2 * DAY, NOTHING).text()
    assert said == f"1 new, 0 changed, 0 returned, 0 ended, 2 unchanged: {anywhere}"
    assert len(looks) == 2
    assert [row.agent_id for row in history(anywhere)] == ["nurse-1", "nurse-2", "nurse-3"]


def test_others_who_keep_writing(anywhere: str) -> None:
    seconds = iter(range(100))

    def look() -> dict[str, str]:
        number = next(seconds)
        synced(anywhere, {"nurse-1": str(number)}, MARCH + number * MICROSECONDS)
        return {"nurse-1": "0417"}

    with pytest.raises(StorageError, match="others keep writing it; run again") as error:
        sync(anywhere, ACCESS, look, lambda: APRIL, NOTHING)
    assert anywhere in str(error.value)
    assert [row.extension for row in history(anywhere)] == ["0", "1", "2"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    link = tmp_path / "link.csv"
    link.symlink_to(tmp_path / "there" / "agents.csv")
    synced(str(link), {"nurse-1": "0417"})
    assert link.is_symlink()
    assert (tmp_path / "there" / "agents.csv").is_file()
    assert history(str(link)) == (Assignment("nurse-1", "0417", BEGINNING, END),)


@pytest.mark.parametrize("where", ["s3://", "s3://ledger", "s3://ledger/agents/"])
def test_what_is_no_object(where: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="that is not an object; correct --agents"):
        synced(where, {"nurse-1": "0417"})
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_history(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Is a directory"):
        synced(str(tmp_path), {"nurse-1": "0417"})


def test_the_kms_key_is_on_the_history(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="ledger")
        access = S3(region="us-east-1", kms_key="arn:aws:kms:us-east-1:123456789012:key/0f1e2d3c")
        for extension in ("1", "2"):
            sync("s3://ledger/agents.csv", access, lambda e=extension: {"nurse-1": e}, lambda: MARCH, NOTHING)
            head = client.head_object(Bucket="ledger", Key="agents.csv")
            assert head["SSEKMSKeyId"] == access.kms_key
