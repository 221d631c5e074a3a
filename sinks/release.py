"""The release: complete versions of a date in, files in the partner's place out.

The manifest is written last of a version and `latest.json` after it, so that whoever reads from
`latest.json` on sees a whole, checked version at any moment.
"""

import hashlib
import re

import msgspec

from schemas.errors import StorageError
from schemas.manifest import Latest, Manifest, json_text
from sinks.store import Store

_VERSION = re.compile(r"/v([0-9]{4,})/manifest\.json$")


class ReleaseFolder:
    """The versions of one billing date in a store."""

    def __init__(self, store: Store, billing_date: str) -> None:
        self._store = store
        self._folder = f"billing_date={billing_date}"

    def version(self) -> int:
        """The newest complete version; 0 where there is none."""
        found = (_VERSION.search(name) for name in self._store.names(self._folder))
        return max((int(match.group(1)) for match in found if match), default=0)

    def manifest(self, version: int) -> Manifest:
        """The manifest of a version. StorageError: it is not what was written."""
        name = self._name(version, "manifest.json")
        try:
            return msgspec.json.decode(self._store.get(name) or b"", type=Manifest)
        except msgspec.MsgspecError:
            raise StorageError(f"{self._store.location(name)} is no manifest; restore it from a copy") from None

    def location(self, version: int, name: str = "") -> str:
        """Where a file of a version is, or the version's folder."""
        return self._store.location(self._name(version, name).rstrip("/"))

    def publish(self, files: dict[str, bytes], manifest: Manifest) -> None:
        """Writes a version: its files, then its manifest. StorageError: somebody else was first."""
        for name, data in sorted(files.items()):
            self._store.put(self._name(manifest.version, name), data)
        name = self._name(manifest.version, "manifest.json")
        text = json_text(manifest)
        if not self._store.put_new(name, text) and self._store.get(name) != text:
            raise StorageError(f"{self._store.location(name)} was written by another release; run again")

    def announce(self, version: int, published_at: str) -> None:
        """Points `latest.json` at a version, unless it does already."""
        name = f"{self._folder}/latest.json"
        path = f"v{version:04d}/manifest.json"
        text = self._store.get(f"{self._folder}/{path}") or b""
        latest = Latest(version, path, hashlib.sha256(text).hexdigest(), published_at)
        if self._announced(name) != msgspec.structs.replace(latest, published_at=""):
            self._store.put(name, json_text(latest))

    def _announced(self, name: str) -> Latest | None:
        try:
            latest = msgspec.json.decode(self._store.get(name) or b"", type=Latest)
        except msgspec.MsgspecError:
            return None
        return msgspec.structs.replace(latest, published_at="")

    def _name(self, version: int, name: str) -> str:
        return f"{self._folder}/v{version:04d}/{name}"
