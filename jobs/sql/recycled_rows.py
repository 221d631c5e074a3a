"""Load recycled rows into DuckDB, and replace the quarantined ledger rows that they come from."""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from jobs.sql.connection import literal, storage_errors
from jobs.sql.ledger_rows import RecycledSources
from transforms.lines import recycled_rows as sql
from transforms.lines.latest_version import NO_ROWS

if TYPE_CHECKING:
    import duckdb


def read_recycled(connection: "duckdb.DuckDBPyConnection", recycled: RecycledSources) -> None:
    """Create the table `recycled` of the rows that count. Raises StorageError if an object cannot be read."""
    connection.execute(sql.QUARANTINED_ROWS)
    for date, paths in recycled.origins.items():
        if parts := list(paths.values()):
            with parts_errors(date, parts):
                connection.execute(sql.load_quarantined_rows("$parts"), {"parts": literal(parts), "date": date})
    if objects := list(recycled.objects.values()):
        with storage_errors(f"cannot read {objects[0]} or a recycled object after it; restore them from a copy"):
            connection.execute(sql.recycled_rows(sql.objects("$objects")), {"objects": literal(objects)})
    else:
        connection.execute(sql.recycled_rows(sql.NO_OBJECTS))


def sources(parts: list[str], recycled: RecycledSources | None) -> tuple[str, ...]:
    """Return SQL tables of a date's ledger rows, with parameters $parts and, if it has recycled rows, $date."""
    table = "read_parquet($parts)" if parts else NO_ROWS
    return (table,) if recycled is None else (sql.without_recycled(table), sql.RECYCLED_INTO_DATE)


def values(date: str, parts: list[str], recycled: RecycledSources | None) -> dict[str, object]:
    """Return the values of the parameters in `sources`."""
    return ({"parts": literal(parts)} if parts else {}) | ({"date": date} if recycled else {})


def parts_errors(date: str, parts: list[str]) -> AbstractContextManager[None]:
    """Raise StorageError if the parts of a date cannot be read."""
    first = f", the first is {parts[0]}" if parts else ""
    return storage_errors(f"cannot read the ledger's parts of {date}{first}; replay their archive")
