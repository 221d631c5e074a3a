"""The object store: named objects below a root, written whole or not at all.

The seam for other stores: everything that is written goes through `put` or `put_new`.
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
        """Writes an object, in place of what is there."""

    def put_new(self, name: str, data: bytes) -> bool:
        """Writes an object unless there is one; whether it was written."""

    def replace(self, name: str, old: bytes, new: bytes) -> bool:
        """Writes an object in the place of these bytes; False where it is something else, or nothing."""

    def get(self, name: str) -> bytes | None:
        """The object's bytes; None where there is none."""

    def names(self, folder: str) -> list[str]:
        """The names of all objects below a folder, sorted."""

    def written(self, place: str) -> dict[str, datetime.datetime]:
        """When each object below a folder was last written, by name; or, of an object of this name, when it was."""

    def delete(self, name: str) -> None:
        """Removes an object, if it is there."""

    def age_seconds(self, name: str) -> float:
        """How long ago an object was written; it has to be there."""

    def location(self, name: str) -> str:
        """The path or URI of an object, for people."""

    def local(self, names: list[str], folder: Path) -> list[str]:
        """Paths at which objects can be read here; what is not here is brought below the folder."""


class LocalStore:
    """A folder of the local file system. An object appears when it is complete."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, name: str, data: bytes) -> None:
        path = self._root / name
        with _written(path, data) as partial:
            partial.replace(path)

    def put_new(self, name: str, data: bytes) -> bool:
        path = self._root / name
        with _written(path, data) as partial:
            try:
                path.hardlink_to(partial)
            except FileExistsError:
                return False
        return True

    def replace(self, name: str, old: bytes, new: bytes) -> bool:
        path = self._root / name
        with _locked(path.parent):
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
        found = []
        for path, folders, files in os.walk(self._root / folder):
            folders[:] = [f for f in folders if not f.startswith(".")]
            found += [Path(path, f).relative_to(self._root).as_posix() for f in files if not f.startswith(".")]
        return sorted(found)

    def written(self, place: str) -> dict[str, datetime.datetime]:
        found = {}
        for name in self.names(place) or [place] * (self._root / place).is_file():
            with contextlib.suppress(FileNotFoundError):
                seconds = (self._root / name).stat().st_mtime
                found[name] = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
        return found

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
def _locked(folder: Path) -> Iterator[None]:
    """One at a time of those who replace an object in a folder; nothing to lock where there is none."""
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
def _written(path: Path, data: bytes) -> Iterator[Path]:
    """The data in a file beside the path, to be moved or linked there; gone at the end."""
    # Writers of the same object may be on other machines, where process ids are the same.
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
