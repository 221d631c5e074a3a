"""Objects without a patient's number: the Parquet objects of a place in; the same rows without it, in their place, out.

The ledger's rows lose the phone, payloads their digits; everything else of a row stays, its place and length too.
"""

import math
from typing import Annotated, Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from jobs.runtime.progress import progress
from schemas.columns import description
from schemas.erasure import ErasedObject
from schemas.errors import StorageError
from sinks.erasures import Erasures
from sinks.parquet import parquet_bytes, parquet_file
from sinks.paths import is_recycled, recycled_name, replayed_input
from sinks.release import digest
from sinks.store import Store
from transforms.records.erase_phone import erase_phones, phone_pattern

_PHONE, _PAYLOAD, _DIGEST = "patient_phone", "payload", "payload_sha256"


class ErasureCount(msgspec.Struct):
    """What of a place holds a number, or held it."""

    place: Annotated[str, description("ledger, recycled, quarantine or archive")]
    objects: Annotated[int, description("objects")] = 0
    rows: Annotated[int, description("rows of them")] = 0
    wait_seconds: Annotated[int, description("until a live job has let go of all of them")] = 0


class ObjectEraser:
    """Writes objects again without these numbers. `settled_seconds`: how old a live job's part has to be.

    A job that goes on from a checkpoint looks for the parts that were committed after it, by their length.
    """

    def __init__(self, numbers: frozenset[str], settled_seconds: float) -> None:
        self._numbers = pa.array(sorted(numbers), pa.string())
        self._sought = phone_pattern(numbers)
        self._settled = settled_seconds
        # Recycled rows name the payload that they were made of by its digest.
        self._digests: dict[str, str] = {}

    def find(self, place: str, store: Store, names: list[str]) -> ErasureCount:
        """What is to be written again. Payloads have to come before the recycled rows that were made of them."""
        found = ErasureCount(place)
        with progress(names, f"look at {place}", "object") as among:
            for name in among:
                if (rewritten := self._rewritten(store, name)) is not None:
                    found.objects += 1
                    found.rows += rewritten[1]
                    found.wait_seconds = max(found.wait_seconds, self._wait(store, name))
        return found

    def write(self, store: Store, names: list[str], erasures: Erasures | None) -> None:
        """Writes them again; with a record for each, where there are to be records."""
        for name in names:
            if (rewritten := self._rewritten(store, name)) is None:
                continue
            data = rewritten[0]
            became = recycled_name(data) if is_recycled(name) else name
            if erasures is not None:
                erasures.add(ErasedObject(name, digest(store.get(name)), became, digest(data)))
            store.put(became, data)
            if became != name:
                store.delete(name)

    def _wait(self, store: Store, name: str) -> int:
        if replayed_input(name) or is_recycled(name):
            return 0
        return max(0, math.ceil(self._settled - store.age_seconds(name)))

    def _rewritten(self, store: Store, name: str) -> tuple[bytes, int] | None:
        """The object without the numbers, and how many rows are others; None where it has none of them."""
        if (data := store.get(name)) is None:
            return None
        try:
            file = parquet_file(data)
            changed = [column for column in file.schema_arrow.names if column in (_PHONE, _PAYLOAD, _DIGEST)]
            values = (file.read([column], use_threads=False).column(0) for column in changed)
            columns = dict(zip(changed, map(self._column, changed, values), strict=True))
            rows = max((count for _, count in columns.values()), default=0)
            if not rows:
                return None
            table = file.read(use_threads=False)
        except (pa.ArrowException, OSError) as error:
            raise StorageError(
                f"cannot read {store.location(name)} ({type(error).__name__}); restore it from a copy, then run again"
            ) from None
        for column, (values, _) in columns.items():
            table = table.set_column(table.column_names.index(column), table.schema.field(column), values)
        return parquet_bytes(table), rows

    def _column(self, name: str, values: pa.ChunkedArray) -> tuple[Any, int]:
        """A column without the numbers, and in how many rows it is another one."""
        if name == _PHONE:
            known = pc.is_in(values, value_set=self._numbers)
            return pc.if_else(known, pa.scalar(None, values.type), values), pc.sum(known).as_py() or 0
        before = values.to_pylist()
        after = [self._payload(value) for value in before] if name == _PAYLOAD else [*map(self._digest, before)]
        return pa.array(after, values.type), sum(a != b for a, b in zip(after, before, strict=True))

    def _payload(self, payload: bytes | None) -> bytes | None:
        if payload is None or (now := erase_phones(payload, self._sought)) == payload:
            return payload
        self._digests[digest(payload)] = digest(now)
        return now

    def _digest(self, before: str) -> str:
        return self._digests.get(before, before)
