"""Releases to verify: what verify finds in one, and how somebody who knows how forges one."""

import hashlib
import json
from collections.abc import Callable

import msgspec

from jobs.releases.gate import Gate
from jobs.releases.verify.against_ledger import LedgerVerifier
from jobs.releases.verify.release_verifier import DateVerification, ReleaseVerifier
from jobs.settings import settings as wanted
from jobs.settings.settings import Settings
from schemas.manifest import Latest, json_text
from sinks.store import LocalStore, Store
from tests.support.desk import Desk
from tests.support.ledgers import NO_AGENTS
from tests.support.records import DATE
from transforms.records.extension import AgentHistory

FOLDER = f"billing_date={DATE}"
SIX = Settings(release=wanted.Release(contract="six-columns-hold.v1"))

GATE = Gate()


def check(store: Store, date: str = DATE) -> DateVerification:
    """Verify a date."""
    return ReleaseVerifier(store, GATE).check(date)


def found(desk: Desk, date: str = DATE) -> tuple[str, ...]:
    """The findings of a date, without the ledger."""
    return check(LocalStore(desk.root / "release"), date).findings


def indented(manifest: object) -> bytes:
    """The manifest as a release writes it."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def forge(
    desk: Desk,
    version: int,
    written: dict[str, bytes],
    text_of: Callable[[dict[str, object]], bytes] = indented,
    **keys: object,
) -> None:
    """Change a version and fix every digest after it, as somebody would who knows how."""
    folder = desk.root / "release" / FOLDER
    for name, data in written.items():
        (folder / f"v{version:04d}" / name).write_bytes(data)
    digest = None
    for number in range(1, 4):
        path = folder / f"v{number:04d}" / "manifest.json"
        manifest = json.loads(path.read_bytes())
        for file in manifest["files"]:
            data = (path.parent / file["name"]).read_bytes()
            file["bytes"], file["sha256"] = len(data), hashlib.sha256(data).hexdigest()
        manifest["previous_manifest_sha256"] = digest
        if number == version:
            for key, value in keys.items():
                *outer, inner = key.split("__")
                place = manifest
                for step in outer:
                    place = place[step]
                place[inner] = value
        text = text_of(manifest) if number == version else indented(manifest)
        path.write_bytes(text)
        digest = hashlib.sha256(text).hexdigest()
    latest = Latest(3, "v0003/manifest.json", str(digest), "2026-04-01T00:00:00Z")
    (folder / "latest.json").write_bytes(json_text(latest.sealed()))


def against(desk: Desk, agents: AgentHistory = NO_AGENTS, date: str = DATE, audit: bool = True) -> list[str]:
    """The findings of a date against the ledger."""
    stores = [LocalStore(desk.root / name) for name in ("release", "audit")]
    return [*LedgerVerifier(desk.ledger, stores[0], stores[1] if audit else None, SIX, agents).findings(date)]
