"""The object store: named objects below a root, written completely or not at all.

Another kind of store implements `Store`: every new object is written by `put`, `put_new` or `replace`.
"""

import contextlib
import datetime
import fcntl
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from schemas.errors import StorageError


class Store(Protocol):
    """Objects by name; names are relative, with `/` between their parts."""

    def put(self, name: str, data: bytes) -> None:
        """Write an object, replacing an existing one."""

    def put_new(self, name: str, data: bytes) -> bool:
        """Write an object unless it exists; return whether it was written."""

    def replace(self, name: str, old: bytes, new: bytes) -> bool:
        """Replace an object that has the bytes `old`; False if it has others or is missing."""

    def get(self, name: str) -> bytes | None:
        """Return the object's bytes, or None."""

    def names(self, folder: str) -> list[str]:
        """Return the names of all objects below a folder, sorted."""

    def write_times(self, path: str) -> dict[str, datetime.datetime]:
        """Return when each object below a folder was last written, by name; or the object of this name itself."""

    def delete(self, name: str) -> None:
        """Delete an object if it exists."""

    def age_seconds(self, name: str) -> float:
        """Return how long ago an object was written; the object must exist."""

    def location(self, name: str) -> str:
        """Return the path or URI of an object, for messages."""

    def local(self, names: list[str], folder: Path) -> list[str]:
        """Return local paths of objects; remote objects are downloaded below the folder."""


class LocalStore:
    """A folder of the local file system. An object appears when it is complete."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, name: str, data: bytes) -> None:
        path = self._root / name
        with _partial_file(path, data) as partial:
            partial.replace(path)

    def put_new(self, name: str, data: bytes) -> bool:
        path = self._root / name
        with _partial_file(path, data) as partial:
            try:
                path.hardlink_to(partial)
            except FileExistsError:
                return False
        return True

    def replace(self, name: str, old: bytes, new: bytes) -> bool:
        path = self._root / name
        with _folder_lock(path.parent):
            if self.get(name) != old:
                return False
            self.put(name, new)
        return True

    def get(self, name: str) -> bytes | None:
        path = self._root / name
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _cannot("read", path, error) from None

    def names(self, folder: str) -> list[str]:
        names = []
        for path, folders, files in os.walk(self._root / folder):
            folders[:] = [f for f in folders if not f.startswith(".")]
            names += [Path(path, f).relative_to(self._root).as_posix() for f in files if not f.startswith(".")]
        return sorted(names)

    def write_times(self, path: str) -> dict[str, datetime.datetime]:
        times = {}
        for name in self.names(path) or [path] * (self._root / path).is_file():
            with contextlib.suppress(FileNotFoundError):
                seconds = (self._root / name).stat().st_mtime
                times[name] = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
        return times

    def delete(self, name: str) -> None:
        path = self._root / name
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise _cannot("delete", path, error) from None

    def age_seconds(self, name: str) -> float:
        path = self._root / name
        try:
            return time.time() - path.stat().st_mtime
        except OSError as error:
            raise _cannot("read", path, error) from None

    def location(self, name: str) -> str:
        return str(self._root / name)

    def local(self, names: list[str], folder: Path) -> list[str]:
        return [str(self._root / name) for name in names]


@contextlib.contextmanager
def _folder_lock(folder: Path) -> Iterator[None]:
    """Serialize replacements of objects in a folder; a missing folder needs no lock."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        yield
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def _partial_file(path: Path, data: bytes) -> Iterator[Path]:
    """Write the data to a file beside the path, to be moved or linked there; delete it at the end."""
    # Not named by process id: writers of the same object may run on different machines with equal ids.
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(data)
        yield partial
    except OSError as error:
        raise _cannot("write", path, error) from None
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def _cannot(action: str, path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"cannot {action} {path}: {error.strerror or type(error).__name__}; "
        "check the disk's space and the permissions, then run again"
    )
