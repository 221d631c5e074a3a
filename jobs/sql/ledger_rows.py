"""The ledger rows of a date, brought to where DuckDB can read them: its parts, and what was recycled."""

import hashlib
from pathlib import Path

import msgspec

from schemas.manifest import LedgerObject
from sinks.ledger import Ledger


class RecycledSources(msgspec.Struct, frozen=True):
    """RecycledRows objects, name to path; by date, the parts whose quarantined rows they stand in for, likewise."""

    objects: dict[str, str]
    origins: dict[str, dict[str, str]]


class DateParts(msgspec.Struct, frozen=True):
    """A date's parts, name to path, and what was recycled, if anything was.

    `listed` are the names of all recycled objects of the ledger, as they were listed for it.
    """

    date: str
    parts: dict[str, str]
    recycled: RecycledSources | None = None
    listed: tuple[str, ...] = ()

    @property
    def objects(self) -> dict[str, str]:
        """What the date consists of, name to path."""
        if self.recycled is None:
            return self.parts
        origins = {name: path for parts in self.recycled.origins.values() for name, path in parts.items()}
        return self.parts | origins | self.recycled.objects


def read_date_parts(ledger: Ledger, date: str, recycled: tuple[str, ...], scratch: Path) -> DateParts:
    """The rows of a date, given the names of all recycled objects; what is not here is brought below the folder."""

    def local(names: list[str]) -> dict[str, str]:
        return dict(zip(names, ledger.store.local(names, scratch / "ledger"), strict=True))

    parts = local(ledger.names(date))
    found = ledger.recycled.of(date, recycled)
    if not found.names:
        return DateParts(date, parts, listed=recycled)
    origins = {d: parts if d == date else local(ledger.names(d)) for d in found.origins}
    return DateParts(date, parts, RecycledSources(local(list(found.names)), origins), recycled)


def ledger_objects(rows: DateParts) -> tuple[LedgerObject, ...]:
    """The objects that a date consists of, with their digests."""
    return tuple(_object(name, Path(path)) for name, path in rows.objects.items())


def _object(name: str, path: Path) -> LedgerObject:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return LedgerObject(name, path.stat().st_size, digest)
