"""Read bytes in order, from a file, a part of a file, or what another layer decompresses to."""

from collections.abc import Iterator
from typing import BinaryIO, Protocol

from jobs.ingest.archive.damage import LayerLog, SkippedBytes

INPUT_BYTES = 1 << 18
OUTPUT_BYTES = 1 << 20


class ByteSource(Protocol):
    """What a decompressor reads from: the part of a binary file that it needs."""

    def read(self, size: int, /) -> bytes: ...

    def tell(self) -> int: ...

    def seekable(self) -> bool: ...

    def seek(self, offset: int, /) -> int: ...


class ChunkSource:
    """Reads an iterator of chunks. A read returns a whole chunk, whatever its size, so that nothing is copied."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._offset = 0

    def read(self, size: int, /) -> bytes:
        """Return the next bytes; empty at the end."""
        chunk = next(filter(None, self._chunks), b"")
        self._offset += len(chunk)
        return chunk

    def tell(self) -> int:
        """Return how many bytes were read."""
        return self._offset

    def seekable(self) -> bool:
        """Return False: bytes come once."""
        return False

    def seek(self, offset: int, /) -> int:
        """Raise OSError."""
        raise OSError("chunks cannot be read twice")


class FileSection:
    """Reads a part of a file, with offsets from the start of that part."""

    def __init__(self, file: BinaryIO, start: int, length: int) -> None:
        self._file = file
        self._start = start
        self._length = length
        self._offset = 0

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; empty at the end of the part."""
        self._file.seek(self._start + self._offset)
        data = self._file.read(max(min(size, self._length - self._offset), 0))
        self._offset += len(data)
        return data

    def tell(self) -> int:
        """Return the offset in the part."""
        return self._offset

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, /) -> int:
        """Go to an offset in the part."""
        self._offset = offset
        return offset


def all_chunks(source: ByteSource, data: bytes) -> Iterator[bytes]:
    """Yield bytes that were read already, then the rest of the source."""
    while data:
        yield data
        data = source.read(OUTPUT_BYTES)


def report_rest(source: ByteSource, data: bytes, log: LayerLog) -> None:
    """Report bytes that were read already, and the rest of the source, as one part that cannot be read."""
    rest = SkippedBytes(source.tell() - len(data))
    for chunk in all_chunks(source, data):
        rest.add(chunk)
    rest.report(log)
