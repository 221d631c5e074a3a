"""Rewrite Parquet objects of the ledger, the quarantine and the archive without patients' phone numbers.

Ledger rows lose the phone, payloads its digits; everything else of a row stays, including its position and length.
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


class ObjectSet(msgspec.Struct, frozen=True):
    """Objects of one kind. With `erasures`, rewriting one is recorded there, because audits name these objects."""

    place: str
    store: Store
    names: list[str]
    erasures: Erasures | None = None


class ErasureCount(msgspec.Struct):
    """How many objects and rows of a place hold a number, or held it."""

    place: Annotated[str, description("ledger, recycled, quarantine or archive")]
    objects: Annotated[int, description("number of objects")] = 0
    rows: Annotated[int, description("number of their rows")] = 0
    wait_seconds: Annotated[int, description("seconds until no live job can need them as they are")] = 0


class ObjectEraser:
    """Rewrites objects without these numbers. `settled_seconds` is the minimum age of a live job's part.

    A job that restarts from a checkpoint looks for the parts that were committed after it, by their length.
    """

    def __init__(self, numbers: frozenset[str], settled_seconds: float) -> None:
        self._numbers = pa.array(sorted(numbers), pa.string())
        self._pattern = phone_pattern(numbers)
        self._settled_seconds = settled_seconds
        # New digests of payloads by their old ones: recycled rows name the payload that they come from by its digest.
        self._new_digests: dict[str, str] = {}

    def find(self, objects: ObjectSet) -> ErasureCount:
        """Count what `rewrite` would change. Payloads must come before the recycled rows that were made of them."""
        count, store = ErasureCount(objects.place), objects.store
        with progress(objects.names, f"look at {objects.place}", "object") as bar:
            for name in bar:
                if (erased := self._erase(store, name)) is not None:
                    count.objects += 1
                    count.rows += erased[1]
                    count.wait_seconds = max(count.wait_seconds, self._wait_seconds(store, name))
        return count

    def rewrite(self, objects: ObjectSet) -> None:
        """Rewrite the objects that hold a number, each after its record, if there are to be records."""
        store = objects.store
        for name in objects.names:
            if (erased := self._erase(store, name)) is None:
                continue
            data = erased[0]
            new_name = recycled_name(data) if is_recycled(name) else name
            if objects.erasures is not None:
                objects.erasures.add(ErasedObject(name, digest(store.get(name)), new_name, digest(data)))
            store.put(new_name, data)
            if new_name != name:
                store.delete(name)

    def _wait_seconds(self, store: Store, name: str) -> int:
        if replayed_input(name) or is_recycled(name):
            return 0
        return max(0, math.ceil(self._settled_seconds - store.age_seconds(name)))

    def _erase(self, store: Store, name: str) -> tuple[bytes, int] | None:
        """Return the object without the numbers, and how many rows change; None if it has none of them."""
        if (data := store.get(name)) is None:
            return None
        try:
            file = parquet_file(data)
            names = [column for column in file.schema_arrow.names if column in (_PHONE, _PAYLOAD, _DIGEST)]
            values = (file.read([column], use_threads=False).column(0) for column in names)
            columns = dict(zip(names, map(self._erase_column, names, values), strict=True))
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

    def _erase_column(self, name: str, values: pa.ChunkedArray) -> tuple[Any, int]:
        """Return a column without the numbers, and in how many rows it changes."""
        if name == _PHONE:
            matches = pc.is_in(values, value_set=self._numbers)
            return pc.if_else(matches, pa.scalar(None, values.type), values), pc.sum(matches).as_py() or 0
        before = values.to_pylist()
        after = [*map(self._erase_payload, before)] if name == _PAYLOAD else [*map(self._new_digest, before)]
        return pa.array(after, values.type), sum(a != b for a, b in zip(after, before, strict=True))

    def _erase_payload(self, payload: bytes | None) -> bytes | None:
        if payload is None or (erased := erase_phones(payload, self._pattern)) == payload:
            return payload
        self._new_digests[digest(payload)] = digest(erased)
        return erased

    def _new_digest(self, payload_sha256: str) -> str:
        return self._new_digests.get(payload_sha256, payload_sha256)
