"""Hostile files: each gives rows with reasons, or an error of one line; never a trace, a hang, or all of the memory."""

import json
import subprocess
import sys
from functools import cache
from typing import Any

import pytest

from jobs.ingest.archive.containers.avro_schema import check_schema
from tests.hostile.cases import AGENTS, FILES
from tests.hostile.containers import record
from tests.services.process import ROOT
from tests.support.containers import field
from tests.support.ledgers import NO_AGENTS, RULES
from tests.support.records import payload
from transforms.records.outcome import outcome

REUSED = record(field("a", record(field("n", "long"), name="Once")), field("b", "Once"), name="Twice")


@pytest.mark.parametrize(
    "at",
    [
        "../../../../tmp/x",
        "/etc/passwd",
        "2026-03-01/../../x",
        "2026-03-01T00:00:00Z/..",
        "..\\\\..\\\\x",
        "2026-03-01\\u0000T00:00:00Z",
        "%2e%2e%2f",
        "s3://elsewhere/x",
        "99999-01-01T00:00:00Z",
        "-001-01-01T00:00:00Z",
        "\u0662\u0660\u0662\u0666-03-01T00:00:00Z",
        "9" * 1000,
    ],
)
def test_a_billing_date_is_a_date_and_never_a_path(at: str) -> None:
    given = json.loads(payload()) | {"InitiationTimestamp": json.loads(f'"{at}"')}
    row = outcome(json.dumps(given).encode(), NO_AGENTS, RULES)
    assert (row.outcome, row.reason, row.billing_date) == ("quarantined", "bad_timestamp", "unknown")


@pytest.mark.parametrize("kind", [REUSED, {"type": "array", "items": "long"}, ["null", "string"], "null"])
def test_schemas_that_are_no_harm_are_read(kind: object) -> None:
    check_schema(record(field("payload", "bytes"), field("more", kind)))


@cache
def results() -> dict[str, dict[str, Any]]:
    """What became of every case."""
    command = [sys.executable, "-m", "tests.hostile"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=600)
    return {found["name"]: found for found in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_rows_with_reasons(name: str) -> None:
    found = results()[name]
    assert not {"died", "raised", "error"} & set(found), found
    # Brackets are no payload; a file of nothing else is unreadable.
    assert found["found"] or name == "text: brackets without end"
    told = {outcome for outcome in found["found"] if outcome != "damaged file"}
    assert all(outcome.startswith("quarantined ") and not outcome.endswith(" None") for outcome in told)


@pytest.mark.parametrize("name", AGENTS)
def test_a_hostile_table_of_agents_is_an_error_of_one_line(name: str) -> None:
    found = results()[name]
    assert not {"died", "raised"} & set(found), found
    assert "error" not in found or (found["error"].startswith("agents table agents") and "\n" not in found["error"])
