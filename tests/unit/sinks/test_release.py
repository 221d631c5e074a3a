"""The release's folder: versions, the manifest last, `latest.json` after it."""

import hashlib
import json
from pathlib import Path

import msgspec
import pytest

from schemas.errors import StorageError
from schemas.manifest import Manifest, json_text
from sinks.release import ReleaseFolder, newest_versions
from sinks.store import LocalStore
from tests.support.records import DATE, MANIFEST

FILES = {"billing.csv": b"a\r\n", "billing.parquet": b"PAR1"}


class Recorder(LocalStore):
    """A store that keeps the order of what was written."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.written: list[str] = []
        self.overwritten: list[str] = []

    def put(self, name: str, data: bytes) -> None:
        super().put(name, data)
        self.written.append(name)
        self.overwritten.append(name)

    def put_new(self, name: str, data: bytes) -> bool:
        self.written.append(name)
        return super().put_new(name, data)


def version(number: int) -> Manifest:
    return msgspec.structs.replace(MANIFEST, version=number)


def test_the_manifest_is_written_last_of_a_version_and_latest_after_it(tmp_path: Path) -> None:
    store = Recorder(tmp_path)
    folder = ReleaseFolder(store, DATE)
    folder.publish(FILES, MANIFEST)
    folder.announce(1, "2026-04-01T00:00:00Z")
    assert store.overwritten == [f"billing_date={DATE}/latest.json"]
    names = [name.removeprefix(f"billing_date={DATE}/") for name in store.written]
    assert names == ["v0001/billing.csv", "v0001/billing.parquet", "v0001/manifest.json", "latest.json"]


def test_a_version_without_a_manifest_is_none(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    folder = ReleaseFolder(store, DATE)
    assert folder.version() == 0
    folder.publish(FILES, version(1))
    store.put(f"billing_date={DATE}/v0002/billing.csv", b"half a version")
    store.put(f"billing_date={DATE}/v3/manifest.json", b"of somebody else")
    assert folder.version() == 1
    assert folder.manifest(1) == version(1)


def test_versions_are_numbers_not_texts(tmp_path: Path) -> None:
    folder = ReleaseFolder(LocalStore(tmp_path), DATE)
    for number in (9999, 10_000):
        folder.publish({}, version(number))
    assert folder.version() == 10_000


def test_a_version_is_made_once(tmp_path: Path) -> None:
    folder = ReleaseFolder(LocalStore(tmp_path), DATE)
    assert folder.publish(FILES, MANIFEST) is True
    assert folder.publish(FILES, MANIFEST) is False
    other = msgspec.structs.replace(MANIFEST, ledger_rows=1)
    assert folder.publish({"billing.csv": b"b", "billing.parquet": b"PAR2"}, other) is False
    assert folder.manifest(1) == MANIFEST
    assert (tmp_path / f"billing_date={DATE}" / "v0001" / "billing.csv").read_bytes() == FILES["billing.csv"]


def test_a_release_at_work_is_given_time_and_what_a_crash_has_left_is_replaced(tmp_path: Path) -> None:
    store, pauses = LocalStore(tmp_path), []
    store.put(f"billing_date={DATE}/v0001/billing.csv", b"of another release")
    folder = ReleaseFolder(store, DATE, patience_seconds=6, sleep=pauses.append)
    assert folder.publish(FILES, MANIFEST) is True
    assert sum(pauses) == pytest.approx(6)
    assert store.get(f"billing_date={DATE}/v0001/billing.csv") == FILES["billing.csv"]


def test_a_release_that_ends_in_time_has_made_the_version(tmp_path: Path) -> None:
    store, pauses = LocalStore(tmp_path), []
    other = msgspec.structs.replace(MANIFEST, ledger_rows=1)

    def ends(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            store.put_new(f"billing_date={DATE}/v0001/manifest.json", json_text(other))

    store.put(f"billing_date={DATE}/v0001/billing.csv", b"of another release")
    folder = ReleaseFolder(store, DATE, patience_seconds=60, sleep=ends)
    assert folder.publish(FILES, MANIFEST) is False
    assert (len(pauses), folder.manifest(1)) == (3, other)
    assert store.get(f"billing_date={DATE}/v0001/billing.csv") == b"of another release"


def test_latest_never_goes_back(tmp_path: Path) -> None:
    """A release that is late to announce its version announces the newer one."""
    store = LocalStore(tmp_path)
    folder = ReleaseFolder(store, DATE)
    for number in (1, 2):
        folder.publish(FILES, version(number))
    folder.announce(1, "2026-04-01T00:00:00Z")
    assert json.loads(store.get(f"billing_date={DATE}/latest.json"))["version"] == 2


@pytest.mark.parametrize("text", [b"", b"{}", b'{"version":1}', b'{"contract":"\xff"}'])
def test_a_manifest_that_is_none_is_named(text: bytes, tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put(f"billing_date={DATE}/v0001/manifest.json", text)
    with pytest.raises(StorageError, match=r"v0001/manifest\.json"):
        ReleaseFolder(store, DATE).manifest(1)


def test_latest_names_the_manifest_by_its_digest(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    folder = ReleaseFolder(store, DATE)
    folder.publish(FILES, MANIFEST)
    folder.announce(1, "2026-04-01T00:00:00Z")
    digest = hashlib.sha256(json_text(MANIFEST)).hexdigest()
    assert json.loads(store.get(f"billing_date={DATE}/latest.json")) == {
        "version": 1,
        "manifest": "v0001/manifest.json",
        "sha256": digest,
        "published_at": "2026-04-01T00:00:00Z",
        "seal": hashlib.sha256(f'[1,"v0001/manifest.json","{digest}","2026-04-01T00:00:00Z"]'.encode()).hexdigest(),
    }


def test_latest_is_not_written_again_for_the_same_version(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    folder = ReleaseFolder(store, DATE)
    folder.publish(FILES, MANIFEST)
    folder.announce(1, "2026-04-01T00:00:00Z")
    before = store.get(f"billing_date={DATE}/latest.json")
    folder.announce(1, "2026-04-02T00:00:00Z")
    assert store.get(f"billing_date={DATE}/latest.json") == before
    folder.publish(FILES, version(2))
    folder.announce(2, "2026-04-02T00:00:00Z")
    assert json.loads(store.get(f"billing_date={DATE}/latest.json"))["version"] == 2


@pytest.mark.parametrize("text", [b"{", b'{"version":"\xff"}'])
def test_a_broken_latest_is_replaced(text: bytes, tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    folder = ReleaseFolder(store, DATE)
    folder.publish(FILES, MANIFEST)
    store.put(f"billing_date={DATE}/latest.json", text)
    folder.announce(1, "2026-04-01T00:00:00Z")
    assert json.loads(store.get(f"billing_date={DATE}/latest.json"))["version"] == 1


def test_what_is_erased_is_said_once_and_its_files_go(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    folder = ReleaseFolder(store, DATE)
    folder.publish(FILES, MANIFEST)
    assert not folder.erased(1)
    folder.erase(1, ("billing.csv",))
    folder.erase(1, ("billing.parquet",))
    assert (folder.erased(1), folder.erased(2)) == (True, False)
    folder.remove(1, ("billing.csv",))
    assert [name.rpartition("/")[2] for name in store.names("")] == ["billing.parquet", "erased.json", "manifest.json"]
    said = json.loads(store.get(f"billing_date={DATE}/v0001/erased.json"))
    assert (said["billing_date"], said["version"], said["files"]) == (DATE, 1, ["billing.csv"])


def test_the_newest_versions_of_all_dates_are_known_from_their_names(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    for name in (
        *("billing_date=2026-03-01/v0001/manifest.json", "billing_date=2026-03-01/v0010/manifest.json"),
        *("billing_date=2026-03-01/v0002/manifest.json", "billing_date=2026-03-01/v0011/billing.csv"),
        *("billing_date=2026-03-02/v0003/manifest.json", "x/billing_date=2026-03-03/v0001/manifest.json"),
    ):
        store.put(name, b"")
    assert newest_versions(store) == {"2026-03-01": 10, "2026-03-02": 3}
