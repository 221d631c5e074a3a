"""Read the agents' history from the agent-extension table: a CSV, JSON lines or Parquet file or S3 object.

Columns: agent_id (or the agent's ARN), extension, valid_from, valid_to (UTC instants, half-open, empty or absent =
open).
Messages hold no extension or agent id: they name rows by number, from 1.
"""

from pathlib import Path
from typing import Any

from jobs.agents.table_file import read, rows_of
from jobs.settings.connections import S3
from schemas.errors import InputError
from transforms.records.extension import BEGINNING, END, AgentHistory, Assignment, Overlap, agent_id_of
from transforms.records.timestamps import instant


def load_agents(location: str | Path, s3: S3 | None = None) -> AgentHistory:
    """Read the history in a file or s3:// object, detecting its format. Raises InputError if it cannot be used."""
    path = str(location)
    data = read(path, s3 or S3())
    if data is None:
        raise InputError(
            f"cannot read the agents table {path}: it does not exist; name it with --agents or storage.agents"
        )
    return parse_agents(data, path)[0]


def parse_agents(data: bytes, path: str) -> tuple[AgentHistory, bool]:
    """Parse a table; the flag tells whether `agents sync` wrote and sealed it. Raises InputError as above."""
    table = rows_of(data, path)
    assignments = [_assignment(row, number, path) for number, row in enumerate(table.rows, 1)]
    try:
        return AgentHistory(assignments), table.sealed
    except Overlap as overlap:
        raise InputError(
            f"agents table {path}: rows {overlap.first + 1} and {overlap.second + 1} of one agent "
            "overlap; end one (valid_to) before the other begins (valid_from)"
        ) from None


def _assignment(row: dict[str, Any], number: int, path: str) -> Assignment:
    agent_id = agent_id_of(_text(row, "agent_id", number, path))
    if not agent_id:
        raise InputError(f"agents table {path}, row {number}: agent_id is empty; fill it in")
    if agent_id.startswith("arn:"):
        raise InputError(f"agents table {path}, row {number}: agent_id is not an agent's ARN or id; correct it")
    start = _instant(row, "valid_from", number, path)
    end = _instant(row, "valid_to", number, path)
    assignment = Assignment(
        agent_id,
        _text(row, "extension", number, path),
        BEGINNING if start is None else start,
        END if end is None else end,
    )
    if assignment.valid_from >= assignment.valid_to:
        raise InputError(f"agents table {path}, row {number}: valid_to is not after valid_from; correct one")
    return assignment


def _text(row: dict[str, Any], name: str, number: int, path: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or not _is_unicode(value):
        raise InputError(
            f"agents table {path}, row {number}: {name} is not a text; write it as text, because leading zeros matter"
        )
    return value


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _instant(row: dict[str, Any], name: str, number: int, path: str) -> int | None:
    value = row.get(name)
    if value is None or value == "":
        return None
    text = value.isoformat() if hasattr(value, "isoformat") else value
    at = instant(text) if isinstance(text, str) else None
    if at is None:
        raise InputError(
            f"agents table {path}, row {number}: {name} is not an instant; write it as "
            "2026-03-01T00:00:00Z, or leave it empty"
        )
    return at
