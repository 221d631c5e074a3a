"""Tell whether a file kept its content while it was read, so that rows never count under the name of other content."""

import os
import time
from typing import BinaryIO

import msgspec

from jobs.ingest.archive.files import content_digest

# Clocks of file systems tick every few milliseconds, some every two seconds.
_TICK_NS = 2_000_000_000


class FileState(msgspec.Struct, frozen=True):
    """What a file system says of a file at a moment, in nanoseconds: changes of its content and its inode, its size."""

    size: int
    modified_ns: int
    changed_ns: int
    seen_ns: int

    @property
    def is_settled(self) -> bool:
        """Whether any later change must show in the times: the last one is longer ago than a clock's tick."""
        return max(self.modified_ns, self.changed_ns) + _TICK_NS < self.seen_ns


def file_state(file: BinaryIO) -> FileState:
    """Return the state of an open file."""
    status = os.fstat(file.fileno())
    return FileState(status.st_size, status.st_mtime_ns, status.st_ctime_ns, time.time_ns())


def has_changed(file: BinaryIO, before: FileState, digest: str) -> bool:
    """Whether the content is no longer that with this digest, taken after `before`. The file is read if need be."""
    now = file_state(file)
    if (now.size, now.modified_ns) != (before.size, before.modified_ns):
        return True
    # A file that is deleted, moved or linked changes its inode alone.
    if before.is_settled and now.changed_ns == before.changed_ns:
        return False
    return content_digest(file) != digest
