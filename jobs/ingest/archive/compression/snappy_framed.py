"""Decompress Snappy's framing format.

Chunks do not depend on each other, so that a broken one does not affect the others.
"""

from collections.abc import Iterator

import cramjam

from jobs.ingest.archive.compression.byte_source import INPUT_BYTES, ByteSource
from jobs.ingest.archive.damage import LayerLog, SkippedBytes

_IDENTIFIER = b"\xff\x06\x00\x00sNaPpY"
_COMPRESSED, _STORED, _FIRST_SKIPPABLE, _START = 0x00, 0x01, 0x80, 0xFF
_HEADER_BYTES = 4
# A chunk holds at most 64 KiB; Snappy adds at most a sixth to what it cannot compress.
_MOST_CHUNK_BYTES = 1 << 17


class FramedSnappy:
    """Files that start with a stream identifier; more of them may follow."""

    def matches(self, head: bytes) -> bool:
        """Whether a file that begins so has this form."""
        return head.startswith(_IDENTIFIER)

    def decompress(self, source: ByteSource, data: bytes, log: LayerLog) -> Iterator[bytes]:
        """Yield the output of all chunks; `data` was read from the source already."""
        return _Frame(source, data, log).output()


class _Frame:
    """The chunks of a source, of which `data` from `start` on was read and not yet used."""

    def __init__(self, source: ByteSource, data: bytes, log: LayerLog) -> None:
        self._source = source
        self._data = data
        self._start = 0
        self._log = log

    def output(self) -> Iterator[bytes]:
        while self._has(1):
            kind = self._data[self._start]
            is_skippable = kind >= _FIRST_SKIPPABLE and (kind < _START or self._is_identifier())
            if not is_skippable and kind not in (_COMPRESSED, _STORED):
                self._resume()
            elif not self._has(_HEADER_BYTES):
                self._end()
            else:
                header = self._data[self._start : self._start + _HEADER_BYTES]
                length = int.from_bytes(header[1:], "little")
                if is_skippable:
                    self._skip(_HEADER_BYTES + length)
                elif not 0 < length <= _MOST_CHUNK_BYTES:
                    self._resume()
                elif self._has(_HEADER_BYTES + length):
                    yield self._chunk(_HEADER_BYTES + length)
                else:
                    self._end()

    def _has(self, size: int) -> bool:
        while len(self._data) - self._start < size and (more := self._source.read(INPUT_BYTES)):
            self._data, self._start = self._data[self._start :] + more, 0
        return len(self._data) - self._start >= size

    def _offset(self) -> int:
        return self._source.tell() - len(self._data) + self._start

    def _is_identifier(self) -> bool:
        return self._has(len(_IDENTIFIER)) and self._data.startswith(_IDENTIFIER, self._start)

    def _chunk(self, size: int) -> bytes:
        """Return the output of the chunk that starts here; of a broken one nothing, and it is reported."""
        chunk = self._data[self._start : self._start + size]
        try:
            output = bytes(cramjam.snappy.decompress(_IDENTIFIER + chunk))
        except cramjam.DecompressionError:
            if not self._restart(size):
                self._log.add(self._offset(), size, chunk)
                self._start += size
            return b""
        self._start += size
        return output

    def _restart(self, size: int) -> bool:
        """Go to the identifier in what is not a chunk, if there is one, and report what is before it."""
        restart = self._data.find(_IDENTIFIER, self._start, self._start + size)
        if restart < 0:
            return False
        junk = self._data[self._start : restart]
        if junk.strip(b"\0"):
            self._log.add(self._offset(), len(junk), junk)
        self._start = restart
        return True

    def _end(self) -> None:
        """Report that the source ends within a chunk, unless it ends in zeros that tools pad with."""
        size = len(self._data) - self._start
        is_padding = not self._data[self._start :].strip(b"\0")
        if self._restart(size):
            return
        self._start += size
        if not is_padding:
            self._log.add(self._offset())

    def _skip(self, size: int) -> None:
        while size and self._has(1):
            step = min(size, len(self._data) - self._start)
            self._start, size = self._start + step, size - step
        if size:
            self._log.add(self._offset())

    def _resume(self) -> None:
        """Skip to the next identifier and report what is before it, unless it is padding."""
        skipped, restart = SkippedBytes(self._offset()), -1
        while restart < 0 and self._has(1):
            restart = self._data.find(_IDENTIFIER, self._start)
            end = restart if restart >= 0 else self._searched_end()
            skipped.add(self._data[self._start : end])
            self._start = end
        if not skipped.is_padding:
            skipped.report(self._log)

    def _searched_end(self) -> int:
        """Return how far there is no identifier, nor the beginning of one unless the source ends in it."""
        if not self._has(len(self._data) - self._start + 1):
            return len(self._data)
        return max(len(self._data) - len(_IDENTIFIER) + 1, self._start)


FRAMED_SNAPPY = FramedSnappy()
