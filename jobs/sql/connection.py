"""DuckDB as it is used here: it fetches nothing, instants are UTC, paths are literal, no message has a value."""

import glob
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from schemas.contract import Contract
from schemas.errors import StorageError
from transforms.lines.timestamp_format import format_second
from transforms.records.timestamps import zone

if TYPE_CHECKING:
    import pandas as pd

_OF_MANY_LINES = {"billing_date", "call_type", "provider_extension"}


def connect() -> duckdb.DuckDBPyConnection:
    """A database in memory."""
    return _in_utc(duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}))


def second_connection(sql: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Another connection to the same database. Nobody else sees its temporary tables, and they go with it."""
    return _in_utc(sql.cursor())


def _in_utc(sql: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    # Instants without a zone, as other writers' parts may have them, are UTC.
    sql.execute("SET TimeZone = 'UTC'")
    return sql


def literal(paths: Iterable[str]) -> list[str]:
    """Paths as DuckDB's readers take them literally: they look for patterns in them."""
    return [glob.escape(path) for path in paths]


@contextmanager
def storage_errors(what: str) -> Iterator[None]:
    """StorageError for what a disk or a hand can have done; DuckDB's message could quote a value."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        raise StorageError(f"{what} ({type(error).__name__})") from None


def frame(sql: duckdb.DuckDBPyConnection, select: str) -> "pd.DataFrame":
    """Lines for the gate. A text that many lines have is there once."""
    import pandas as pd

    def shared(texts: pa.ChunkedArray) -> pd.Categorical:
        encoded = texts.combine_chunks().dictionary_encode()
        return pd.Categorical.from_codes(encoded.indices.fill_null(-1).to_numpy(), encoded.dictionary.to_pandas())

    found: pa.Table = sql.sql(select).to_arrow_table()
    columns = zip(found.column_names, found.columns, strict=True)
    return pd.DataFrame(
        {name: shared(c) if name in _OF_MANY_LINES else c.to_pandas(deduplicate_objects=False) for name, c in columns}
    )


def instants(seconds: list[int], contract: Contract) -> "pd.DataFrame":
    """Instants, in `second`s since 1970, and how they are `written` in the contract's CSV files."""
    import pandas as pd

    in_zone = zone(contract.time_zone)
    texts = [format_second(second, contract.time_format, in_zone) for second in seconds]
    return pd.DataFrame({"second": pd.Series(seconds, dtype="int64"), "written": pd.Series(texts, dtype="object")})
