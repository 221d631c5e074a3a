"""Store the rows that replace quarantined rows: one write-once object per recycle, named by the digest of its bytes.

The object is all that a recycle writes, so nothing remains to be finished after a crash: its rows count as soon as it
is visible.
"""

import msgspec
import pyarrow as pa

from schemas.errors import StorageError
from sinks.parquet import parquet_bytes, read_parquet
from sinks.paths import RECYCLED, is_recycled, recycled_name
from sinks.store import Store

Moves = frozenset[tuple[str, str]]


class RelatedObjects(msgspec.Struct, frozen=True):
    """The objects to read for a date besides its parts, and the dates whose quarantined rows they replace."""

    names: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()


class RecycledObjects:
    """The recycled objects of a ledger's store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        # By an object's name, which identifies its content: no object is read twice.
        self._moves_by_name: dict[str, Moves] = {}

    def names(self) -> tuple[str, ...]:
        """Return the names of all objects, sorted. One listing."""
        return tuple(name for name in self._store.names(RECYCLED) if is_recycled(name))

    def add(self, rows: pa.Table) -> str:
        """Write the rows as one object unless it exists; return its name."""
        data = parquet_bytes(rows)
        name = recycled_name(data)
        self._store.put_new(name, data)
        return name

    def of(self, date: str, names: tuple[str, ...]) -> RelatedObjects:
        """Return which of these objects a date needs. Raises StorageError if one is damaged.

        Two concurrent recycles may replace the same row and give it different dates. The first by name counts, so
        all objects that replace rows of a needed date are read.
        """
        moves = {name: self._moves(name) for name in names}
        origins = {old for pairs in moves.values() for old, new in pairs if new == date}
        needed = origins | {date}
        related = tuple(name for name in names if any(old in needed for old, _ in moves[name]))
        return RelatedObjects(related, tuple(sorted(origins | {date}))) if related else RelatedObjects()

    def dates(self, names: tuple[str, ...]) -> list[str]:
        """Return the dates that these objects move rows to, in order."""
        return sorted({new for name in names for _, new in self._moves(name)})

    def _moves(self, name: str) -> Moves:
        """Return the pairs of dates that an object moves rows from and to."""
        if name not in self._moves_by_name:
            self._moves_by_name[name] = _read_moves(name, self._store)
        return self._moves_by_name[name]


def _read_moves(name: str, store: Store) -> Moves:
    data = store.get(name)
    if data is None or recycled_name(data) != name:
        raise StorageError(f"{store.location(name)} is not what a recycle wrote; restore it from a copy")
    table = read_parquet(data, ["from_date", "billing_date"])
    return frozenset(zip(*(table[c].to_pylist() for c in ("from_date", "billing_date")), strict=True))
