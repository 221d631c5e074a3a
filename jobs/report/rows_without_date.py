"""Count the quarantined rows that have no date, which no release counts, from the ledger's parts of `unknown`.

A part never changes under its name, so that each is read once as long as the process runs, and again after a recycle.
Of a part, only counts are kept.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from schemas.errors import StorageError
from schemas.outcome import UNKNOWN_DATE
from schemas.recycled import Suspended
from sinks.ledger import Ledger
from sinks.parquet import read_parquet

_PARALLEL = 8
_ROW = list(Suspended._fields)
_ORIGIN = ["from_date", "source", "position", "length", "from_reason", "from_detail"]
_COPY = ["payload_sha256", "copy"]


class _PartCounts(msgspec.Struct, frozen=True):
    """The quarantined rows of a part: by reason, and those that may have been recycled by their identity."""

    reasons: Counter[str]
    recycled: Counter[Suspended]


class RowsWithoutDate:
    """Counts the quarantined rows without a date of one ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._objects: tuple[str, ...] = ()
        self._parts: dict[str, _PartCounts] = {}

    def quarantined(self, parts: Iterable[str]) -> dict[str, int]:
        """Return the rows that are still quarantined by reason, given the names of the parts that count.

        Raises StorageError if a part or a recycled object cannot be read.
        """
        objects = self._ledger.recycled.of(UNKNOWN_DATE, self._ledger.recycled.names()).names
        recycled = self._recycled(objects)
        known = self._parts if objects == self._objects else {}
        names = list(parts)
        unread = [name for name in names if name not in known]
        with ThreadPoolExecutor(_PARALLEL) as pool:
            counts = dict(zip(unread, pool.map(partial(self._count, recycled), unread), strict=True))
        # Both are replaced last, so that after an error the next call reads the same again.
        self._parts, self._objects = {name: known.get(name) or counts[name] for name in names}, objects
        reasons, rows = Counter[str](), Counter[Suspended]()
        for part in self._parts.values():
            reasons.update(part.reasons)
            rows.update(part.recycled)
        # A recycled row counts as long as its quarantined row exists.
        for row, count in rows.items():
            reasons[row.reason] -= min(count, recycled[row])
        return {reason: count for reason, count in sorted(reasons.items()) if count}

    def _recycled(self, objects: Iterable[str]) -> Counter[Suspended]:
        """Return how many payloads of each row were recycled; of several recycles of the same one, one counts."""
        identities = {
            row[1:] for name in objects for row in self._rows(name, [*_ORIGIN, *_COPY]) if row[0] == UNKNOWN_DATE
        }
        return Counter(Suspended(*identity[: len(_ROW)]) for identity in identities)

    def _count(self, recycled: Mapping[Suspended, int], name: str) -> _PartCounts:
        table = self._table(name, ["outcome", *_ROW])
        table = table.filter(pc.equal(table["outcome"], "quarantined"))
        reasons = Counter({c["values"]: c["counts"] for c in table["reason"].value_counts().to_pylist()})
        rows = (Suspended(*row) for row in _tuples(table, _ROW)) if recycled else ()
        return _PartCounts(reasons, Counter(row for row in rows if row in recycled))

    def _rows(self, name: str, columns: list[str]) -> Iterable[tuple[Any, ...]]:
        return _tuples(self._table(name, columns), columns)

    def _table(self, name: str, columns: list[str]) -> pa.Table:
        data, location = self._ledger.store.get(name), self._ledger.store.location(name)
        if data is None:
            raise StorageError(f"{location} was deleted while it was read; run again")
        try:
            return read_parquet(data, columns)
        except (pa.ArrowException, OSError, KeyError) as error:
            raise StorageError(f"cannot read {location} ({type(error).__name__}); replay its archive") from None


def _tuples(table: pa.Table, columns: list[str]) -> Iterable[tuple[Any, ...]]:
    return zip(*(table[column].to_pylist() for column in columns), strict=True)
