"""What several files of tests start from."""

from pathlib import Path

import pytest

from tests.integration.failing import AGENTS
from tests.integration.records import json_lines, record


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A folder with an archive of one contact and a table of one agent."""
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "contacts.jsonl").write_bytes(json_lines(record("contact")))
    (tmp_path / "agents.csv").write_text(AGENTS + "agent-1,2143,,\n")
    return tmp_path
