"""Tables of agents, as assignments in one line and as files of each format."""

import json

import pyarrow as pa
import pyarrow.parquet as pq

from tests.support.tables import Row, table
from transforms.records.extension import BEGINNING, END, Assignment


def rows(text: str) -> list[Assignment]:
    """Assignments written as `a 1 -..4, b _ 4..-`: agent, extension, period; `_` is none, `-` is open."""
    return [_row(*row.split()) for row in text.split(", ") if row]


def _row(agent_id: str, extension: str, period: str) -> Assignment:
    start, end = period.split("..")
    return Assignment(
        agent_id,
        extension.strip("_"),
        BEGINNING if start == "-" else int(start),
        END if end == "-" else int(end),
    )


# A history as rows of a table; the functions below write such rows in each format.
ROWS = table("""
| agent_id | extension | valid_from                | valid_to             |
|----------|-----------|---------------------------|----------------------|
| nurse-1  | 0417      |                           | 2026-03-01T00:00:00Z |
| nurse-1  | 0500      | 2026-03-01T01:00:00+01:00 | 2026-04-01T00:00:00Z |
| nurse-2  |           | 2026-03-01T00:00:00Z      |                      |
""")


def csv(rows: list[Row]) -> bytes:
    """The rows as a CSV file."""
    return "\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)]).encode()


def json_lines(rows: list[Row]) -> bytes:
    """The rows as JSON lines, without cells that are empty."""
    return "\n\n".join(json.dumps({k: v for k, v in row.items() if v}) for row in rows).encode()


def parquet(rows: list[Row]) -> bytes:
    """The rows as a Parquet file of texts."""
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist([{k: v or None for k, v in row.items()} for row in rows]), sink)
    return bytes(sink.getvalue())
