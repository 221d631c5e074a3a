"""Resolve where ledger, quarantine, release and audit are: in folders or on S3.

With --out all of them lie below it, whatever the settings say, so that a trial cannot touch the partner's files.
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
    """The locations by kind; one without a name is an error only when it is used.

    Without a quarantine location, the ledger keeps quarantined payloads.
    """

    ledger: Location | None
    quarantine: Location | None
    release: Location | None
    audit: Location | None
    s3: S3 = S3()
    out: Path | None = None

    def open_ledger(self, settings: Settings, claim: bool = True) -> Ledger:
        """Open the ledger, claimed for these settings. Raises SettingsError if the location holds something else."""
        if claim and self._out_is_foreign():
            raise SettingsError(f"{self.out} is not empty and holds no ledger; name a new or an own folder with --out")
        quarantine = self._store("quarantine", self.quarantine) if self.quarantine else None
        ledger = Ledger(self._store("ledger", self.ledger), settings.billing.time_zone, quarantine)
        ledger.open(claim)
        return ledger

    def release_store(self) -> Store:
        """Open the store that the partner reads. Raises SettingsError if it has no name."""
        return self._store("release", self.release)

    def audit_store(self) -> Store:
        """Open the store of the audit. Raises SettingsError if it has no name."""
        return self._store("audit", self.audit)

    def check(self, release: bool = True) -> None:
        """Raises SettingsError if a location has no name or is unreachable. Writes nothing."""
        required = {"ledger": self.ledger, "quarantine": self.quarantine or self.ledger}
        required |= {"release": self.release, "audit": self.audit} if release else {}
        for store in [self._store(kind, location) for kind, location in required.items()]:
            # Reaches the bucket with its credentials, whatever is in it.
            store.names("billing_date=none")

    def absolute(self) -> "StorageLocations":
        """Return the same locations, for processes that start in other folders."""
        named = {kind: location.absolute() for kind, location in self._named().items()}
        return msgspec.structs.replace(self, **named)

    def folders(self) -> list[Path]:
        """Return the locations that are folders of this machine."""
        return [location.folder for location in self._named().values() if location.folder is not None]

    def uri(self, kind: str) -> str:
        """Return a location's name, for people; empty if it has none."""
        location = self._named().get(kind)
        return location.text if location else ""

    def _out_is_foreign(self) -> bool:
        """Whether --out names a folder that is not empty and holds no ledger."""
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
                f"no location for the {kind}: name storage.{kind} in the settings, or give --out for all locations"
            )
        return location.open(self.s3, "--out" if self.out else f"storage.{kind}")


def resolve_locations(storage: Storage, out: Path | None) -> StorageLocations:
    """Return the locations that the settings or --out name; --out wins over all of them.

    Raises SettingsError if the release overlaps another location.
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
                f"storage.release and storage.{kind} lie in one another; the partner's location is for nothing else"
            )
    return StorageLocations(locations["ledger"], locations["quarantine"], release, locations["audit"], storage.s3)


def agents_uri(option: str | None, storage: Storage) -> str:
    """Return where the agent-extension table is. Raises SettingsError if neither --agents nor the settings name it."""
    if not (uri := option or storage.agents):
        raise SettingsError("no agent-extension table: give --agents, or name storage.agents in the settings")
    return uri
