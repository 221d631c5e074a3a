"""The agent-extension table: a CSV, JSON lines or Parquet file (or S3 object) in, the agents' history out.

Columns: agent_id, extension, valid_from, valid_to (UTC instants, half-open, empty or absent = open).
No message holds an extension or an agent's id: rows are named by their number, from 1.
"""

import csv
import io
import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow_hotfix  # noqa: F401

from jobs.connections import S3
from schemas.errors import InputError
from sinks.s3 import SCHEME, open_store
from transforms.extension import BEGINNING, END, AgentHistory, Assignment, Overlap
from transforms.instants import instant

COLUMNS = ("agent_id", "extension", "valid_from", "valid_to")


def load_agents(where: str | Path, s3: S3 | None = None) -> AgentHistory:
    """The history in a file or an s3:// object; the form is told by content. InputError: it cannot be used."""
    path = str(where)
    rows = _rows(_read(path, s3 or S3()), path)
    assignments = [_assignment(row, number, path) for number, row in enumerate(rows, 1)]
    try:
        return AgentHistory(assignments)
    except Overlap as overlap:
        raise InputError(
            f"agents table {path}: rows {overlap.first + 1} and {overlap.second + 1} of one agent "
            "overlap; end one (valid_to) before the other begins (valid_from)"
        ) from None


def _read(path: str, s3: S3) -> bytes:
    if path.startswith(SCHEME):
        folder, _, name = path.rpartition("/")
        data = open_store(folder, s3, "storage.agents").get(name) if name else None
        if data is None:
            raise InputError(f"there is no agents table {path}; name it with --agents or storage.agents")
        return data
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"cannot read the agents table {path}: {error.strerror}; name it with --agents") from None


def _rows(data: bytes, path: str) -> Sequence[dict[str, Any]]:
    try:
        if data.startswith(b"PAR1"):
            table = pq.read_table(pa.BufferReader(data))
            _check_header(table.column_names, path)
            rows: list[dict[str, Any]] = table.to_pylist()
            return rows
        text = data.decode("utf-8-sig")
        if text.lstrip().startswith("{"):
            objects = [_object(line) for line in text.split("\n") if line.strip()]
            _check_header({name for row in objects for name in row}, path)
            return objects
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        _check_header(reader.fieldnames or (), path)
        return list(reader)
    except (ValueError, LookupError, ArithmeticError, RecursionError, csv.Error, pa.ArrowException, OSError):
        raise InputError(
            f"agents table {path} is neither CSV with a header, nor JSON lines, nor Parquet; "
            f"it needs the columns {', '.join(COLUMNS)}"
        ) from None


def _object(line: str) -> dict[str, Any]:
    value = json.loads(line)
    if not isinstance(value, dict):
        raise ValueError
    return value


def _check_header(names: Collection[str], path: str) -> None:
    missing = [name for name in COLUMNS[:2] if name not in names]
    if missing:
        raise InputError(f"agents table {path} lacks the column {missing[0]}; add it")


def _assignment(row: dict[str, Any], number: int, path: str) -> Assignment:
    agent_id = _text(row, "agent_id", number, path)
    if not agent_id:
        raise InputError(f"agents table {path}, row {number}: agent_id is empty; fill it in")
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
            f"agents table {path}, row {number}: {name} is no text; write it as text, because leading zeros matter"
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
    found = instant(text) if isinstance(text, str) else None
    if found is None:
        raise InputError(
            f"agents table {path}, row {number}: {name} is no instant; write it as "
            "2026-03-01T00:00:00Z, or leave it empty"
        )
    return found
