"""Publish complete versions of a date in the partner's location.

A version's manifest is written last, and `latest.json` after it, so that a reader who starts at `latest.json` always
sees a complete, checked version. If several releases publish a version at once, the first manifest decides.
"""

import hashlib
import time
from collections.abc import Callable, Iterable

import msgspec

from schemas.erasure import ErasedVersion
from schemas.errors import StorageError
from schemas.manifest import Latest, Manifest, json_text
from sinks.paths import MANIFEST, date_folder, latest_name, release_object, version_file
from sinks.store import Store

ERASED = "erased.json"
# The files of a version, except its manifest.
FILES = ("billing.csv", "billing.parquet", "amendments.csv")

# How long files without a manifest are assumed to belong to a release that is still running.
PATIENCE_SECONDS = 60.0
_LOOKS = 60
_ROUNDS = 5


class ReleaseFolder:
    """The versions of one billing date in a store."""

    def __init__(
        self,
        store: Store,
        billing_date: str,
        patience_seconds: float = PATIENCE_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self.billing_date = billing_date
        self._folder = date_folder(billing_date)
        self._pause = patience_seconds / _LOOKS
        self._sleep = sleep

    def version(self) -> int:
        """Return the newest complete version, or 0."""
        return max(_complete(self._store.names(self._folder)).values(), default=0)

    def manifest(self, version: int) -> Manifest:
        """Return the manifest of a version. Raises StorageError if it is missing or damaged."""
        name = self.name(version, MANIFEST)
        try:
            return msgspec.json.decode(self._store.get(name) or b"", type=Manifest)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise StorageError(f"{self._store.location(name)} is not a manifest; restore it from a copy") from None

    def manifest_digest(self, version: int) -> str:
        """Return the digest of the bytes of a version's manifest."""
        return digest(self._store.get(self.name(version, MANIFEST)))

    def location(self, version: int, name: str = "") -> str:
        """Return the location of a version's file, or of the version's folder."""
        return self._store.location(self.name(version, name).rstrip("/"))

    def name(self, version: int, name: str) -> str:
        """Return the name of a version's file in the store."""
        return version_file(self.billing_date, version, name)

    def erased(self, version: int) -> bool:
        """Whether a version held data that was erased: its files are deleted, now or once a newer version exists."""
        return self._store.get(self.name(version, ERASED)) is not None

    def erase(self, version: int, files: tuple[str, ...]) -> None:
        """Record that a version is erased."""
        record = ErasedVersion(self.billing_date, version, files)
        self._store.put_new(self.name(version, ERASED), json_text(record))

    def remove(self, version: int, files: tuple[str, ...]) -> None:
        """Delete an erased version's files; its manifest and its erasure record stay."""
        for file in files:
            self._store.delete(self.name(version, file))

    def publish(self, files: dict[str, bytes], manifest: Manifest) -> bool:
        """Write a version: its files, then its manifest. False if another release made the version.

        Different files without a manifest belong to a running release, or are left over from a crash: they get time
        to receive their manifest, then they are replaced. If that manifest appears after all, the release that
        replaced its files restores them, so that a release that was only slow loses nothing.
        """
        data_by_name = {self.name(manifest.version, name): data for name, data in sorted(files.items())}
        manifest_name = self.name(manifest.version, MANIFEST)
        data_by_digest = {digest(data): data for data in data_by_name.values()}
        last_replaced, published = "", False
        for _ in range(_ROUNDS * (len(data_by_name) + 1)):
            if self._store.get(manifest_name) is not None:
                break
            if (conflict := self._write_until_conflict(data_by_name)) is None:
                published = self._store.put_new(manifest_name, json_text(manifest))
                break
            name, other_data = conflict
            # The first file is the claim: its holder goes on to replace the others of the same dead release.
            if (not last_replaced or name <= last_replaced) and self._appears(manifest_name):
                break
            if other_data is None or self._store.replace(name, other_data, data_by_name[name]):
                data_by_digest[digest(other_data)] = other_data or b""
                last_replaced = name
        else:
            location = self.location(manifest.version)
            raise StorageError(f"other releases keep changing {location}; stop all but one, then run again")
        self._restore_files(manifest.version, data_by_digest)
        return published

    def _write_until_conflict(self, data_by_name: dict[str, bytes]) -> tuple[str, bytes | None] | None:
        """Write files up to the first name that holds other bytes; return that name and its bytes."""
        for name, data in data_by_name.items():
            self._store.put_new(name, data)
            if (stored := self._store.get(name)) != data:
                return name, stored
        return None

    def _appears(self, name: str) -> bool:
        """Whether an object appears within the patience."""
        for _ in range(_LOOKS):
            if self._store.get(name) is not None:
                return True
            self._sleep(self._pause)
        return self._store.get(name) is not None

    def _restore_files(self, version: int, data_by_digest: dict[str, bytes]) -> None:
        """Write the files of the manifest whose bytes are known; the release that replaced files has their bytes."""
        for file in self.manifest(version).files:
            name = self.name(version, file.name)
            while (stored := self._store.get(name)) is None or digest(stored) != file.sha256:
                if (data := data_by_digest.get(file.sha256)) is None:
                    break
                if stored is None:
                    self._store.put_new(name, data)
                else:
                    self._store.replace(name, stored, data)

    def published_at(self) -> str:
        """Return when the newest version was announced, or an empty text."""
        latest = self._latest(latest_name(self.billing_date))
        return latest.published_at if latest else ""

    def announce(self, version: int, published_at: str) -> None:
        """Point `latest.json` to a version, or to a newer one, unless it does already."""
        name = latest_name(self.billing_date)
        while True:
            manifest = self.name(version, MANIFEST)
            path = manifest.removeprefix(f"{self._folder}/")
            latest = Latest(version, path, digest(self._store.get(manifest)), published_at)
            before = self._latest(name)
            if before is None or before != msgspec.structs.replace(latest, published_at=before.published_at).sealed():
                self._store.put(name, json_text(latest.sealed()))
            # Another release may have published and announced a newer version in the meantime.
            if (newest := self.version()) <= version:
                return
            version = newest

    def _latest(self, name: str) -> Latest | None:
        try:
            return msgspec.json.decode(self._store.get(name) or b"", type=Latest)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None


def newest_versions(store: Store) -> dict[str, int]:
    """Return the newest complete version of every date that has one. One listing."""
    return _complete(store.names(""))


def _complete(names: Iterable[str]) -> dict[str, int]:
    """Return the newest version with a manifest of every date."""
    versions: dict[str, int] = {}
    for item in filter(None, map(release_object, names)):
        if item.version is not None and item.file == MANIFEST:
            versions[item.billing_date] = max(versions.get(item.billing_date, 0), item.version)
    return versions


def digest(data: bytes | None) -> str:
    """Return the SHA-256 of an object's bytes, as in manifests; for a missing object, that of zero bytes."""
    return hashlib.sha256(data or b"").hexdigest()
