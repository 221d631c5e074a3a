"""The verifier: a release in a store in; for every date, what is missing, changed or contradicts itself out.

The versions of a date are chained: `latest.json` names the newest manifest by its digest, every manifest
names the one before and its own files. So no byte of a release changes unseen.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec

from jobs.releases.gate import Gate
from jobs.releases.verify.version_files import content_findings
from schemas.columns import description
from schemas.manifest import Latest, Manifest, json_text
from sinks.paths import MANIFEST, date_folder, latest_name, release_object, version_file
from sinks.release import ERASED, FILES, digest
from sinks.store import Store


class DateVerification(msgspec.Struct, frozen=True):
    """What was found of a date."""

    billing_date: Annotated[str, description("YYYY-MM-DD")]
    versions: Annotated[int, description("how many there are")]
    lines: Annotated[int, description("lines of the newest one")]
    findings: Annotated[
        tuple[str, ...], description("what is missing, changed or contradicts itself; empty: all is well")
    ]
    erased: Annotated[
        int, description("versions whose files are gone because they held what a patient wanted deleted")
    ] = 0

    def text(self) -> str:
        """A line for the date, and one for every finding."""
        said = f"{len(self.findings)} findings" if self.findings else "ok"
        erased = f"erased {self.erased}  " if self.erased else ""
        line = f"{self.billing_date}  versions {self.versions}  lines {self.lines}  {erased}{said}"
        return "\n".join([line, *(f"  {finding}" for finding in self.findings)])


class ReleaseVerifier:
    """Verifies the dates of one release. Nothing is written."""

    def __init__(self, store: Store, gate: Gate) -> None:
        self._store = store
        self._gate = gate

    def dates(self) -> list[str]:
        """The dates that have an object."""
        return dates_of(self._store)

    def check(self, date: str) -> DateVerification:
        """Everything that the release alone can tell of a date."""
        files: dict[int, set[str]] = {}
        strangers = []
        for name in self._store.names(date_folder(date)):
            one = release_object(name)
            if one is not None and one.version is not None:
                files.setdefault(one.version, set()).add(one.file)
            elif name != latest_name(date):
                strangers.append(name)
        made = [version for version, found in files.items() if MANIFEST in found]
        erased = {version for version, found in files.items() if ERASED in found}
        chain = _Chain(self._store, date, max(made, default=0), erased)
        findings = [*chain.findings()]
        for version, manifest in chain.manifests.items():
            found = self._files(date, manifest, files[version])
            findings += [f"v{version:04d}: {finding}" for finding in found]
        findings += [f"{name}: belongs to no version" for name in strangers]
        # What is in files that are not the ones that were written says nothing.
        if not findings:
            for version in chain.manifests.keys() - erased:
                contents = self._contents(date, chain.manifests[version])
                findings += [f"v{version:04d}: {finding}" for finding in contents]
        newest = chain.manifests.get(chain.newest)
        return DateVerification(
            date, chain.newest, newest.control.billed if newest else 0, tuple(findings), len(erased)
        )

    def _contents(self, date: str, manifest: Manifest) -> Iterator[str]:
        names = [version_file(date, manifest.version, name) for name in FILES]
        with tempfile.TemporaryDirectory(prefix="contact-billing-") as scratch:
            paths = dict(zip(FILES, self._store.local(names, Path(scratch)), strict=True))
            before = None
            if manifest.amends is not None:
                (before,) = self._store.local([version_file(date, manifest.amends, "billing.csv")], Path(scratch))
            yield from content_findings(manifest, paths, before, self._gate)

    def _files(self, date: str, manifest: Manifest, present: set[str]) -> Iterator[str]:
        listed = {file.name for file in manifest.files}
        if listed != {*FILES}:
            yield "manifest.json: lists other files than a version has"
        yield from (f"{name}: is not in the manifest" for name in sorted(present - listed - {"manifest.json", ERASED}))
        for file in manifest.files:
            data = self._store.get(version_file(date, manifest.version, file.name))
            if data is None:
                if ERASED not in present:
                    yield f"{file.name}: is missing"
            elif len(data) != file.bytes:
                yield f"{file.name}: has {len(data)} bytes, the manifest says {file.bytes}"
            elif digest(data) != file.sha256:
                yield f"{file.name}: its bytes are not those that the manifest names"


def dates_of(partner: Store) -> list[str]:
    """The dates of a release that have an object."""
    return sorted({one.billing_date for one in map(release_object, partner.names("")) if one is not None})


class _Chain:
    """The manifests of a date, from the newest to the first."""

    def __init__(self, store: Store, date: str, newest: int, erased: set[int]) -> None:
        self._date = date
        self._erased = erased
        self.newest = newest
        self._latest = store.get(latest_name(date))
        self._texts = {n: store.get(version_file(date, n, MANIFEST)) for n in range(1, newest + 1)}
        self.manifests = {n: m for n, text in self._texts.items() if (m := _manifest(text)) is not None}

    def findings(self) -> Iterator[str]:
        """What is wrong with the chain of versions."""
        if not self.newest:
            yield "has no version"
        elif self.newest in self._erased:
            yield f"v{self.newest:04d}: is erased, and no version has followed; run erase again"
        yield from self._of_latest()
        for version, text in self._texts.items():
            where, manifest = f"v{version:04d}", self.manifests.get(version)
            if text is None:
                yield f"{where}: is missing, so that the versions have a gap"
            elif manifest is None or json_text(manifest) != text:
                yield f"{where}: manifest.json is not as it was written, or of a newer software"
            else:
                yield from (f"{where}: manifest.json: {finding}" for finding in self._of(version, manifest))

    def _of_latest(self) -> Iterator[str]:
        if self._latest is None:
            yield "latest.json: is missing"
            return
        try:
            latest = msgspec.json.decode(self._latest, type=Latest)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            yield "latest.json: is not as it was written"
            return
        if json_text(latest.sealed()) != self._latest:
            yield "latest.json: is not as it was written"
        if latest.version != self.newest:
            yield f"latest.json: names version {latest.version}, the newest is {self.newest}; publish the date again"
        elif latest.sha256 != digest(self._texts.get(self.newest)):
            yield f"v{self.newest:04d}: manifest.json is not the one that latest.json names"

    def _of(self, version: int, manifest: Manifest) -> Iterator[str]:
        before = self.manifests.get(version - 1)
        if (manifest.billing_date, manifest.version) != (self._date, version):
            yield f"is that of version {manifest.version} of {manifest.billing_date}"
        named = manifest.previous_manifest_sha256
        if version == 1 and (named, manifest.amends, manifest.previous_contract) != (None, None, None):
            yield "names a version before the first"
        if version > 1 and self._texts.get(version - 1) is not None and named != digest(self._texts[version - 1]):
            yield f"names another manifest of version {version - 1} than the one that is there"
        if before is not None:
            same = (before.contract, before.columns, before.csv) == (manifest.contract, manifest.columns, manifest.csv)
            amends = version - 1 if same and version - 1 not in self._erased else None
            if manifest.amends not in (amends, version - 1 if same and version in self._erased else amends):
                yield f"amends {manifest.amends}, and the contract is {'the same' if same else 'another'}"


def _manifest(text: bytes | None) -> Manifest | None:
    try:
        return None if text is None else msgspec.json.decode(text, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
