"""An agent's extension is corrected after the fact: the dates whose lines differ are told again, and no other."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.operations.world import DATES, World, call
from tests.services.s3 import MotoServer, aws_server
from tests.support.partner_files import csv_rows
from tests.support.voicemail import Voicemail, solution, user

AGENT = "agent-0001"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MotoServer]:
    with aws_server(tmp_path_factory.mktemp("moto")) as running:
        yield running


@pytest.fixture
def voicemail(server: MotoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Voicemail]:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "voicemail").mkdir()
    with solution(server, tmp_path / "voicemail") as running:
        running.put(user(1, "0100"))
        yield running


def test_a_correction_changes_the_lines_of_its_days(voicemail: Voicemail, tmp_path: Path) -> None:
    world = World(tmp_path / "world")
    world.agents.unlink()
    voicemail.synced("--agents", world.agents)
    arn = f'Agent.ARN = "arn:aws:connect:us-east-1:123456789012:instance/i-1/agent/{AGENT}"; Attributes = null'
    for date in DATES:
        world.live(call(date, f"call of {date}", arn))
    world.desk.close(DATES[-1])
    assert [line.rpartition(" ")[2] for line in world.released().values()] == ["v0001"] * 3

    # On the second day it was 0200, which nobody had told.
    assert world.agents.read_text().splitlines()[1].startswith(f"{AGENT},0100,,,")
    world.agents.write_text(
        "agent_id,extension,valid_from,valid_to\n"
        f"{AGENT},0100,,2026-03-02T00:00:00Z\n"
        f"{AGENT},0200,2026-03-02T00:00:00Z,2026-03-03T00:00:00Z\n"
        f"{AGENT},0100,2026-03-03T00:00:00Z,\n"
    )
    assert "made by hand" in voicemail.sync("--agents", world.agents).err
    assert "1 unchanged" in voicemail.synced("--agents", world.agents, "--adopt")
    assert "seal" in world.agents.read_text().splitlines()[0]
    after = world.released()
    assert [line.partition("v0")[2] for line in after.values()] == [
        "001 (unchanged)",
        "002 (1 changed)",
        "001 (unchanged)",
    ]
    (line,) = csv_rows(world.root / "release" / f"billing_date={DATES[1]}" / "v0002")
    assert (line["provider_extension"], line["revision"]) == ("0200", 2)
    assert world.verify().count(" ok") == 3


def test_an_edited_history_is_refused_until_it_is_adopted(voicemail: Voicemail, tmp_path: Path) -> None:
    world = World(tmp_path / "world")
    world.agents.unlink()
    voicemail.synced("--agents", world.agents)
    world.live(call(DATES[0], "call"))
    world.agents.write_text(world.agents.read_text().replace("0100", "0200"))
    assert "was edited since" in world.command("release", "--date", DATES[0], code=3)
