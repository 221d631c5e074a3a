"""What several files of tests start from."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.failing import AGENTS
from tests.services.s3 import S3Server, aws_server, s3
from tests.support.answered_calls import json_lines, record
from tests.support.s3_locations import BUCKETS
from tests.support.voicemail import Voicemail, solution


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A folder with an archive of one contact and a table of one agent."""
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "contacts.jsonl").write_bytes(json_lines(record("contact")))
    (tmp_path / "agents.csv").write_text(AGENTS + "agent-1,2143,,\n")
    return tmp_path


@pytest.fixture
def nothing_left(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What runs in this process has left nothing in the folder for temporary files."""
    temporary = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    yield
    assert list(temporary.rglob("*")) == []


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A real S3 server with buckets, in which every test has names of its own."""
    with s3(tmp_path_factory.mktemp("s3")) as running:
        for bucket in BUCKETS:
            running.create_bucket(bucket)
        yield running


@pytest.fixture
def credentials(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the command and this process need to reach it."""
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def voicemail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Voicemail]:
    """The voicemail solution on an AWS of its own, which commands find by their environment."""
    with aws_server(tmp_path / "moto") as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        with solution(server, tmp_path) as running:
            yield running
