"""Recycled objects: rows that stand in for quarantined ones in, one write-once object per recycle out.

An object is named by the digest of its bytes. It is all that a recycle writes, so that there is
nothing to finish after a crash: the rows of an object count from the moment it can be seen.
"""

import msgspec
import pyarrow as pa

from schemas.errors import StorageError
from sinks.parquet import parquet_bytes, read_parquet
from sinks.paths import RECYCLED, is_recycled, recycled_name
from sinks.store import Store

Moves = frozenset[tuple[str, str]]


class RelatedObjects(msgspec.Struct, frozen=True):
    """What has to be read for a date besides its parts: objects, and the dates whose quarantined rows they replace."""

    names: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()


class RecycledObjects:
    """The recycled objects of a ledger's store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        # By an object's name, which is that of its content: what was read once is not read again.
        self._known: dict[str, Moves] = {}

    def names(self) -> tuple[str, ...]:
        """The names of all objects, sorted. One listing."""
        return tuple(name for name in self._store.names(RECYCLED) if is_recycled(name))

    def add(self, rows: pa.Table) -> str:
        """Writes the rows as one object, unless it is there. Out: its name."""
        data = parquet_bytes(rows)
        name = recycled_name(data)
        self._store.put_new(name, data)
        return name

    def of(self, date: str, names: tuple[str, ...]) -> RelatedObjects:
        """What of these objects is needed for a date. StorageError: one is not what was written.

        Two recycles at once may replace the same row, and may give it different dates. The first by name
        counts, so all objects that replace rows of a needed date are read.
        """
        moves = {name: self._moves(name) for name in names}
        origins = {old for pairs in moves.values() for old, new in pairs if new == date}
        needed = origins | {date}
        touching = tuple(name for name in names if any(old in needed for old, _ in moves[name]))
        return RelatedObjects(touching, tuple(sorted(origins | {date}))) if touching else RelatedObjects()

    def dates(self, names: tuple[str, ...]) -> list[str]:
        """The dates that these objects give rows to, in order."""
        return sorted({new for name in names for _, new in self._moves(name)})

    def _moves(self, name: str) -> Moves:
        """From which dates to which dates an object moves rows."""
        if name not in self._known:
            self._known[name] = _read_moves(name, self._store)
        return self._known[name]


def _read_moves(name: str, store: Store) -> Moves:
    data = store.get(name)
    where = store.location(name)
    if data is None or recycled_name(data) != name:
        raise StorageError(f"{where} is not what a recycle wrote; restore it from a copy")
    table = read_parquet(data, ["from_date", "billing_date"])
    return frozenset(zip(*(table[c].to_pylist() for c in ("from_date", "billing_date")), strict=True))
