"""The local store: objects are whole or not there, and errors name the path and the fix."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.errors import StorageError
from sinks.store import LocalStore


def test_what_is_put_is_got(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "new")
    assert store.get("a/b") is None
    store.put("a/b", b"one")
    store.put("a/b", b"two")
    assert store.get("a/b") == b"two"
    assert store.location("a/b") == str(tmp_path / "new" / "a" / "b")


def test_put_new_does_not_replace(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    assert store.put_new("a/b", b"one") is True
    assert store.put_new("a/b", b"two") is False
    assert store.get("a/b") == b"one"
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["b"], "nothing is left behind"


def test_replace_wants_the_bytes_that_are_there(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    assert store.replace("a/b", b"one", b"two") is False
    store.put("a/b", b"one")
    assert store.replace("a/b", b"none", b"two") is False
    assert store.replace("a/b", b"one", b"two") is True
    assert store.get("a/b") == b"two"


def test_names_are_sorted_relative_and_without_hidden_files(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    for name in ("b/2", "b/10", "a", "b/c/d"):
        store.put(name, b"")
    (tmp_path / "b" / ".2.77.partial").write_bytes(b"half")
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "x").write_bytes(b"")
    assert store.names("") == ["a", "b/10", "b/2", "b/c/d"]
    assert store.names("b/c") == ["b/c/d"]
    assert store.names("nowhere") == []


def test_objects_have_the_time_at_which_they_were_written(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    for name, seconds in (("b/2", 60), ("b/c/d", 120), ("a", 180)):
        store.put(name, b"")
        os.utime(tmp_path / name, (seconds, seconds))
    (tmp_path / "empty").mkdir()
    at = {name: datetime.fromtimestamp(seconds, UTC) for name, seconds in (("b/2", 60), ("b/c/d", 120), ("a", 180))}
    assert store.write_times("") == at
    assert store.write_times("b") == {"b/2": at["b/2"], "b/c/d": at["b/c/d"]}
    assert store.write_times("a") == {"a": at["a"]}
    assert store.write_times("nowhere") == store.write_times("empty") == {}


def test_delete(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put("a/b", b"")
    store.delete("a/b")
    store.delete("a/b")
    assert store.get("a/b") is None


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalStore(tmp_path)
    store.put("a", b"one")

    def full(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[:1])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    for put in (store.put, store.put_new):
        with pytest.raises(StorageError, match=r"cannot write .*/a: No space left on device; check the disk"):
            put("a", b"two")
    assert store.get("a") == b"one"
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_an_object_is_as_old_as_it_was_written(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put("a", b"")
    assert 0 <= store.age_seconds("a") < 600
    with pytest.raises(StorageError, match=r"cannot read .*/gone: No such file or directory; check the disk"):
        store.age_seconds("gone")


def test_who_replaces_waits_for_whoever_does(tmp_path: Path) -> None:
    """And lets the next one go on: a folder's lock is held as long as one object is replaced."""
    store = LocalStore(tmp_path)
    store.put("a", b"0")
    done = [store.replace("a", b"%d" % n, b"%d" % (n + 1)) for n in range(3)]
    assert done == [True] * 3
    one, other = store.replace("a", b"3", b"4"), store.replace("a", b"3", b"5")
    assert (one, other, store.get("a")) == (True, False, b"4")


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "ledger").write_bytes(b"")
    for put in (LocalStore(tmp_path / "ledger").put, LocalStore(tmp_path / "ledger").put_new):
        with pytest.raises(StorageError, match=r"cannot write .*/ledger/a: (File exists|Not a directory); check"):
            put("a", b"")


def test_a_folder_in_the_place_of_an_object(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    store = LocalStore(tmp_path)
    with pytest.raises(StorageError, match="cannot read"):
        store.get("a")
    with pytest.raises(StorageError, match="cannot write"):
        store.put("a", b"")
    with pytest.raises(StorageError, match="cannot delete"):
        store.delete("a")
