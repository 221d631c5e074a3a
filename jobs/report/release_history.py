"""Read the versions of every released date from their manifests."""

from collections import defaultdict

import msgspec

from schemas.manifest import Manifest
from sinks.release import ReleaseFolder, newest_versions
from sinks.store import Store


class ReleasedDate(msgspec.Struct, frozen=True):
    """A date with all of its versions, the newest last, and the digest of the newest manifest's bytes.

    `published_at` is when the newest version was announced, as RFC 3339 text; empty if none has been.
    """

    billing_date: str
    versions: tuple[Manifest, ...]
    manifest_sha256: str
    published_at: str

    @property
    def newest(self) -> Manifest:
        """The manifest of the newest version."""
        return self.versions[-1]

    @property
    def amendments(self) -> dict[str, int]:
        """Numbers of lines added, changed, and withdrawn after the first version, by kind."""
        amendments: dict[str, int] = defaultdict(int)
        for manifest in self.versions[1:]:
            for kind, count in manifest.amendments.items():
                amendments[kind] += count
        return dict(amendments)


def released_dates(partner: Store) -> list[str]:
    """Return the dates that have a version, in order. Lists the store once."""
    return sorted(newest_versions(partner))


def read_released_date(partner: Store, date: str) -> ReleasedDate:
    """Read a date that has a version. Raises StorageError if a manifest is missing or was changed."""
    folder = ReleaseFolder(partner, date)
    last = folder.version()
    versions = tuple(folder.manifest(version) for version in range(1, last + 1))
    return ReleasedDate(date, versions, folder.manifest_digest(last), folder.published_at())
