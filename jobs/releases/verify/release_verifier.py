"""Verify the dates of a release from its files alone: the listing, the chain of versions, the files, their contents."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec

from jobs.releases.gate import Gate
from jobs.releases.verify.version_chain import VersionChain
from jobs.releases.verify.version_files import content_findings
from schemas.columns import description
from schemas.manifest import Manifest
from sinks.paths import MANIFEST, date_folder, latest_name, release_object, version_file
from sinks.release import ERASED, FILES, digest
from sinks.store import Store


class DateVerification(msgspec.Struct, frozen=True):
    """The result for one date."""

    billing_date: Annotated[str, description("YYYY-MM-DD")]
    versions: Annotated[int, description("number of versions")]
    lines: Annotated[int, description("lines of the newest version")]
    findings: Annotated[tuple[str, ...], description("what is missing, altered or contradictory; empty if nothing is")]
    erased: Annotated[int, description("versions whose files an erasure has deleted")] = 0

    def text(self) -> str:
        """Return a line for the date, and one for every finding."""
        status = f"{len(self.findings)} findings" if self.findings else "ok"
        erased = f"erased {self.erased}  " if self.erased else ""
        line = f"{self.billing_date}  versions {self.versions}  lines {self.lines}  {erased}{status}"
        return "\n".join([line, *(f"  {finding}" for finding in self.findings)])


class ReleaseVerifier:
    """Verifies the dates of one release. Read-only."""

    def __init__(self, store: Store, gate: Gate) -> None:
        self._store = store
        self._gate = gate

    def dates(self) -> list[str]:
        """Return the dates that have an object."""
        return dates_of(self._store)

    def check(self, date: str) -> DateVerification:
        """Return everything that the release alone shows about a date."""
        listing = _read_listing(self._store, date)
        chain = VersionChain(self._store, date, listing.newest, listing.erased)
        findings = [*chain.findings(), *self._file_findings(date, chain, listing), *listing.findings()]
        # Files that were altered have no contents worth checking.
        if not findings:
            findings += self._content_findings(date, chain, listing)
        lines = newest.control.billed if (newest := chain.manifests.get(listing.newest)) else 0
        return DateVerification(date, listing.newest, lines, tuple(findings), len(listing.erased))

    def _file_findings(self, date: str, chain: VersionChain, listing: "_Listing") -> Iterator[str]:
        for version, manifest in chain.manifests.items():
            for finding in self._check_files(date, manifest, listing.files[version]):
                yield f"v{version:04d}: {finding}"

    def _content_findings(self, date: str, chain: VersionChain, listing: "_Listing") -> Iterator[str]:
        for version, manifest in chain.manifests.items():
            if version not in listing.erased:
                for finding in self._check_contents(date, manifest):
                    yield f"v{version:04d}: {finding}"

    def _check_files(self, date: str, manifest: Manifest, present: set[str]) -> Iterator[str]:
        """Check that the files are those of the manifest, byte for byte; those of an erased version may be missing."""
        listed = {file.name for file in manifest.files}
        if listed != {*FILES}:
            yield "manifest.json: lists other files than a version has"
        yield from (f"{name}: is not in the manifest" for name in sorted(present - listed - {MANIFEST, ERASED}))
        for file in manifest.files:
            data = self._store.get(version_file(date, manifest.version, file.name))
            if data is None:
                if ERASED not in present:
                    yield f"{file.name}: is missing"
            elif len(data) != file.bytes:
                yield f"{file.name}: has {len(data)} bytes, the manifest says {file.bytes}"
            elif digest(data) != file.sha256:
                yield f"{file.name}: its bytes are not those that the manifest names"

    def _check_contents(self, date: str, manifest: Manifest) -> Iterator[str]:
        """Check totals, amendments and expectations against the lines."""
        names = [version_file(date, manifest.version, name) for name in FILES]
        with tempfile.TemporaryDirectory(prefix="contact-billing-") as scratch:
            paths = dict(zip(FILES, self._store.local(names, Path(scratch)), strict=True))
            previous = None
            if manifest.amends is not None:
                (previous,) = self._store.local([version_file(date, manifest.amends, "billing.csv")], Path(scratch))
            yield from content_findings(manifest, paths, previous, self._gate)


def dates_of(partner: Store) -> list[str]:
    """Return the dates of a release that have an object."""
    return sorted({item.billing_date for item in map(release_object, partner.names("")) if item is not None})


class _Listing(msgspec.Struct, frozen=True):
    """The objects of a date: names of files by version, and objects that belong to no version."""

    files: dict[int, set[str]]
    foreign: list[str]

    @property
    def newest(self) -> int:
        """The newest version that has a manifest; 0 if none."""
        return max((version for version, names in self.files.items() if MANIFEST in names), default=0)

    @property
    def erased(self) -> set[int]:
        """The versions with a record of their erasure."""
        return {version for version, names in self.files.items() if ERASED in names}

    def findings(self) -> Iterator[str]:
        """Report the objects that belong to no version."""
        yield from (f"{name}: belongs to no version" for name in self.foreign)


def _read_listing(store: Store, date: str) -> _Listing:
    files: dict[int, set[str]] = {}
    foreign = []
    for name in store.names(date_folder(date)):
        item = release_object(name)
        if item is not None and item.version is not None:
            files.setdefault(item.version, set()).add(item.file)
        elif name != latest_name(date):
            foreign.append(name)
    return _Listing(files, foreign)
