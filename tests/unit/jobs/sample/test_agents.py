"""The synthetic table of agents fits the records."""

import csv
import re
from pathlib import Path
from typing import Any

from jobs.sample.agents import roster
from jobs.sample.archive import write_sample


def test_agents_fit_the_records(records: list[dict[str, Any]], tmp_path: Path) -> None:
    write_sample(tmp_path, contacts=10)
    rows = list(csv.DictReader((tmp_path / "agents.csv").read_text("utf-8").splitlines()))
    known = {row["agent_id"] for row in rows}
    seen = {r["Agent"]["ARN"].partition("/agent/")[2] for r in records if r["Agent"]}
    assert len(known) >= 40
    assert len(seen & known) > 40
    assert seen - known == {agent.agent_id for agent in roster(7).strangers}
    assert all(re.fullmatch("[0-9]{0,5}", row["extension"]) for row in rows)
    assert any(row["extension"].startswith("0") for row in rows)
    moved = [row for row in rows if row["valid_from"].startswith("2026-03-0")]
    assert len(moved) == 2  # one agent has another extension from then on, a second one takes over the first one's
    ended = {row["extension"]: row["valid_to"] for row in rows if row["valid_to"]}
    assert any(ended.get(row["extension"]) == row["valid_from"] for row in moved)
    assert len(ended) == 2  # that one, and the removed agent's
