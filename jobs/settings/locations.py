"""Where ledger, quarantine, release and audit are: in folders or on S3.

With --out all of them lie below it, whatever the settings say, so that a trial cannot touch what the partner reads.
"""

from pathlib import Path

import msgspec

from jobs.settings.connections import S3, Storage
from jobs.settings.settings import Settings
from schemas.errors import SettingsError
from sinks.ledger import Ledger
from sinks.location import Location
from sinks.store import Store


class StorageLocations(msgspec.Struct, frozen=True):
    """The locations by name; one that is not named is an error once it is needed.

    Without a quarantine of its own, the ledger keeps what was quarantined.
    """

    ledger: Location | None
    quarantine: Location | None
    release: Location | None
    audit: Location | None
    s3: S3 = S3()
    out: Path | None = None

    def open_ledger(self, settings: Settings, claim: bool = True) -> Ledger:
        """The ledger, claimed for these settings. SettingsError: the location holds something else."""
        if claim and self._out_is_foreign():
            raise SettingsError(f"{self.out} is not empty and holds no ledger; name a new or an own folder with --out")
        quarantine = self._store("quarantine", self.quarantine) if self.quarantine else None
        ledger = Ledger(self._store("ledger", self.ledger), settings.billing.time_zone, quarantine)
        ledger.open(claim)
        return ledger

    def release_store(self) -> Store:
        """The store that the partner reads. SettingsError: nothing names it."""
        return self._store("release", self.release)

    def audit_store(self) -> Store:
        """The store of the audit. SettingsError: nothing names it."""
        return self._store("audit", self.audit)

    def check(self, release: bool = True) -> None:
        """SettingsError: a location is not named, or cannot be reached. Nothing is written before."""
        needed = {"ledger": self.ledger, "quarantine": self.quarantine or self.ledger}
        needed |= {"release": self.release, "audit": self.audit} if release else {}
        for store in [self._store(kind, location) for kind, location in needed.items()]:
            # Reaches the bucket with its credentials, whatever is in it.
            store.names("billing_date=none")

    def absolute(self) -> "StorageLocations":
        """The same locations, for processes that were started in other folders."""
        named = {kind: location.absolute() for kind, location in self._named().items()}
        return msgspec.structs.replace(self, **named)

    def folders(self) -> list[Path]:
        """The locations that are folders of this machine."""
        return [location.folder for location in self._named().values() if location.folder is not None]

    def uri(self, kind: str) -> str:
        """What names a location, for people; empty where nothing does."""
        location = self._named().get(kind)
        return location.text if location else ""

    def _out_is_foreign(self) -> bool:
        """Whether --out names a folder in which there is something, and no ledger."""
        ledger = self.ledger.folder if self.ledger else None
        if self.out is None or ledger is None or ledger.is_dir() or not self.out.is_dir():
            return False
        return any(self.out.iterdir())

    def _named(self) -> dict[str, Location]:
        locations = {kind: getattr(self, kind) for kind in ("ledger", "quarantine", "release", "audit")}
        return {kind: location for kind, location in locations.items() if location is not None}

    def _store(self, kind: str, location: Location | None) -> Store:
        if location is None:
            raise SettingsError(
                f"there is no place for the {kind}: name storage.{kind} in the settings, or give --out for all places"
            )
        return location.open(self.s3, "--out" if self.out else f"storage.{kind}")


def resolve_locations(storage: Storage, out: Path | None) -> StorageLocations:
    """The locations that the settings or --out name; --out wins over all of them.

    SettingsError: the release lies in another location, or another in it.
    """
    if out is not None:
        below = {kind: Location(str(out / kind)) for kind in ("ledger", "release", "audit")}
        return StorageLocations(below["ledger"], None, below["release"], below["audit"], storage.s3, out)
    locations = {
        kind: Location(text) if (text := getattr(storage, kind)) else None
        for kind in ("ledger", "quarantine", "audit", "archive", "release")
    }
    release = locations["release"]
    for kind in ("ledger", "quarantine", "audit", "archive"):
        other = locations[kind]
        if release and other and release.overlaps(other):
            raise SettingsError(
                f"storage.release and storage.{kind} lie in one another; the partner's place is for nothing else"
            )
    return StorageLocations(locations["ledger"], locations["quarantine"], release, locations["audit"], storage.s3)


def agents_uri(option: str | None, storage: Storage) -> str:
    """Where the agent-extension table is. SettingsError: neither --agents nor the settings name it."""
    if not (uri := option or storage.agents):
        raise SettingsError("no agent-extension table: give --agents, or name storage.agents in the settings")
    return uri
