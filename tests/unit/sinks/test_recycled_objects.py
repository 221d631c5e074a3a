"""Recycled objects: named by their content, read once, and refused when somebody has changed them."""

import pytest

from sinks.ledger import Ledger
from sinks.store import LocalStore
from tests.support.records import DATE, payload
from tests.support.suspense import NEW_VERSION, Suspense


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
