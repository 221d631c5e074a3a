"""Read the rows of an agent-extension table from a file or S3 object, and write a history as sealed CSV.

One row per assignment; CSV, JSON lines or Parquet, detected by content. `agents sync` writes CSV with a fifth column,
`seal`: if anybody has edited such a table since, reading it is an error.
"""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow_hotfix  # noqa: F401

from jobs.agents.other_forms import COLUMNS, other_form
from schemas.errors import InputError
from sinks.location import Location
from sinks.parquet import read_parquet
from sinks.s3 import Access
from sinks.store import Store
from transforms.agents.row_seals import PATTERN, first_broken, seals
from transforms.records.extension import BEGINNING, END, Assignment
from transforms.records.timestamps import instant_text

SEAL = "seal"
_NO_TABLE = f"neither CSV with a header, nor JSON lines, nor Parquet; it needs the columns {', '.join(COLUMNS)}"
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
    """Parse the rows of a table. Raises InputError if it is not a table, or a sealed one that was edited.

    Blanks around a cell or a column's name do not count, nor do empty rows at the end.
    """
    try:
        if data.startswith(b"PAR1"):
            table = read_parquet(data)
            _check_columns(table.column_names, data, path)
            return TableRows(_cells(table.to_pylist()))
        text = data.decode("utf-8-sig")
        if text.lstrip().startswith("{"):
            lines = [line for line in text.split("\n") if line.strip()]
            objects = [_object(line, number, path) for number, line in enumerate(lines, 1)]
            _check_columns({name for row in objects for name in row}, data, path)
            return TableRows(_cells(objects))
        names, rows = _csv_rows(text)
    except (ValueError, LookupError, ArithmeticError, RecursionError, csv.Error, pa.ArrowException, OSError):
        raise InputError(f"agents table {path} is {other_form(data) or _NO_TABLE}") from None
    # Damage to the header must not turn a sealed table into one that is not checked.
    if sealed := SEAL in names or re.search(PATTERN, text) is not None:
        _check_seals(names, rows, path)
    _check_columns(names, data, path)
    if wider := [number for number, row in enumerate(rows, 1) if any(map(str.strip, row.get(None) or ()))]:
        raise InputError(
            f"agents table {path}, row {wider[0]}: it has more cells than the header; put cells with a comma in quotes"
        )
    return TableRows(_cells(rows), sealed)


def csv_with_seals(history: Iterable[Assignment]) -> bytes:
    """Return the history as CSV, in its order, every row with its seal."""
    rows = [(a.agent_id, a.extension, _edge(a.valid_from), _edge(a.valid_to)) for a in history]
    lines = [(*COLUMNS, SEAL), *((*row, seal) for row, seal in zip(rows, seals(rows), strict=True))]
    return "".join(",".join(map(_cell, line)) + "\n" for line in lines).encode()


def _check_seals(names: list[str], rows: list[dict[str | None, Any]], path: str) -> None:
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


def _csv_rows(text: str) -> tuple[list[str], list[dict[str | None, Any]]]:
    """Return the header as it is, and the rows by the columns' names without blanks; surplus cells are under None."""
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    names = list(reader.fieldnames or ())
    reader.fieldnames = [name.strip() for name in names]
    rows: list[Any] = list(reader)
    return names, rows


def _cells(rows: Iterable[dict[Any, Any]]) -> list[dict[str, Any]]:
    """Return the rows up to the last one that is not empty, with their texts without blanks around them."""
    trimmed = [
        {name.strip(): value.strip() if isinstance(value, str) else value for name, value in row.items() if name}
        for row in rows
    ]
    while trimmed and all(value in (None, "") for value in trimmed[-1].values()):
        trimmed.pop()
    return trimmed


def _object(line: str, number: int, path: str) -> dict[str, Any]:
    value = json.loads(line, object_pairs_hook=partial(_unique_keys, number, path))
    if not isinstance(value, dict):
        raise ValueError
    return value


def _unique_keys(number: int, path: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if repeated := [name for name, count in Counter(name.strip() for name, _ in pairs).items() if count > 1]:
        raise InputError(f"agents table {path}, row {number}: {_twice(repeated[0])}")
    return dict(pairs)


def _check_columns(names: Collection[str], data: bytes, path: str) -> None:
    """Raise InputError if a column is missing, or there twice; columns without a name do not count."""
    counts = Counter(name.strip() for name in names)
    if missing := [name for name in COLUMNS[:2] if name not in counts]:
        form = other_form(data)
        raise InputError(f"agents table {path} {f'is {form}' if form else f'lacks the column {missing[0]}; add it'}")
    if repeated := [name for name, count in counts.items() if name and count > 1]:
        raise InputError(f"agents table {path}: {_twice(repeated[0])}")


def _twice(name: str) -> str:
    # The name of an unknown column may be anything.
    column = f"the column {name}" if name in (*COLUMNS, SEAL) else "a column"
    return f"{column} is there twice; remove one of the two"


def _edge(at: int) -> str:
    return "" if at in (BEGINNING, END) else instant_text(at)


def _cell(text: str) -> str:
    # The csv module's writer does not quote a carriage return, but its reader ends the row there.
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text
