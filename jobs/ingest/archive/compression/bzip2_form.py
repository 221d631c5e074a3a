"""Decompress bzip2 streams."""

import bz2
import re

from jobs.ingest.archive.compression.byte_source import OUTPUT_BYTES, ByteSource
from jobs.ingest.archive.compression.members import Broken, MemberForm


class Bzip2Member:
    """Decompresses one stream.

    The decompressor drops its output when it meets an error, and its state cannot be copied: a second one, a step
    behind, gives that output byte by byte.
    """

    def __init__(self) -> None:
        self._stream = bz2.BZ2Decompressor()
        self._behind = bz2.BZ2Decompressor()
        self._last: bytes | None = None  # input of the step that the second one is behind
        self.eof = False
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        """Return the output of some input. Raises Broken if it is not part of a stream."""
        piece, self.rest = (data, b"") if self._stream.needs_input else (b"", data)
        if self._last is not None:
            self._behind.decompress(self._last, OUTPUT_BYTES)
        try:
            produced = self._stream.decompress(piece, OUTPUT_BYTES)
        except OSError:
            raise Broken(self._salvage(piece), 0) from None
        self._last = piece
        self.eof = self._stream.eof
        self.rest = self._stream.unused_data + self.rest
        return produced

    def _salvage(self, piece: bytes) -> bytes:
        salvaged = bytearray()
        try:
            while (output := self._behind.decompress(piece, 1)) or not self._behind.needs_input:
                salvaged += output
                piece = b""
        except OSError:
            pass
        return bytes(salvaged)


def _member(source: ByteSource, offset: int) -> Bzip2Member:
    return Bzip2Member()


# A stream starts with its level and the first block, or its end if it is empty.
BZIP2 = MemberForm(re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"), 10, _member)
