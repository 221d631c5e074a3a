"""`contact-billing agents sync` and `check` as a user runs them, against moto's DynamoDB and S3."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.agents.table import load_agents
from jobs.settings.connections import S3
from sinks.s3 import S3Store
from tests.integration.failing import INPUT, SETTINGS, STORAGE
from tests.services.s3 import MotoServer, aws_server
from tests.support.command import Finished
from tests.support.process import COMMAND, run
from tests.support.voicemail import PLANTED, Voicemail, solution, user
from transforms.records.extension import BEGINNING, END, Assignment
from transforms.records.timestamps import MICROSECONDS, instant_text

AUDIT = 4
NOTHING_ELSE = "0 returned, 0 ended, 0 unchanged"

pytestmark = pytest.mark.usefixtures("nothing_left")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MotoServer]:
    with aws_server(tmp_path_factory.mktemp("moto")) as running:
        running.create_bucket("ledger")
        yield running


@pytest.fixture
def voicemail(server: MotoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Voicemail]:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    with solution(server, tmp_path) as running:
        yield running


def fails(finished: Finished, code: int, *words: str) -> None:
    """One line, which has the words in it, and no agent and no extension."""
    assert finished.code == code, finished.err
    assert finished.err.startswith("contact-billing: ")
    assert finished.err.count("\n") == 1
    assert [word for word in words if word not in finished.err] == [], finished.err
    assert [word for word in ("agent-0001", "0417") if word in finished.err] == [], finished.err


def test_a_large_table_is_read_whole_and_without_its_other_attributes(voicemail: Voicemail, tmp_path: Path) -> None:
    """Over the megabyte of a page; what arrives and what is written is agents and extensions only."""
    voicemail.put(*(user(n, f"{n:04d}" if n % 9 else None, size=4000) for n in range(400)))
    assert voicemail.synced() == f"355 new, 0 changed, {NOTHING_ELSE}: {voicemail.agents}"
    assert len(voicemail.before.asked) > 1
    assert {asked["ConsistentRead"] for asked in voicemail.before.asked} == {True}
    arrived = [item for answer in voicemail.before.answered for item in json.loads(answer)["Items"]]
    assert len(arrived) == 400
    assert {name for item in arrived for name in item} == {"agentId", "extension"}
    assert PLANTED.encode() not in b"".join(voicemail.before.answered)
    assert PLANTED not in voicemail.agents.read_text()
    assert load_agents(voicemail.agents).assignments == tuple(
        Assignment(f"agent-{n:04d}", f"{n:04d}", BEGINNING, END) for n in range(400) if n % 9
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["agents.csv", "settings.toml"]
    seen = run("agents", "sync", "--config", voicemail.config, "--json", folder=tmp_path / "run", terminal=True)
    assert re.search(r"scan: 400item \[\d\d:\d\d, +[\d.]+item/s\]", seen.err), seen.err
    assert (json.loads(seen.out)["unchanged"], PLANTED in seen.err + seen.out) == (355, False)
    assert (seen.left, seen.survivors) == ([], [])


def test_a_history_on_s3_follows_the_table(server: MotoServer, voicemail: Voicemail) -> None:
    where, access = "s3://ledger/agents/history.csv", S3(server.endpoint, server.region, path_style=True)
    store = S3Store("s3://ledger", access, "storage.agents")
    voicemail.put(user(1, "0417"), user(2, "0500"), user(3, None))
    assert voicemail.synced("--agents", where) == f"2 new, 0 changed, {NOTHING_ELSE}: {where}"
    began = time.time() * MICROSECONDS
    voicemail.put(user(1, "0418"), user(2, None), user(3, "7"))
    assert voicemail.synced("--agents", where) == f"1 new, 1 changed, 0 returned, 1 ended, 0 unchanged: {where}"
    written = store.get("agents/history.csv")
    assert voicemail.synced("--agents", where) == f"nothing changed: 2 unchanged; {where} was not written"
    assert store.get("agents/history.csv") == written
    history = load_agents(where, access).assignments
    at = history[0].valid_to
    assert began - MICROSECONDS <= at <= time.time() * MICROSECONDS
    assert history == (
        Assignment("agent-0001", "0417", BEGINNING, at),
        Assignment("agent-0001", "0418", at, END),
        Assignment("agent-0002", "0500", BEGINNING, at),
        Assignment("agent-0003", "7", BEGINNING, END),
    )
    listed = voicemail.run("check", "--json", "--config", voicemail.config, "--agents", where)
    assert (listed.code, listed.err) == (0, "")
    found = json.loads(listed.out)
    assert (found["table"], found["rows"], found["shared"], found["gaps"]) == (where, 4, [], [])
    assert found["without"] == [{"agent_id": "agent-0002", "row": 3, "since": instant_text(at)}]


def test_syncs_at_once_are_as_one_after_another(voicemail: Voicemail) -> None:
    voicemail.put(*(user(n, f"{n:04d}") for n in range(5)))
    command = [COMMAND, "agents", "sync", "--config", voicemail.config]
    jobs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    told = [job.communicate(timeout=240) for job in jobs]
    assert {(job.returncode, err) for job, (_, err) in zip(jobs, told, strict=True)} == {(0, "")}
    assert sorted(out.split(",")[0].split(":")[0] for out, _ in told) == ["5 new", *["nothing changed"] * 2]


def test_a_history_that_somebody_edits(voicemail: Voicemail) -> None:
    voicemail.put(user(1, "0417"), user(2, "0500"))
    voicemail.synced()
    path, good = voicemail.agents, voicemail.agents.read_text()
    path.write_text(good.replace("0417", "0418"))
    for edited in (voicemail.sync(), voicemail.run("check", "--agents", path)):
        fails(edited, INPUT, str(path), "row 1 does not fit its seal", "restore it")
        assert edited.out == ""
    by_hand = "".join(line.rpartition(",")[0] + "\n" for line in good.splitlines())
    path.write_text(by_hand)
    fails(voicemail.sync(), INPUT, str(path), "--adopt")
    assert path.read_text() == by_hand
    assert voicemail.synced("--adopt").startswith("0 new, 0 changed, 0 returned, 0 ended, 2 unchanged")
    assert path.read_text() == good


def test_a_table_without_extensions(voicemail: Voicemail) -> None:
    voicemail.put(user(1, "0417"))
    voicemail.synced()
    voicemail.put(user(1, None))
    fails(voicemail.sync(), INPUT, "would end all 1 assignments", "--allow-empty")
    assert voicemail.synced("--allow-empty").startswith("0 new, 0 changed, 0 returned, 1 ended, 0 unchanged")


def test_throttling_is_waited_for(voicemail: Voicemail) -> None:
    voicemail.put(user(1, "0417"))
    voicemail.before.refuse("ProvisionedThroughputExceededException", 2)
    assert voicemail.synced().startswith("1 new")
    assert len(voicemail.before.asked) == 3


def test_what_cannot_be_read_is_told_in_one_line(voicemail: Voicemail) -> None:
    fails(voicemail.sync("--table", "nowhere"), SETTINGS, "nowhere", "no such table", "--table or agents.region")
    voicemail.before.refuse("AccessDeniedException")
    fails(voicemail.sync(), SETTINGS, "voicemail-users", "access denied", "dynamodb:Scan")
    voicemail.before.refuse("SomethingElse")
    fails(voicemail.sync(), STORAGE, "voicemail-users", "SomethingElse")
    fails(voicemail.sync("--agents", "s3://nowhere/x.csv"), SETTINGS, "no such bucket", "storage.agents")
    voicemail.create("another-table", "id")
    voicemail.put({"id": {"S": "agent-0001"}, "extension": {"S": "0417"}}, table="another-table")
    fails(voicemail.sync("--table", "another-table"), INPUT, "another-table", "1 of 1 items have no agentId")
    assert not voicemail.agents.exists()


def test_what_nobody_names(voicemail: Voicemail) -> None:
    fails(voicemail.run("sync"), SETTINGS, "--agents", "storage.agents")
    fails(voicemail.run("sync", "--agents", voicemail.agents), SETTINGS, "--table", "agents.table")
    fails(voicemail.run("check"), SETTINGS, "--agents", "storage.agents")
    fails(voicemail.run("check", "--agents", voicemail.agents), INPUT, "agents.csv", "it does not exist")


def test_check_lists_and_strict_fails(voicemail: Voicemail) -> None:
    voicemail.agents.write_text("agent_id,extension\nagent-0001,0417\nagent-0002,0417\n")
    listed = voicemail.run("check", "--config", voicemail.config)
    assert (listed.code, listed.err) == (0, "")
    shared, summary = listed.out.splitlines()
    assert shared == "shared: extension 0417 of agents agent-0001 and agent-0002, from ever to open (rows 1 and 2)"
    assert summary.endswith("shared extensions: 1, gaps: 0, agents without an extension now: 0")
    strict = voicemail.run("check", "--config", voicemail.config, "--strict")
    fails(strict, AUDIT, str(voicemail.agents), "shared extensions: 1")
    assert strict.out == listed.out


def test_help_imports_nothing_heavy() -> None:
    heavy = ("boto3", "botocore", "duckdb", "msgspec", "pyarrow", "pyflink")
    code = f"import sys, jobs.cli.main; print([name for name in {heavy} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "[]\n"
