"""List the files of an archive to read, in a fixed order.

Hidden files (names with a leading `.` or `_`) are its writer's own bookkeeping.
"""

import datetime
import hashlib
import os
import re
import stat
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from jobs.ingest.archive.exclusions import NO_EXCLUSIONS, Exclusions
from jobs.settings.date_range import DateRange
from schemas.errors import InputError

# As in Firehose's paths or the live job's archive.
_DATED = re.compile(r"(?:^|/)(?:arrived_date=([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{4})/([0-9]{2})/([0-9]{2}))/")
_BLOCK = 1 << 20


class ArchiveFile(msgspec.Struct, frozen=True):
    """A file to read. `ordinal` distinguishes files of equal content; the path of a `dated` file has the date on which
    its records arrived."""

    path: str
    name: str
    size: int
    ordinal: int = 0
    dated: bool = False


def archive_files(archive: Path, dates: DateRange, exclude: Exclusions = NO_EXCLUSIONS) -> list[ArchiveFile]:
    """Return the files below the archive, or the archive itself if it is a file, sorted by name.

    `dates` select files whose path has a date; all others are read, and their rows selected by billing date. Excluded
    files are not opened.
    Raises InputError if there is no file, or one is not readable.
    """
    files = [
        ArchiveFile(str(path), name, _readable_size(path), 0, dated)
        for path, name, dated in _listed(archive, dates)
        if not exclude.has(name)
    ]
    if not files:
        options = "--archive, --from, --to, --exclude" if exclude.patterns else "--archive, --from, --to"
        raise InputError(f"archive {archive} holds no file of these dates; check {options}")
    return _with_ordinals(sorted(files, key=lambda f: f.name))


def count_excluded(archive: Path, dates: DateRange, exclude: Exclusions) -> int:
    """Return how many files of the archive, of these dates, are left out."""
    return sum(exclude.has(name) for _, name, _ in _listed(archive, dates)) if exclude.patterns else 0


def path_date(name: str) -> datetime.date | None:
    """Return the arrival date in a path such as 2026/03/01/10/object.gz or arrived_date=2026-03-01/part, if any."""
    match = _DATED.search(name)
    try:
        return datetime.date(*map(int, filter(None, match.groups()))) if match else None
    except ValueError:
        return None


def content_digest(file: BinaryIO) -> str:
    """Return the digest of a file's content; the file is read from its start and rewound."""
    digest = hashlib.sha256()
    file.seek(0)
    while block := file.read(_BLOCK):
        digest.update(block)
    file.seek(0)
    return digest.hexdigest()[:24]


def _listed(archive: Path, dates: DateRange) -> Iterator[tuple[Path, str, bool]]:
    """Yield every file's path, its name in the archive, and whether its path has a date, which is then in `dates`."""
    if not archive.exists():
        raise InputError(f"archive {archive} does not exist; name a file or folder with --archive")
    root = archive if archive.is_dir() else archive.parent
    for path in [archive] if archive.is_file() else _walk(archive):
        name = path.relative_to(root).as_posix()
        arrived = path_date(name)
        if arrived is None or arrived in dates:
            yield path, name, arrived is not None


def _walk(archive: Path) -> list[Path]:
    paths: list[Path] = []
    for folder, folders, names in os.walk(archive, onerror=_refuse, followlinks=True):
        folders[:] = [f for f in folders if not f.startswith((".", "_"))]
        paths += [Path(folder, n) for n in names if not n.startswith((".", "_"))]
    return paths


def _refuse(error: OSError) -> None:
    raise InputError(f"cannot list {error.filename}: {error.strerror}; check its permissions")


def _readable_size(path: Path) -> int:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError(f"{path} is not a regular file; take it out of the archive")
        with path.open("rb") as file:
            return os.fstat(file.fileno()).st_size
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; check its permissions") from None


def _with_ordinals(files: list[ArchiveFile]) -> list[ArchiveFile]:
    """Number files of equal content, so that each is read once, whatever its name."""
    by_size = Counter(f.size for f in files)
    counts: dict[str, int] = defaultdict(int)
    numbered = []
    for file in files:
        ordinal = 0
        if by_size[file.size] > 1:
            with Path(file.path).open("rb") as content:
                digest = content_digest(content)
            ordinal = counts[digest]
            counts[digest] += 1
        numbered.append(msgspec.structs.replace(file, ordinal=ordinal))
    return numbered
