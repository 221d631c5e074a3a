"""Decompress gzip, and the raw deflate of ZIP members."""

import re
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from isal import isal_zlib

from jobs.ingest.archive.compression.byte_source import INPUT_BYTES, OUTPUT_BYTES, ByteSource
from jobs.ingest.archive.compression.members import Broken, Member, MemberForm

_GZIP = 31
_RAW = -15


class _FastMember:
    """Inflates with ISA-L, which is twice as fast as zlib but does not report where a member breaks.

    The source is read again from the member's start then, with zlib.
    """

    def __init__(self, source: ByteSource, offset: int, wbits: int) -> None:
        self._source = source
        self._offset = offset
        self._wbits = wbits
        self._produced = 0
        self._inflate = isal_zlib.decompressobj(wbits=wbits)
        self.eof = False
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        try:
            produced = self._inflate.decompress(data, OUTPUT_BYTES)
        except isal_zlib.error:  # type: ignore[misc]  # its stubs call it a value
            raise self._salvage(len(data)) from None
        self._produced += len(produced)
        self.eof = self._inflate.eof
        self.rest = self._inflate.unused_data if self.eof else self._inflate.unconsumed_tail
        return produced

    def _salvage(self, input_length: int) -> Broken:
        """Inflate the member again, the last input byte by byte, to get the output that is missing."""
        end = self._source.tell()
        before = end - input_length - self._offset
        self._source.seek(self._offset)
        pieces = chain(self._pieces(before, INPUT_BYTES), self._pieces(input_length, 1))
        salvaged, consumed = salvage(zlib.decompressobj(wbits=self._wbits), pieces, self._produced)
        self._source.seek(end)
        return Broken(salvaged, consumed - before)

    def _pieces(self, length: int, size: int) -> Iterator[bytes]:
        while length and (piece := self._source.read(min(size, length))):
            length -= len(piece)
            yield piece


class _SteadyMember:
    """Inflates with zlib from a source that cannot be read twice; a copy of the state takes the place of that."""

    def __init__(self, wbits: int) -> None:
        self._inflate = zlib.decompressobj(wbits=wbits)
        self.eof = False
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        before = self._inflate.copy()
        try:
            produced = self._inflate.decompress(data, OUTPUT_BYTES)
        except zlib.error as error:
            raise Broken(*salvage(before, (data[n : n + 1] for n in range(len(data))), 0)) from error
        self.eof = self._inflate.eof
        self.rest = self._inflate.unused_data if self.eof else self._inflate.unconsumed_tail
        return produced


def salvage(inflate: Any, pieces: Iterable[bytes], known: int) -> tuple[bytes, int]:
    """Inflate pieces of input until one breaks; return the output after `known` bytes of it, and the length read."""
    salvaged, consumed = [], 0
    try:
        for piece in pieces:
            rest = piece
            while rest and not inflate.eof:
                output = inflate.decompress(rest, OUTPUT_BYTES)
                salvaged.append(output[known:])
                known = max(known - len(output), 0)
                consumed += len(rest) - len(inflate.unconsumed_tail) - len(inflate.unused_data)
                rest = inflate.unconsumed_tail
    except zlib.error:
        pass
    return b"".join(salvaged), consumed


def _member(source: ByteSource, offset: int) -> Member:
    return _FastMember(source, offset, _GZIP) if source.seekable() else _SteadyMember(_GZIP)


def deflate_member(source: ByteSource) -> Member:
    """Return a decompressor of raw deflate at the start of a source that can be read twice."""
    return _FastMember(source, 0, _RAW)


GZIP = MemberForm(re.compile(rb"\x1f\x8b\x08"), 3, _member)
