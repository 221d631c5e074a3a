"""Make a date's ledger rows, its parts and recycled objects, available to DuckDB as local files."""

import hashlib
from pathlib import Path

import msgspec

from schemas.manifest import LedgerObject
from sinks.ledger import Ledger


class RecycledSources(msgspec.Struct, frozen=True):
    """Recycled objects, name to path; and by date, the parts whose quarantined rows they replace, likewise."""

    objects: dict[str, str]
    origins: dict[str, dict[str, str]]


class DateParts(msgspec.Struct, frozen=True):
    """A date's parts, name to path, and its recycled rows, if any.

    `listed` has the names of all recycled objects in the ledger's listing that this was read from.
    """

    date: str
    parts: dict[str, str]
    recycled: RecycledSources | None = None
    listed: tuple[str, ...] = ()

    @property
    def objects(self) -> dict[str, str]:
        """All objects that the date consists of, name to path."""
        if self.recycled is None:
            return self.parts
        origins = {name: path for parts in self.recycled.origins.values() for name, path in parts.items()}
        return self.parts | origins | self.recycled.objects


def read_date_parts(ledger: Ledger, date: str, recycled: tuple[str, ...], scratch: Path) -> DateParts:
    """Return a date's rows, given the names of all recycled objects; remote objects are copied below `scratch`."""

    def local(names: list[str]) -> dict[str, str]:
        return dict(zip(names, ledger.store.local(names, scratch / "ledger"), strict=True))

    parts = local(ledger.names(date))
    sources = ledger.recycled.of(date, recycled)
    if not sources.names:
        return DateParts(date, parts, listed=recycled)
    origins = {d: parts if d == date else local(ledger.names(d)) for d in sources.origins}
    return DateParts(date, parts, RecycledSources(local(list(sources.names)), origins), recycled)


def ledger_objects(rows: DateParts) -> tuple[LedgerObject, ...]:
    """Return the objects that a date consists of, with their sizes and digests."""
    return tuple(_object(name, Path(path)) for name, path in rows.objects.items())


def _object(name: str, path: Path) -> LedgerObject:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return LedgerObject(name, path.stat().st_size, digest)
