"""Read the rows of an agent-extension table from a file or S3 object, and write a history as sealed CSV.

One row per assignment; CSV, JSON lines or Parquet, detected by content. `agents sync` writes CSV with a fifth column,
`seal`: if anybody has edited such a table since, reading it is an error.
"""

import csv
import io
import json
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow_hotfix  # noqa: F401

from schemas.errors import InputError
from sinks.location import Location
from sinks.parquet import read_parquet
from sinks.s3 import Access
from sinks.store import Store
from transforms.agents.row_seals import PATTERN, first_broken, seals
from transforms.records.extension import BEGINNING, END, Assignment
from transforms.records.timestamps import instant_text

COLUMNS = ("agent_id", "extension", "valid_from", "valid_to")
SEAL = "seal"
_QUOTED = re.compile(r'[",\r\n]')


class TableRows(msgspec.Struct, frozen=True):
    """The rows of a table, by column name; `sealed` if `agents sync` wrote them."""

    rows: Sequence[dict[str, Any]]
    sealed: bool = False


def location_of(path: str, s3: Access) -> tuple[Store, str]:
    """Return the table's store and its object's name. Raises InputError if the path names no object."""
    if (parent_and_name := Location(path).object()) is None:
        raise InputError(
            f"cannot read the agents table {path}: that is not an object; correct --agents or storage.agents"
        )
    parent, name = parent_and_name
    return parent.open(s3, "storage.agents"), name


def read(path: str, s3: Access) -> bytes | None:
    """Return the bytes of the table; None if it does not exist. Raises InputError if it cannot be read."""
    if Location(path).folder is None:
        store, name = location_of(path, s3)
        return store.get(name)
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"cannot read the agents table {path}: {error.strerror}; name it with --agents") from None


def rows_of(data: bytes, path: str) -> TableRows:
    """Parse the rows of a table. Raises InputError if it is not a table, or a sealed one that was edited."""
    try:
        if data.startswith(b"PAR1"):
            table = read_parquet(data)
            _check_header(table.column_names, path)
            return TableRows(table.to_pylist())
        text = data.decode("utf-8-sig")
        if text.lstrip().startswith("{"):
            objects = [_object(line) for line in text.split("\n") if line.strip()]
            _check_header({name for row in objects for name in row}, path)
            return TableRows(objects)
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        names, rows = list(reader.fieldnames or ()), list(reader)
    except (ValueError, LookupError, ArithmeticError, RecursionError, csv.Error, pa.ArrowException, OSError):
        raise InputError(
            f"agents table {path} is neither CSV with a header, nor JSON lines, nor Parquet; "
            f"it needs the columns {', '.join(COLUMNS)}"
        ) from None
    # Damage to the header must not turn a sealed table into one that is not checked.
    if sealed := SEAL in names or re.search(PATTERN, text) is not None:
        _check_seals(names, rows, path)
    _check_header(names, path)
    return TableRows(rows, sealed)


def csv_with_seals(history: Iterable[Assignment]) -> bytes:
    """Return the history as CSV, in its order, every row with its seal."""
    rows = [(a.agent_id, a.extension, _edge(a.valid_from), _edge(a.valid_to)) for a in history]
    lines = [(*COLUMNS, SEAL), *((*row, seal) for row, seal in zip(rows, seals(rows), strict=True))]
    return "".join(",".join(map(_cell, line)) + "\n" for line in lines).encode()


def _check_seals(names: list[str], rows: list[dict[str, Any]], path: str) -> None:
    if names != [*COLUMNS, SEAL]:
        defect = "its header was changed"
    elif longer := [number for number, row in enumerate(rows, 1) if None in row]:
        defect = f"row {longer[0]} has more cells than the header"
    elif (
        number := first_broken([[row[name] for name in COLUMNS] for row in rows], [row[SEAL] for row in rows])
    ) is not None:
        defect = f"row {number} does not fit its seal" if number else "it has no rows"
    else:
        return
    raise InputError(
        f"agents table {path} was edited since `agents sync` wrote it, or is incomplete: {defect}; "
        "restore it from the store's older version"
    )


def _object(line: str) -> dict[str, Any]:
    value = json.loads(line)
    if not isinstance(value, dict):
        raise ValueError
    return value


def _check_header(names: Collection[str], path: str) -> None:
    missing = [name for name in COLUMNS[:2] if name not in names]
    if missing:
        raise InputError(f"agents table {path} lacks the column {missing[0]}; add it")


def _edge(at: int) -> str:
    return "" if at in (BEGINNING, END) else instant_text(at)


def _cell(text: str) -> str:
    # The csv module's writer does not quote a carriage return, but its reader ends the row there.
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text
