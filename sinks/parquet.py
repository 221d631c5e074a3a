"""Convert rows to Arrow tables and Parquet bytes, and Parquet bytes to Arrow tables."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.columns import Column
from schemas.render import arrow_schema

# Rows that are collected as tuples; many more would not fit in the processor's caches.
_PENDING = 2048


class Rows:
    """Collect rows as Arrow columns."""

    def __init__(self, columns: tuple[Column, ...]) -> None:
        self._columns = columns
        self._tables: list[pa.Table] = []
        self._pending: list[Any] = []

    def add(self, row: tuple[Any, ...]) -> None:
        """Add a row in column order; instants are whole microseconds."""
        self._pending.append(row)
        if len(self._pending) == _PENDING:
            self._tables.append(arrow_table(self._pending, self._columns))
            self._pending.clear()

    def table(self) -> pa.Table:
        """Return all rows so far, in the order of their addition."""
        return pa.concat_tables([*self._tables, arrow_table(self._pending, self._columns)]).combine_chunks()


def arrow_table(rows: Sequence[Any], columns: tuple[Column, ...]) -> pa.Table:
    """Return tuples in column order as an Arrow table; instants are whole microseconds in the tuples."""
    schema = arrow_schema(columns)
    values = zip(*rows, strict=True) if rows else ((),) * len(columns)
    arrays = [pa.array(v, f.type) for v, f in zip(values, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def parquet_bytes(table: pa.Table) -> bytes:
    """Return the table as a Parquet file; the same table gives the same bytes."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", compression_level=1)
    return bytes(sink.getvalue())


def parquet_file(data: bytes) -> pq.ParquetFile:
    """Return these bytes as a Parquet file, to be read with `use_threads=False`. Raises Arrow's errors.

    An Arrow thread that releases Python's bytes while the process exits would abort it.
    """
    return pq.ParquetFile(pa.BufferReader(data))


def read_parquet(data: bytes, columns: list[str] | None = None) -> pa.Table:
    """Return these columns, or all, of a Parquet file. Raises Arrow's errors."""
    return parquet_file(data).read(columns, use_threads=False)
