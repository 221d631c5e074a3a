"""Recycled objects: named by their content, read once, and refused when somebody has changed them."""

from pathlib import Path

import pyarrow as pa
import pytest

from schemas.errors import StorageError
from schemas.recycled import RECYCLED_COLUMNS
from schemas.render import arrow_schema
from sinks.ledger import Ledger
from sinks.store import LocalStore
from tests.support.records import DATE, payload
from tests.support.suspense import NEW_VERSION, Suspense

NEW = payload(f'{NEW_VERSION}; ContactId = "new"')


def test_an_object_is_read_once_for_many_looks(suspense: Suspense, monkeypatch: pytest.MonkeyPatch) -> None:
    suspense.read(payload(f'{NEW_VERSION}; ContactId = "read once"'))
    suspense.close(DATE)
    name = suspense.recycle().object
    ledger = Ledger(suspense.ledger.store, "UTC")
    read: list[str] = []
    get = LocalStore.get

    def watched(store: LocalStore, name: str) -> bytes | None:
        read.append(name)
        return get(store, name)

    monkeypatch.setattr(LocalStore, "get", watched)
    assert ledger.closed() == ledger.closed()
    assert read == [name]


def test_an_object_is_named_by_its_content_and_has_the_columns_it_says(suspense: Suspense) -> None:
    suspense.read(NEW)
    suspense.recycle()
    (name,) = suspense.objects()
    path = suspense.root / "ledger" / name
    rows = pa.parquet.read_table(path)
    assert rows.schema.equals(arrow_schema(RECYCLED_COLUMNS))
    (row,) = rows.to_pylist()
    assert (row["from_date"], row["billing_date"], row["from_reason"]) == (DATE, DATE, "unsupported_version")
    assert (row["source"], row["position"], row["length"], row["copy"]) == ("a.json", "1000", len(NEW), 0)


def test_an_object_that_somebody_has_changed_is_named(tmp_path: Path) -> None:
    suspense = Suspense(tmp_path)
    suspense.read(NEW, payload('ContactId = "nobody else has this object"'))
    name = f"recycled/{'0' * 64}.parquet"
    suspense.ledger.store.put(name, b"PAR1 patient")
    with pytest.raises(StorageError, match=rf"{name} is not what a recycle wrote") as error:
        suspense.release(DATE)
    assert "patient" not in str(error.value)
