"""Open DuckDB so that it downloads no extensions, reads instants as UTC, takes paths literally, and leaks no values."""

import glob
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from schemas.contract import Contract
from schemas.errors import StorageError
from transforms.lines.timestamp_format import format_second
from transforms.records.timestamps import zone

if TYPE_CHECKING:
    import pandas as pd

# Columns whose texts many lines share.
_SHARED_TEXT_COLUMNS = {"billing_date", "call_type", "provider_extension"}


def connect() -> duckdb.DuckDBPyConnection:
    """Return a connection to a new in-memory database."""
    return _in_utc(duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}))


def second_connection(sql: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Return another connection to the same database; its temporary tables are private to it and die with it."""
    return _in_utc(sql.cursor())


def _in_utc(sql: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    # Parts from other writers may have instants without a zone: those are UTC.
    sql.execute("SET TimeZone = 'UTC'")
    return sql


def literal(paths: Iterable[str]) -> list[str]:
    """Escape paths for DuckDB's readers, which would expand glob patterns in them."""
    return [glob.escape(path) for path in paths]


@contextmanager
def storage_errors(message: str) -> Iterator[None]:
    """Raise StorageError for a broken disk or an altered file; DuckDB's own message could quote a value."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        raise StorageError(f"{message} ({type(error).__name__})") from None


def fetch_row(sql: duckdb.DuckDBPyConnection, statement: str, values: dict[str, Any] | None = None) -> tuple[Any, ...]:
    """Return the only row of a statement's result."""
    (row,) = fetch_rows(sql, statement, values)
    return row


def fetch_rows(
    sql: duckdb.DuckDBPyConnection, statement: str, values: dict[str, Any] | None = None
) -> list[tuple[Any, ...]]:
    """Return all rows of a statement's result."""
    return sql.execute(statement, values).fetchall()


def frame(sql: duckdb.DuckDBPyConnection, select: str) -> "pd.DataFrame":
    """Return the lines for the gate as a data frame that holds a text which many lines share only once."""
    import pandas as pd

    def categorical(texts: pa.ChunkedArray) -> pd.Categorical:
        encoded = texts.combine_chunks().dictionary_encode()
        return pd.Categorical.from_codes(encoded.indices.fill_null(-1).to_numpy(), encoded.dictionary.to_pandas())

    table: pa.Table = sql.sql(select).to_arrow_table()
    columns = zip(table.column_names, table.columns, strict=True)
    return pd.DataFrame(
        {
            name: categorical(c) if name in _SHARED_TEXT_COLUMNS else c.to_pandas(deduplicate_objects=False)
            for name, c in columns
        }
    )


def instants(seconds: list[int], contract: Contract) -> "pd.DataFrame":
    """Return a frame of instants: `second`s since 1970, and their text as `written` in the contract's CSV files."""
    import pandas as pd

    in_zone = zone(contract.time_zone)
    texts = [format_second(second, contract.time_format, in_zone) for second in seconds]
    return pd.DataFrame({"second": pd.Series(seconds, dtype="int64"), "text": pd.Series(texts, dtype="object")})
