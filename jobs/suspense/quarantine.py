"""Read the rows of a ledger that are still quarantined, that is without recycled ones, and their raw payloads.

Payloads stay in memory.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa

from jobs.sql.connection import connect, fetch_rows
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
_BATCH_ROWS = 256


class Quarantined(msgspec.Struct, frozen=True):
    """The rows of a date that are still quarantined, in order, with counts; and the payloads that were recycled."""

    counts: dict[Suspended, int]
    recycled: frozenset[Copy]


class KeptPayload(msgspec.Struct, frozen=True):
    """A raw payload with its row, and the name of the object that holds it.

    One over the size limit is None: it is kept by reference, which the row is.
    """

    row: Suspended
    payload: bytes | None
    name: str


def read_quarantined(ledger: Ledger, date: str, recycled: tuple[str, ...], reason: str | None = None) -> Quarantined:
    """Return a date's quarantined rows, for one reason or all, given the names of all recycled objects."""
    with suspense(ledger, date, recycled) as (connection, _):
        quarantined_rows = fetch_rows(connection, sql.STILL_QUARANTINED, {"date": date})
        recycled_rows = fetch_rows(connection, sql.RECYCLED_FROM_DATE, {"date": date})
    counts = {Suspended(*key): count for *key, count in quarantined_rows if count}
    return Quarantined(
        {row: count for row, count in counts.items() if reason in (None, row.reason)},
        frozenset(Copy(Suspended(*key), digest, number) for *key, digest, number in recycled_rows),
    )


@contextmanager
def suspense(
    ledger: Ledger, date: str, recycled: tuple[str, ...]
) -> Iterator[tuple["duckdb.DuckDBPyConnection", list[str]]]:
    """Yield DuckDB with a date's recycled rows, and the paths of the date's parts, until the end of the block."""
    with tempfile.TemporaryDirectory(prefix="contact-billing-") as scratch, connect() as connection:
        rows = read_date_parts(ledger, date, recycled, Path(scratch))
        # Without recycled rows, all of the date's own rows are still quarantined.
        read_recycled(connection, rows.recycled or RecycledSources({}, {date: rows.parts}))
        yield connection, list(rows.parts.values())


def payloads(ledger: Ledger, date: str) -> Iterator[KeptPayload]:
    """Yield the raw payloads of a date's quarantined rows, recycled or not. Raises StorageError if unreadable."""
    store, names = ledger.payloads(date)
    columns = [*Suspended._fields, "payload"]
    for name in names:
        if (data := store.get(name)) is None:
            continue
        try:
            file = parquet_file(data)
            for batch in file.iter_batches(_BATCH_ROWS, columns=columns, use_threads=False):
                for *key, payload in zip(*(batch[c].to_pylist() for c in columns), strict=True):
                    yield KeptPayload(Suspended(*key), payload, name)
        except (pa.ArrowException, OSError, KeyError) as error:
            location = store.location(name)
            raise StorageError(f"cannot read {location} ({type(error).__name__}); replay its archive") from None
