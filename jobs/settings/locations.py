"""Where everything goes: ledger, quarantine, release and audit, in folders or on S3.

With --out all of them lie below it, whatever the settings say, so that a trial cannot touch the
partner's place. Without it, they are what the settings name.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from jobs.settings.connections import S3, Storage
from jobs.settings.settings import Settings
from schemas.errors import SettingsError
from sinks.ledger import Ledger
from sinks.s3 import SCHEME, open_store
from sinks.store import Store
from transforms.records.extension import AgentHistory

if TYPE_CHECKING:
    from jobs.releases.publisher import Release


class Places(msgspec.Struct, frozen=True):
    """The places by name; an empty one is not known, and an error once it is needed."""

    ledger_at: str
    quarantine_at: str
    release_at: str
    audit_at: str
    s3: S3 = S3()
    out: Path | None = None

    def ledger(self, settings: Settings, claim: bool = True) -> Ledger:
        """The ledger, claimed for these settings. SettingsError: the place is something else's."""
        if claim and self.out and self.out.is_dir() and not Path(self.ledger_at).is_dir() and any(self.out.iterdir()):
            raise SettingsError(f"{self.out} is not empty and holds no ledger; name a new or an own folder with --out")
        quarantine = self._store("quarantine", self.quarantine_at) if self.quarantine_at else None
        ledger = Ledger(self._store("ledger", self.ledger_at), settings.billing.time_zone, quarantine)
        ledger.open(claim)
        return ledger

    def releases(self, ledger: Ledger, settings: Settings, agents: AgentHistory) -> "Release":
        """What releases dates of the ledger."""
        # The live job knows places, and nothing of what makes a release.
        from jobs.releases.publisher import Release

        return Release(ledger, *self.released(), settings, agents)

    def released(self) -> tuple[Store, Store]:
        """The stores of the release and of the audit."""
        return self.partner(), self.audit()

    def partner(self) -> Store:
        """The store of the release alone."""
        return self._store("release", self.release_at)

    def audit(self) -> Store:
        """The store of the audit alone."""
        return self._store("audit", self.audit_at)

    def check(self, release: bool = True) -> None:
        """SettingsError: a place is not named, or not to be had. Nothing is written before."""
        needed = {"ledger": self.ledger_at, "quarantine": self.quarantine_at or self.ledger_at}
        needed |= {"release": self.release_at, "audit": self.audit_at} if release else {}
        for store in [self._store(kind, where) for kind, where in needed.items()]:
            # Reaches the bucket with its credentials, whatever is in it.
            store.names("billing_date=none")

    def absolute(self) -> "Places":
        """The same places, for processes that were started in other folders."""
        named = {
            name: absolute(getattr(self, name)) for name in ("ledger_at", "quarantine_at", "release_at", "audit_at")
        }
        return msgspec.structs.replace(self, **named)

    def local(self) -> list[Path]:
        """The places that are folders here."""
        named = (self.ledger_at, self.quarantine_at, self.release_at, self.audit_at)
        return [Path(place) for place in named if place and not place.startswith(SCHEME)]

    def _store(self, kind: str, where: str) -> Store:
        if not where:
            raise SettingsError(
                f"there is no place for the {kind}: name storage.{kind} in the settings, or give --out for all places"
            )
        return open_store(where, self.s3, "--out" if self.out else f"storage.{kind}")


def places(storage: Storage, out: Path | None) -> Places:
    """The places that the settings or --out name; --out wins over all of them."""
    if out is not None:
        return Places(str(out / "ledger"), "", str(out / "release"), str(out / "audit"), storage.s3, out)
    found = Places(storage.ledger, storage.quarantine, storage.release, storage.audit, storage.s3)
    for kind in ("ledger", "quarantine", "audit", "archive"):
        other = getattr(storage, kind)
        if other and storage.release and _overlap(other, storage.release):
            raise SettingsError(
                f"storage.release and storage.{kind} lie in one another; the partner's place is for nothing else"
            )
    return found


def agents_at(option: str | None, storage: Storage) -> str:
    """Where the agent-extension table is. SettingsError: nobody says."""
    if not (where := option or storage.agents):
        raise SettingsError("no agent-extension table: give --agents, or name storage.agents in the settings")
    return where


def absolute(place: str) -> str:
    """A folder or file by its whole path; a URI is one already."""
    return str(Path(place).resolve()) if place and not place.startswith(SCHEME) else place


def _overlap(one: str, other: str) -> bool:
    first, second = one.rstrip("/") + "/", other.rstrip("/") + "/"
    return first.startswith(second) or second.startswith(first)
