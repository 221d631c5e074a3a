"""Decompress a file in chunks, detecting gzip and zstd by their magic bytes.

A file may have any number of members. A truncated or broken member yields what still decompresses; bytes that are not
part of a member are reported as damage, and reading continues after them.
"""

import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

import zstandard
from isal import isal_zlib

from jobs.ingest.archive.damage import Damage
from schemas.billing_rules import MAX_PAYLOAD_BYTES

GZIP = b"\x1f\x8b\x08"
ZSTD = b"\x28\xb5\x2f\xfd"
_INPUT = 1 << 18
_OUTPUT = 1 << 20
# zstd returns all output of its input at once, up to 32,000 times as much.
_ZSTD_INPUT = 1 << 10


class _Broken(Exception):
    def __init__(self, salvaged: bytes, consumed: int) -> None:
        super().__init__()
        self.salvaged = salvaged
        self.consumed = consumed


class _Member(Protocol):
    eof: bool
    rest: bytes  # input not consumed

    def feed(self, data: bytes) -> bytes: ...


class _GzipMember:
    """Inflates with ISA-L, which is twice as fast as zlib but does not report where a member breaks."""

    def __init__(self, file: BinaryIO, offset: int) -> None:
        self._file = file
        self._offset = offset
        self._produced = 0
        self._inflate = isal_zlib.decompressobj(wbits=31)
        self.eof = False
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        try:
            produced = self._inflate.decompress(data, _OUTPUT)
        except isal_zlib.error:  # type: ignore[misc]  # its stubs call it a value
            raise self._salvage(len(data)) from None
        self._produced += len(produced)
        self.eof = self._inflate.eof
        self.rest = self._inflate.unused_data if self.eof else self._inflate.unconsumed_tail
        return produced

    def _salvage(self, input_length: int) -> _Broken:
        """Inflate the member again with zlib, the last input byte by byte, to get the output that is missing."""
        end = self._file.tell()
        tail = end - input_length
        self._file.seek(self._offset)
        inflate, position, salvaged = zlib.decompressobj(wbits=31), self._offset, b""
        try:
            while position < end and not inflate.eof:
                piece = self._file.read(1 if position >= tail else min(_INPUT, tail - position))
                while piece:
                    output = inflate.decompress(piece, _OUTPUT)
                    skip = min(len(output), self._produced)
                    self._produced -= skip
                    salvaged += output[skip:]
                    position += len(piece) - len(inflate.unconsumed_tail) - len(inflate.unused_data)
                    piece = inflate.unconsumed_tail
        except zlib.error:
            pass
        self._file.seek(end)
        return _Broken(salvaged, position - tail)


class _ZstdMember:
    def __init__(self, file: BinaryIO, offset: int) -> None:
        self._frame = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()
        self.eof = False
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        piece, rest = data[:_ZSTD_INPUT], data[_ZSTD_INPUT:]
        try:
            produced = self._frame.decompress(piece)
        except zstandard.ZstdError:
            raise _Broken(b"", 0) from None
        self.eof = self._frame.eof
        self.rest = (self._frame.unused_data if self.eof else b"") + rest
        return produced


def decompress(file: BinaryIO, damage: list[Damage]) -> Iterator[bytes]:
    """Return a file's bytes, decompressed if it is gzip or zstd; damage is appended to the list."""
    head = file.read(_INPUT)
    if head.startswith(GZIP):
        return _members(file, head, GZIP, _GzipMember, damage)
    if head.startswith(ZSTD):
        return _members(file, head, ZSTD, _ZstdMember, damage)
    return _plain(file, head)


def _plain(file: BinaryIO, head: bytes) -> Iterator[bytes]:
    while head:
        yield head
        head = file.read(_OUTPUT)


def _members(
    file: BinaryIO, data: bytes, magic: bytes, new: Callable[[BinaryIO, int], _Member], damage: list[Damage]
) -> Iterator[bytes]:
    while data or (data := file.read(_INPUT)):
        if len(data) < len(magic):
            data += file.read(_INPUT)
        if not data.startswith(magic):
            data = _skip_to(magic, file, data, damage)
            continue
        member = new(file, file.tell() - len(data))
        try:
            while not member.eof:
                if not data and not (data := file.read(_INPUT)):
                    if leftover := member.feed(b""):
                        yield leftover
                        continue
                    damage.append(Damage(file.tell(), 0, None))
                    return
                yield member.feed(data)
                data = member.rest
        except _Broken as broken:
            yield broken.salvaged
            # Skip at least the first byte, or the same member would be tried again.
            data = data[max(broken.consumed, 1) :]
            damage.append(Damage(file.tell() - len(data), 0, None))
            data = _skip_to(magic, file, data, damage)


def _skip_to(magic: bytes, file: BinaryIO, data: bytes, damage: list[Damage]) -> bytes:
    """Skip to the next member and report the bytes before it; zeros, as tapes and tools pad with, are not damage."""
    offset, length, head, is_padding = file.tell() - len(data), 0, b"", True
    while True:
        position = data.find(magic)
        end = position if position >= 0 else max(len(data) - len(magic) + 1, 0)
        more = file.read(_INPUT) if position < 0 else b""
        end = len(data) if position < 0 and not more else end
        skipped, data = data[:end], data[end:] + more
        length += len(skipped)
        is_padding = is_padding and not skipped.strip(b"\0")
        head = (head + skipped)[: MAX_PAYLOAD_BYTES + 1]
        if position >= 0 or not more:
            break
    if not is_padding:
        damage.append(Damage(offset, length, head if length <= MAX_PAYLOAD_BYTES else None))
    return data
