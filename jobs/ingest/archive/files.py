"""List the files of an archive to read, in a fixed order, or name what in it cannot be read."""

import datetime
import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from jobs.ingest.archive.entries import Entry, archive_entries
from jobs.ingest.archive.exclusions import NO_EXCLUSIONS, Exclusions
from jobs.runtime.text_table import first_few, printable
from jobs.settings.date_range import DateRange
from schemas.errors import InputError

# As in Firehose's paths or the live job's archive; the slash at the end can begin another date.
_DATED = re.compile(r"(?:^|/)(?:arrived_date=([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{4})/([0-9]{2})/([0-9]{2}))(?=/)")
_BLOCK = 1 << 20
_KINDS = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}
# An error names at most this many entries.
_MOST_NAMED = 5


class ArchiveFile(msgspec.Struct, frozen=True):
    """A file to read. `path` opens it. `name` tells it from all others of its archive: its path below the archive, with
    `\\\\` for a backslash and `\\xff` for a byte that is not UTF-8."""

    path: str
    name: str
    size: int


def archive_files(archive: Path, arrivals: DateRange, exclude: Exclusions = NO_EXCLUSIONS) -> list[ArchiveFile]:
    """Return the files below the archive, or the archive itself if it is a file, sorted by name.

    Of files whose path tells when their records arrived, those of `arrivals`; of others, all. Excluded files are not
    opened. Raises InputError if there is no file, or an entry is not a regular file that can be read.
    """
    root = archive if _is_folder(archive) else archive.parent
    files, problems = [], []
    for entry in _entries(archive, arrivals):
        path, name = root / entry.path, _name(entry.path)
        if exclude.has(name):
            continue
        try:
            files.append(ArchiveFile(str(path), name, _readable_size(path, entry)))
        except OSError as error:
            problems.append(f"{printable(str(path))} ({error.strerror})")
    if problems:
        raise InputError(
            f"cannot read {first_few(problems, _MOST_NAMED)}; check permissions, or take it out of the archive"
        )
    if not files:
        options = "--archive, --from, --to, --exclude" if exclude.patterns else "--archive, --from, --to"
        raise InputError(f"archive {printable(str(archive))} holds no file of these dates; check {options}")
    return sorted(files, key=lambda f: f.name)


def count_excluded(archive: Path, arrivals: DateRange, exclude: Exclusions) -> int:
    """Return how many files of the archive, of these arrivals, are left out."""
    return sum(exclude.has(_name(entry.path)) for entry in _entries(archive, arrivals)) if exclude.patterns else 0


def path_date(path: str) -> datetime.date | None:
    """Return the arrival date in a path such as 2026/03/01/10/object.gz or arrived_date=2026-03-01/part.

    None if it has no date; or several, as a backup's path has, since none of them is known to be the arrival's.
    """
    dates = {tuple(filter(None, groups)) for groups in _DATED.findall(path)}
    try:
        return datetime.date(*map(int, dates.pop())) if len(dates) == 1 else None
    except ValueError:
        return None


def content_digest(file: BinaryIO) -> str:
    """Return the digest of a file's content; the file is read from its start and rewound."""
    return sha256(file)[:24]


def sha256(file: BinaryIO) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal; the file is read from its start and rewound."""
    digest = hashlib.sha256()
    file.seek(0)
    while block := file.read(_BLOCK):
        digest.update(block)
    file.seek(0)
    return digest.hexdigest()


def _entries(archive: Path, arrivals: DateRange) -> Iterator[Entry]:
    """Yield the entries of the archive, but for those whose path tells of another arrival."""
    for entry in archive_entries(archive) if _is_folder(archive) else [Entry(archive.name)]:
        arrived = path_date(entry.path)
        if arrived is None or arrived in arrivals:
            yield entry


def _is_folder(archive: Path) -> bool:
    try:
        return stat.S_ISDIR(archive.stat().st_mode)
    except FileNotFoundError:
        raise InputError(
            f"archive {printable(str(archive))} does not exist; name a file or folder with --archive"
        ) from None
    except OSError as error:
        raise InputError(
            f"cannot read archive {printable(str(archive))}: {error.strerror}; check its permissions"
        ) from None


def _readable_size(path: Path, entry: Entry) -> int:
    """Return a file's size. Raises OSError, whose `strerror` says why, if it is not a regular file that can be read."""
    if entry.problem:
        raise OSError(errno.EINVAL, entry.problem)
    kind = stat.S_IFMT(path.stat().st_mode)
    # To open a FIFO or a device may not return.
    if kind != stat.S_IFREG:
        raise OSError(errno.EINVAL, f"{_KINDS.get(kind, 'a special file')}, not a regular file")
    with path.open("rb") as file:
        return os.fstat(file.fileno()).st_size


def _name(path: str) -> str:
    return os.fsencode(path.replace("\\", "\\\\")).decode("utf-8", "backslashreplace")
