"""Releases that make the same version at the same time, and the one version that must come of it."""

import hashlib
import threading

import msgspec

from schemas.manifest import Manifest, ReleasedFile
from sinks.release import ReleaseFolder
from sinks.store import Store
from tests.support.interleaving import Stepped, Task
from tests.support.records import DATE, MANIFEST


def content(who: str) -> tuple[dict[str, bytes], Manifest]:
    """Files and manifest of one release; the same name gives the same bytes, and some others' files are alike."""
    alike = {"amendments.csv": "ab", "billing.csv": "bc", "billing.parquet": "ac"}
    files = {name: f"{name} of {whose if who in whose else who}".encode() for name, whose in alike.items()}
    listed = tuple(ReleasedFile(n, len(d), 0, hashlib.sha256(d).hexdigest()) for n, d in sorted(files.items()))
    return files, msgspec.structs.replace(MANIFEST, files=listed, ledger_digest=who)


def publishing(store: Store, who: str):
    """A release as a task that waits for its turn before every step."""

    def body(task: Task) -> bool:
        return ReleaseFolder(Stepped(store, task), DATE, sleep=task.pause).publish(*content(who))

    return body


def assert_one_version(store: Store) -> str:
    """Whose the version is; its files are those of its manifest."""
    manifest = ReleaseFolder(store, DATE).manifest(1)
    found = {f.name: store.get(f"billing_date={DATE}/v0001/{f.name}") for f in manifest.files}
    assert found == content(manifest.ledger_digest)[0]
    return manifest.ledger_digest


def race(store: Store, same: bool, patience_seconds: float) -> list[str]:
    """Run four releases at once, of the same content or of different ones; return those that made the version."""
    won: list[str] = []
    start = threading.Barrier(4)

    def publish(who: str) -> None:
        start.wait()
        if ReleaseFolder(store, DATE, patience_seconds=patience_seconds).publish(*content(who)):
            won.append(who)

    threads = [threading.Thread(target=publish, args=("a" if same else who,)) for who in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return won
