"""Records of the ledger objects that an erasure rewrote: one write-once object for each of them.

A record is written before its object is replaced, so that a verification of the ledger knows both.
"""

import hashlib

import msgspec

from schemas.erasure import ErasedObject
from schemas.errors import StorageError
from schemas.manifest import json_text
from sinks.paths import ERASURES
from sinks.store import Store


class Erasures:
    """The erasure records in a ledger's store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, erased: ErasedObject) -> None:
        """Write a record unless it exists."""
        data = json_text(erased)
        self._store.put_new(f"{ERASURES}/{hashlib.sha256(data).hexdigest()}.json", data)

    def load(self) -> dict[tuple[str, str], tuple[str, str]]:
        """Return the name and digest after an erasure by those before it. Raises StorageError for a damaged record."""
        rewrites = {}
        for name in self._store.names(ERASURES):
            try:
                record = msgspec.json.decode(self._store.get(name) or b"", type=ErasedObject)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                raise StorageError(f"{self._store.location(name)} is not an erasure record; restore it") from None
            rewrites[record.name, record.sha256] = record.became, record.became_sha256
        return rewrites


def current_object(name: str, sha256: str, rewrites: dict[tuple[str, str], tuple[str, str]]) -> tuple[str, str]:
    """Return an object's name and digest after all erasures."""
    while (name, sha256) in rewrites:
        name, sha256 = rewrites[name, sha256]
    return name, sha256
