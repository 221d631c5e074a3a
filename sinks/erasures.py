"""Erasures: records of what was written again in the ledger, one write-once object per object that was.

A record is there before the object is another one, so that whoever verifies the ledger knows both.
"""

import hashlib

import msgspec

from schemas.erasure import ErasedObject
from schemas.errors import StorageError
from schemas.manifest import json_text
from sinks.paths import ERASURES
from sinks.store import Store


class Erasures:
    """The records in a ledger's store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, erased: ErasedObject) -> None:
        """Writes a record, unless it is there."""
        data = json_text(erased)
        self._store.put_new(f"{ERASURES}/{hashlib.sha256(data).hexdigest()}.json", data)

    def load(self) -> dict[tuple[str, str], tuple[str, str]]:
        """What objects became, by name and digest. StorageError: a record is not what was written."""
        became = {}
        for name in self._store.names(ERASURES):
            try:
                found = msgspec.json.decode(self._store.get(name) or b"", type=ErasedObject)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                raise StorageError(f"{self._store.location(name)} is no record of an erasure; restore it") from None
            became[found.name, found.sha256] = found.became, found.became_sha256
        return became


def today(name: str, sha256: str, became: dict[tuple[str, str], tuple[str, str]]) -> tuple[str, str]:
    """What an object is called now, and its digest, after all erasures."""
    while (name, sha256) in became:
        name, sha256 = became[name, sha256]
    return name, sha256
