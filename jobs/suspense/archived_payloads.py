"""Read payloads that are kept by reference, since they are over the size limit, from the archive they came from."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from jobs.ingest.archive.byte_ranges import ByteRanges
from jobs.ingest.archive.files import content_digest
from schemas.errors import InputError
from schemas.recycled import Suspended
from sinks.paths import input_name, replayed_input

# Larger payloads are on the disk while they are read.
_IN_MEMORY = 1 << 23


class ArchivedPayloads:
    """The payloads of an archive, a folder or one file, by the ledger's rows. One file is open at a time."""

    def __init__(self, archive: Path) -> None:
        """Raises InputError if there is no archive."""
        if not archive.exists():
            raise InputError(f"archive {archive} does not exist; name a file or folder with --archive")
        self._archive = archive
        self._stack = ExitStack()
        self._name = self._digest = ""
        self._ranges: ByteRanges | None = None

    def close(self) -> None:
        """Close the file that is open."""
        self._stack.close()

    @contextmanager
    def payload(self, row: Suspended, part: str) -> Iterator[BinaryIO | None]:
        """Yield the payload of a row as a file, until the end of the block; `part` is the part that has the row.

        None if the archive does not have the file that was read, with the same content. Raises InputError if it
        cannot be read.
        """
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as payload:
            try:
                is_there = self._open(row.source, part) and self._copy(row, payload)
            except OSError as error:
                path = self._path(row.source)
                raise InputError(f"cannot read {path}: {error.strerror}; check the file, then run again") from None
            payload.seek(0)
            yield payload if is_there else None  # type: ignore[misc]  # it has what is read of a BinaryIO

    def _open(self, name: str, part: str) -> bool:
        """Open a file unless it is open; return whether it is what the part was made of."""
        if name != self._name:
            self._stack.close()
            self._name, self._digest, self._ranges = name, "", None
            path = self._path(name)
            if not path.resolve().is_relative_to(self._archive.resolve()) or not path.is_file():
                return False
            file = self._stack.enter_context(path.open("rb"))
            self._digest = content_digest(file)
            self._ranges = ByteRanges(file)
        return bool(self._digest) and replayed_input(part) == input_name(name, self._digest)

    def _path(self, name: str) -> Path:
        is_archive = self._archive.is_file() and self._archive.name == name
        return self._archive if is_archive else self._archive / name

    def _copy(self, row: Suspended, payload: "tempfile.SpooledTemporaryFile[bytes]") -> bool:
        if row.length is None or self._ranges is None:
            return False
        for piece in self._ranges.read(row.position, row.length):
            payload.write(piece)
        return payload.tell() == row.length
