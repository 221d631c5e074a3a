"""List the entries below an archive's folder: each file once, whatever links lead to it.

Hidden entries (names with a leading `.` or `_`) are the writer's own bookkeeping.
"""

import heapq
import os
from pathlib import Path

import msgspec

from jobs.runtime.text_table import printable
from schemas.errors import InputError


class Entry(msgspec.Struct, frozen=True):
    """An entry that is no folder, at a path below the archive; `problem` says why its link cannot be followed."""

    path: str
    problem: str | None = None


def archive_entries(archive: Path) -> list[Entry]:
    """Return all entries below a folder that are not hidden, sorted by path.

    Links to a file that is listed under its own path add nothing. A file that only links lead to, as one in a hidden
    folder, is listed under the first of them. Raises InputError if a folder cannot be listed.
    """
    walk = _Walk(archive)
    walk.add_folder(walk.root, "")
    while walk.links:
        walk.follow(*heapq.heappop(walk.links))
    return sorted([*walk.files.values(), *walk.unfollowed], key=lambda entry: entry.path)


class _Walk:
    """What a walk has listed: files by their real path, and links, which are followed after all folders."""

    def __init__(self, archive: Path) -> None:
        self._archive = archive
        self.root = os.path.realpath(archive)
        self._folders: set[str] = set()
        self.files: dict[str, Entry] = {}
        self.links: list[tuple[str, str]] = []
        self.unfollowed: list[Entry] = []

    def add_folder(self, real: str, path: str) -> None:
        """List a folder and those in it; `path` leads to it below the archive, and ends with `/` or is empty."""
        # Not recursive: folders may be nested deeper than Python's stack.
        pending = [(real, path)]
        while pending:
            real, path = pending.pop()
            # A link to a folder that was listed, as one that leads back up.
            if real in self._folders:
                continue
            self._folders.add(real)
            for entry in self._entries(real, path):
                entry_path = f"{path}{entry.name}"
                if entry.name.startswith((".", "_")):
                    continue
                if entry.is_symlink():
                    heapq.heappush(self.links, (entry_path, entry.path))
                elif entry.is_dir(follow_symlinks=False):
                    pending.append((entry.path, f"{entry_path}/"))
                else:
                    self.files.setdefault(entry.path, Entry(entry_path))

    def follow(self, path: str, link: str) -> None:
        """Add what a link leads to, unless it lies outside of the archive."""
        try:
            real = os.path.realpath(link, strict=True)
        except OSError as error:
            self.unfollowed.append(Entry(path, error.strerror))
            return
        if not Path(real).is_relative_to(self.root):
            self.unfollowed.append(Entry(path, f"a link out of the archive, to {printable(real)}"))
        elif Path(real).is_dir():
            self.add_folder(real, f"{path}/")
        else:
            self.files.setdefault(real, Entry(path))

    def _entries(self, real: str, path: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(real) as entries:
                return list(entries)
        except OSError as error:
            folder = printable(str(self._archive / path))
            raise InputError(f"cannot list {folder}: {error.strerror}; check its permissions") from None
