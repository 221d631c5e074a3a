"""Suspense: what of a ledger is quarantined still, date by date, and the payloads of it.

In: a ledger. Out: quarantined rows without what was recycled, and raw payloads, which stay in memory.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa

from jobs.sql.connection import connect
from jobs.sql.ledger_rows import RecycledSources, read_date_parts
from jobs.sql.recycled_rows import read_recycled
from schemas.errors import StorageError
from schemas.recycled import Suspended
from sinks.ledger import Ledger
from sinks.parquet import parquet_file
from transforms.lines import recycled_rows as sql
from transforms.records.recycle import Copy

if TYPE_CHECKING:
    import duckdb

# Payloads are up to a mebibyte each.
_ROWS_AT_ONCE = 256


class Quarantined(msgspec.Struct, frozen=True):
    """What is quarantined of a date still, how often, in order; and which payloads were recycled."""

    still: dict[Suspended, int]
    done: frozenset[Copy]


class KeptPayload(msgspec.Struct, frozen=True):
    """A raw payload with the row that it is of, and the object that it is in."""

    row: Suspended
    payload: bytes
    name: str


def read_quarantined(ledger: Ledger, date: str, listed: tuple[str, ...], reason: str | None = None) -> Quarantined:
    """What is quarantined of a date, for one reason or all, given the names of all recycled objects."""
    with suspense(ledger, date, listed) as (connection, _):
        still = connection.execute(sql.STILL_QUARANTINED, {"date": date}).fetchall()
        done = connection.execute(sql.RECYCLED_FROM_DATE, {"date": date}).fetchall()
    left = {Suspended(*key): count for *key, count in still if count}
    return Quarantined(
        {row: count for row, count in left.items() if reason in (None, row.reason)},
        frozenset(Copy(Suspended(*key), digest, number) for *key, digest, number in done),
    )


@contextmanager
def suspense(
    ledger: Ledger, date: str, listed: tuple[str, ...]
) -> Iterator[tuple["duckdb.DuckDBPyConnection", list[str]]]:
    """DuckDB with what was recycled of a date, and where the date's parts are. Both are gone at the end."""
    with tempfile.TemporaryDirectory(prefix="contact-billing-") as scratch, connect() as connection:
        rows = read_date_parts(ledger, date, listed, Path(scratch))
        # Where nothing was recycled, all of the date's own rows are there.
        read_recycled(connection, rows.recycled or RecycledSources({}, {date: rows.parts}))
        yield connection, list(rows.parts.values())


def payloads(ledger: Ledger, date: str) -> Iterator[KeptPayload]:
    """The raw payloads of a date's quarantined rows, recycled or not, that were kept. StorageError: cannot be read."""
    store, names = ledger.payloads(date)
    columns = [*Suspended._fields, "payload"]
    for name in names:
        if (data := store.get(name)) is None:
            continue
        try:
            file = parquet_file(data)
            for batch in file.iter_batches(_ROWS_AT_ONCE, columns=columns, use_threads=False):
                for *key, payload in zip(*(batch[c].to_pylist() for c in columns), strict=True):
                    if payload is not None:
                        yield KeptPayload(Suspended(*key), payload, name)
        except (pa.ArrowException, OSError, KeyError) as error:
            where = store.location(name)
            raise StorageError(f"cannot read {where} ({type(error).__name__}); replay its archive") from None
