"""RecycledRows rows in DuckDB: a date's parts and objects in; the table `recycled`, and tables of ledger rows out."""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from jobs.sql.connection import literal, storage_errors
from jobs.sql.ledger_rows import RecycledSources
from transforms.lines import recycled_rows as sql
from transforms.lines.latest_version import NO_ROWS

if TYPE_CHECKING:
    import duckdb


def read_recycled(connection: "duckdb.DuckDBPyConnection", found: RecycledSources) -> None:
    """Makes the table of recycled rows that count. StorageError: something cannot be read."""
    connection.execute(sql.SUSPENDED)
    for date, named in found.origins.items():
        if parts := list(named.values()):
            with parts_errors(date, parts):
                connection.execute(sql.load_suspended("$parts"), {"parts": literal(parts), "date": date})
    if objects := list(found.objects.values()):
        with storage_errors(f"cannot read {objects[0]} or a recycled object after it; restore them from a copy"):
            connection.execute(sql.recycled(sql.objects("$objects")), {"objects": literal(objects)})
    else:
        connection.execute(sql.recycled(sql.NO_OBJECTS))


def sources(parts: list[str], found: RecycledSources | None) -> tuple[str, ...]:
    """Tables of a date's ledger rows, with parameters $parts and, where something was recycled, $date."""
    there = "read_parquet($parts)" if parts else NO_ROWS
    return (there,) if found is None else (sql.without_recycled(there), sql.RECYCLED_INTO_DATE)


def values(date: str, parts: list[str], found: RecycledSources | None) -> dict[str, object]:
    """The values of these parameters."""
    return ({"parts": literal(parts)} if parts else {}) | ({"date": date} if found else {})


def parts_errors(date: str, parts: list[str]) -> AbstractContextManager[None]:
    """StorageError if the parts of a date cannot be read."""
    first = f", the first is {parts[0]}" if parts else ""
    return storage_errors(f"cannot read the ledger's parts of {date}{first}; replay their archive")
