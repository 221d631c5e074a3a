"""The release: complete versions of a date in, files in the partner's place out.

The manifest is written last of a version and `latest.json` after it, so that whoever reads from
`latest.json` on sees a whole, checked version at any moment. Of releases that publish a version at
the same time, the one whose manifest is there first has made it.
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
# The files of a version, but for its manifest.
FILES = ("billing.csv", "billing.parquet", "amendments.csv")


# How long files without a manifest are taken for those of a release that is still at work.
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
        """The newest complete version; 0 where there is none."""
        return max(_complete(self._store.names(self._folder)).values(), default=0)

    def manifest(self, version: int) -> Manifest:
        """The manifest of a version. StorageError: it is not what was written."""
        name = self.name(version, MANIFEST)
        try:
            return msgspec.json.decode(self._store.get(name) or b"", type=Manifest)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise StorageError(f"{self._store.location(name)} is no manifest; restore it from a copy") from None

    def manifest_digest(self, version: int) -> str:
        """The digest of a version's manifest, byte for byte."""
        return digest(self._store.get(self.name(version, MANIFEST)))

    def location(self, version: int, name: str = "") -> str:
        """Where a file of a version is, or the version's folder."""
        return self._store.location(self.name(version, name).rstrip("/"))

    def name(self, version: int, name: str) -> str:
        """The name of a version's file in the store."""
        return version_file(self.billing_date, version, name)

    def erased(self, version: int) -> bool:
        """Whether a version held what was erased since: its files are gone, or go when there is a newer version."""
        return self._store.get(self.name(version, ERASED)) is not None

    def erase(self, version: int, files: tuple[str, ...]) -> None:
        """Says of a version that it is erased."""
        record = ErasedVersion(self.billing_date, version, files)
        self._store.put_new(self.name(version, ERASED), json_text(record))

    def remove(self, version: int, files: tuple[str, ...]) -> None:
        """Takes an erased version's files away; what was said of them stays."""
        for file in files:
            self._store.delete(self.name(version, file))

    def publish(self, files: dict[str, bytes], manifest: Manifest) -> bool:
        """Writes a version: its files, then its manifest. False: another release has made the version.

        Other files without a manifest belong to a release at work, or are what a crash has left:
        they are given time to get their manifest, then replaced. Who has replaced what in the end
        counts gives it back, so that a release that was only slow loses nothing.
        """
        named = {self.name(manifest.version, name): data for name, data in sorted(files.items())}
        last = self.name(manifest.version, MANIFEST)
        known = {digest(data): data for data in named.values()}
        taken, ours = "", False
        for _ in range(_ROUNDS * (len(named) + 1)):
            if self._store.get(last) is not None:
                break
            if (obstacle := self._obstacle(named)) is None:
                ours = self._store.put_new(last, json_text(manifest))
                break
            name, found = obstacle
            # The first file is the claim: who has it goes on with the others of the same dead release.
            if (not taken or name <= taken) and self._appears(last):
                break
            if found is None or self._store.replace(name, found, named[name]):
                known[digest(found)] = found or b""
                taken = name
        else:
            where = self.location(manifest.version)
            raise StorageError(f"other releases keep changing {where}; stop all but one, then run again")
        self._settle(manifest.version, known)
        return ours

    def _obstacle(self, named: dict[str, bytes]) -> tuple[str, bytes | None] | None:
        """Writes files up to the first in whose place is something else, and gives that."""
        for name, data in named.items():
            self._store.put_new(name, data)
            if (found := self._store.get(name)) != data:
                return name, found
        return None

    def _appears(self, name: str) -> bool:
        """Whether an object appears in time."""
        for _ in range(_LOOKS):
            if self._store.get(name) is not None:
                return True
            self._sleep(self._pause)
        return self._store.get(name) is not None

    def _settle(self, version: int, known: dict[str, bytes]) -> None:
        """Makes files those of the manifest, where their bytes are known; whoever replaced others knows them."""
        for file in self.manifest(version).files:
            name = self.name(version, file.name)
            while (found := self._store.get(name)) is None or digest(found) != file.sha256:
                if (data := known.get(file.sha256)) is None:
                    break
                if found is None:
                    self._store.put_new(name, data)
                else:
                    self._store.replace(name, found, data)

    def published_at(self) -> str:
        """When the newest version was announced; empty where none was."""
        latest = self._announced(latest_name(self.billing_date))
        return latest.published_at if latest else ""

    def announce(self, version: int, published_at: str) -> None:
        """Points `latest.json` at a version, or at a newer one, unless it does already."""
        name = latest_name(self.billing_date)
        while True:
            manifest = self.name(version, MANIFEST)
            path = manifest.removeprefix(f"{self._folder}/")
            latest = Latest(version, path, digest(self._store.get(manifest)), published_at)
            before = self._announced(name)
            if before is None or before != msgspec.structs.replace(latest, published_at=before.published_at).sealed():
                self._store.put(name, json_text(latest.sealed()))
            # Another release may have made and announced a newer one in between.
            if (newest := self.version()) <= version:
                return
            version = newest

    def _announced(self, name: str) -> Latest | None:
        try:
            return msgspec.json.decode(self._store.get(name) or b"", type=Latest)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None


def newest_versions(store: Store) -> dict[str, int]:
    """The newest complete version of every date that has one. One listing."""
    return _complete(store.names(""))


def _complete(names: Iterable[str]) -> dict[str, int]:
    """The newest version with a manifest of every date."""
    found: dict[str, int] = {}
    for one in filter(None, map(release_object, names)):
        if one.version is not None and one.file == MANIFEST:
            found[one.billing_date] = max(found.get(one.billing_date, 0), one.version)
    return found


def digest(data: bytes | None) -> str:
    """The SHA-256 of an object's bytes, as manifests have it; of what is not there, that of no bytes."""
    return hashlib.sha256(data or b"").hexdigest()
