"""Released: a release in; every date's versions, as their manifests tell them, out."""

from collections import defaultdict

import msgspec

from schemas.manifest import Manifest
from sinks.release import ReleaseFolder, newest_versions
from sinks.store import Store


class ReleasedDate(msgspec.Struct, frozen=True):
    """A date with all of its versions, the newest last; the digest is that of the newest manifest's bytes.

    `published_at` is when the newest was announced, as RFC 3339 text; empty where none was yet.
    """

    billing_date: str
    versions: tuple[Manifest, ...]
    manifest_sha256: str
    published_at: str

    @property
    def newest(self) -> Manifest:
        return self.versions[-1]

    @property
    def amendments(self) -> dict[str, int]:
        """Lines that were added, changed and withdrawn after the first version, by kind."""
        found: dict[str, int] = defaultdict(int)
        for manifest in self.versions[1:]:
            for kind, count in manifest.amendments.items():
                found[kind] += count
        return dict(found)


def released_dates(partner: Store) -> list[str]:
    """The dates that have a version, in order. One listing."""
    return sorted(newest_versions(partner))


def released(partner: Store, date: str) -> ReleasedDate:
    """A date that has a version. StorageError: a manifest is not what was written."""
    folder = ReleaseFolder(partner, date)
    last = folder.version()
    versions = tuple(folder.manifest(version) for version in range(1, last + 1))
    return ReleasedDate(date, versions, folder.manifest_digest(last), folder.published_at())
