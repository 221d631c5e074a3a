"""Decompress zstd frames."""

import re

import zstandard

from jobs.ingest.archive.compression.byte_source import ByteSource
from jobs.ingest.archive.compression.members import Broken, MemberForm

# zstd returns all output of its input at once, up to 32,000 times as much.
_INPUT_BYTES = 1 << 10
_MOST_WINDOW_BYTES = 1 << 27


class ZstdMember:
    """Decompresses one frame."""

    def __init__(self) -> None:
        self._frame = zstandard.ZstdDecompressor(max_window_size=_MOST_WINDOW_BYTES).decompressobj()
        self.eof = False
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        """Return the output of some input. Raises Broken if it is not part of a frame."""
        piece, rest = data[:_INPUT_BYTES], data[_INPUT_BYTES:]
        try:
            produced = self._frame.decompress(piece)
        except zstandard.ZstdError:
            raise Broken(b"", 0) from None
        self.eof = self._frame.eof
        self.rest = (self._frame.unused_data if self.eof else b"") + rest
        return produced


def _member(source: ByteSource, offset: int) -> ZstdMember:
    return ZstdMember()


ZSTD = MemberForm(re.compile(rb"\x28\xb5\x2f\xfd"), 4, _member)
