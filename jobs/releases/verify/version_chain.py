"""Verify the chain of a date's versions, so that no byte of a release changes unseen.

`latest.json` names the newest manifest by its digest; every manifest names the previous one and its own files.
"""

from collections.abc import Iterator

import msgspec

from schemas.manifest import Latest, Manifest, json_text
from sinks.paths import MANIFEST, latest_name, version_file
from sinks.release import digest
from sinks.store import Store


class VersionChain:
    """The manifests of a date, up to its newest version."""

    def __init__(self, store: Store, date: str, newest: int, erased: set[int]) -> None:
        self._date = date
        self._newest = newest
        self._erased = erased
        self._latest = store.get(latest_name(date))
        self._texts = {n: store.get(version_file(date, n, MANIFEST)) for n in range(1, newest + 1)}
        self.manifests = {n: m for n, text in self._texts.items() if (m := _decode_manifest(text)) is not None}

    def findings(self) -> Iterator[str]:
        """Report what is wrong with the newest version, `latest.json` and every manifest."""
        yield from self._check_newest()
        yield from self._check_latest()
        for version, text in self._texts.items():
            yield from self._check_version(version, text)

    def _check_newest(self) -> Iterator[str]:
        if not self._newest:
            yield "has no version"
        elif self._newest in self._erased:
            yield f"v{self._newest:04d}: is erased, and no version has followed; run erase again"

    def _check_latest(self) -> Iterator[str]:
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
        if latest.version != self._newest:
            yield f"latest.json: names version {latest.version}, the newest is {self._newest}; publish the date again"
        elif latest.sha256 != digest(self._texts.get(self._newest)):
            yield f"v{self._newest:04d}: manifest.json is not the one that latest.json names"

    def _check_version(self, version: int, text: bytes | None) -> Iterator[str]:
        label, manifest = f"v{version:04d}", self.manifests.get(version)
        if text is None:
            yield f"{label}: is missing, so that the versions have a gap"
        elif manifest is None or json_text(manifest) != text:
            yield f"{label}: manifest.json is not as it was written, or of a newer software"
        else:
            yield from (f"{label}: manifest.json: {finding}" for finding in self._check_links(version, manifest))

    def _check_links(self, version: int, manifest: Manifest) -> Iterator[str]:
        """Check a manifest's own date and number, and what it says about the previous version."""
        if (manifest.billing_date, manifest.version) != (self._date, version):
            yield f"is that of version {manifest.version} of {manifest.billing_date}"
        sha256 = manifest.previous_manifest_sha256
        if version == 1 and (sha256, manifest.amends, manifest.previous_contract) != (None, None, None):
            yield "names a version before the first"
        if version > 1 and self._texts.get(version - 1) is not None and sha256 != digest(self._texts[version - 1]):
            yield f"names another manifest of version {version - 1} than the one in the release"
        if (previous := self.manifests.get(version - 1)) is not None:
            yield from self._check_amends(version, manifest, previous)

    def _check_amends(self, version: int, manifest: Manifest, previous: Manifest) -> Iterator[str]:
        contract, previous_contract = ((m.contract, m.columns, m.csv) for m in (manifest, previous))
        same = contract == previous_contract
        amends = version - 1 if same and version - 1 not in self._erased else None
        if manifest.amends not in (amends, version - 1 if same and version in self._erased else amends):
            yield f"amends {manifest.amends}, and the contract is {'the same' if same else 'another'}"


def _decode_manifest(text: bytes | None) -> Manifest | None:
    try:
        return None if text is None else msgspec.json.decode(text, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
