"""Agent-extension tables that cannot be used: the row and the column are named, and no value of the table."""

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.agents.table import load_agents
from schemas.errors import InputError
from tests.integration.failing import AGENTS, INPUT, SECRET, fails


def test_a_missing_agents_table(world: Path) -> None:
    fails(world, INPUT, f"{world}/nobody.csv", "--agents", options=("--agents", "nobody.csv"))


TABLES = {
    "rows 1 and 3": f"{AGENTS}a,{SECRET},,2026-03-02T00:00:00Z\nb,1,,\na,2,2026-03-01T23:59:59Z,\n",
    "row 2: extension is not a text": f'{{"agent_id":"a","extension":"1"}}\n{{"agent_id":"b","extension":{SECRET}}}\n',
    "row 1: valid_to is not after valid_from": f"{AGENTS}a,{SECRET},2026-03-02T00:00:00Z,2026-03-02T00:00:00Z\n",
    "row 1: valid_from is not an instant": f"{AGENTS}a,{SECRET},yesterday,\n",
    "row 2: agent_id is empty": f"{AGENTS}a,1,,\n,{SECRET},,\n",
    "lacks the column extension": f"agent_id,phone\na,{SECRET}\n",
    "neither CSV with a header, nor JSON lines, nor Parquet": f'{{"agent_id": "a", {SECRET}\n',
}


@pytest.mark.parametrize("complaint", TABLES)
def test_a_bad_agents_table(world: Path, complaint: str) -> None:
    """The row and the column are named, and no value of the table."""
    (world / "agents.csv").write_text(TABLES[complaint])
    fails(world, INPUT, f"{world}/agents.csv", complaint)


def test_a_table_without_extensions(world: Path) -> None:
    """No row of a JSON lines table has the column: all calls would be held, and nobody would know why."""
    (world / "agents.csv").write_text(f'{{"agent_id": "a", "extention": "{SECRET}"}}\n')
    with pytest.raises(InputError, match="lacks the column extension"):
        load_agents(world / "agents.csv")


def _parquet(valid_from: pa.Array) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"agent_id": ["a"], "extension": [SECRET], "valid_from": valid_from}), out)
    return out.getvalue()


HOSTILE = {
    "nesting without end": b'{"agent_id":' + b"[" * 100_000,
    "half of a surrogate pair": b'{"agent_id": "\\ud800", "extension": "1"}',
    "an instant beyond the calendar": _parquet(pa.array([2**40], pa.timestamp("s", "UTC"))),
    "a zone that nobody knows": _parquet(pa.array([10**15], pa.timestamp("us", "Middle/Earth"))),
    "Parquet that is cut off": _parquet(pa.array([10**15], pa.timestamp("us", "UTC")))[:-5],
    "UTF-16": f"{AGENTS}a,{SECRET},,\n".encode("utf-16"),
    "a quote without end": f'{AGENTS}"a,{SECRET},,\n'.encode(),
    "nothing": b"",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_tables(world: Path, what: str) -> None:
    """Whatever the bytes, an input error that names the file."""
    (world / "agents.csv").write_bytes(HOSTILE[what])
    with pytest.raises(InputError, match=r"agents\.csv") as raised:
        load_agents(world / "agents.csv")
    assert SECRET not in str(raised.value)
