"""A storage location, a folder or s3://bucket/prefix, parsed once from the settings or the command line."""

from pathlib import Path

import msgspec

from sinks.s3 import SCHEME, Access, S3Store
from sinks.store import LocalStore, Store


class Location(msgspec.Struct, frozen=True):
    """A local folder, or a prefix of a bucket; messages show its `text`."""

    text: str

    @property
    def is_s3(self) -> bool:
        """Whether the location is in a bucket."""
        return self.text.startswith(SCHEME)

    @property
    def folder(self) -> Path | None:
        """The local folder, or None for a bucket."""
        return None if self.is_s3 else Path(self.text)

    @property
    def uri(self) -> str:
        """The location as a URI for Flink."""
        return self.text.rstrip("/") if self.is_s3 else Path(self.text).resolve().as_uri()

    def open(self, s3: Access, setting: str) -> Store:
        """Return the store at the location; its errors name `setting`. Does not access the location yet.

        Raises SettingsError for an s3:// URI without a bucket.
        """
        return S3Store(self.text, s3, setting) if self.is_s3 else LocalStore(Path(self.text))

    def absolute(self) -> "Location":
        """Return the same location for processes with another working directory."""
        return self if self.is_s3 else Location(str(Path(self.text).resolve()))

    def object(self) -> tuple["Location", str] | None:
        """Return the parent location and the name, if this is one object; None if it cannot be an object."""
        if not self.is_s3:
            # A symbolic link is resolved: its target is replaced, and the link stays.
            path = Path(self.text).resolve()
            return Location(str(path.parent)), path.name
        parent, _, name = self.text.rpartition("/")
        return (Location(parent), name) if name and parent + "/" != SCHEME else None

    def overlaps(self, other: "Location") -> bool:
        """Whether one location contains the other or they are the same, however they are spelled."""
        first, second = self._parts(), other._parts()
        shorter = min(len(first), len(second))
        return self.is_s3 == other.is_s3 and first[:shorter] == second[:shorter]

    def _parts(self) -> tuple[str, ...]:
        if not self.is_s3:
            return Path(self.text).resolve().parts
        return tuple(part for part in self.text.removeprefix(SCHEME).split("/") if part)
