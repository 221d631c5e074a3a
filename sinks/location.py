"""A storage location: a folder or s3://bucket/prefix, parsed once from the settings or the command line."""

from pathlib import Path

import msgspec

from sinks.s3 import SCHEME, Access, S3Store
from sinks.store import LocalStore, Store


class Location(msgspec.Struct, frozen=True):
    """A folder of this machine, or what lies below a prefix of a bucket; `text` is what messages show."""

    text: str

    @property
    def is_s3(self) -> bool:
        """Whether it lies in a bucket."""
        return self.text.startswith(SCHEME)

    @property
    def folder(self) -> Path | None:
        """The folder, if it is one of this machine."""
        return None if self.is_s3 else Path(self.text)

    @property
    def uri(self) -> str:
        """The location as Flink is told it."""
        return self.text.rstrip("/") if self.is_s3 else Path(self.text).resolve().as_uri()

    def open(self, s3: Access, setting: str) -> Store:
        """The store at the location; `setting` is what its errors name. Nothing is touched yet.

        SettingsError: an s3:// URI without a bucket.
        """
        return S3Store(self.text, s3, setting) if self.is_s3 else LocalStore(Path(self.text))

    def absolute(self) -> "Location":
        """The same location for processes that were started in other folders."""
        return self if self.is_s3 else Location(str(Path(self.text).resolve()))

    def object(self) -> tuple["Location", str] | None:
        """The location and the name of the one object that this is; None: it cannot be an object."""
        if not self.is_s3:
            # A link stays one: what it points to is what is replaced.
            path = Path(self.text).resolve()
            return Location(str(path.parent)), path.name
        parent, _, name = self.text.rpartition("/")
        return (Location(parent), name) if name and parent + "/" != SCHEME else None

    def overlaps(self, other: "Location") -> bool:
        """Whether one of them lies in the other, or they are the same, however they are spelled."""
        first, second = self._parts(), other._parts()
        shorter = min(len(first), len(second))
        return self.is_s3 == other.is_s3 and first[:shorter] == second[:shorter]

    def _parts(self) -> tuple[str, ...]:
        if not self.is_s3:
            return Path(self.text).resolve().parts
        return tuple(part for part in self.text.removeprefix(SCHEME).split("/") if part)
