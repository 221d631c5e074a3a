"""Compression: a file in, its decompressed bytes out, in chunks; told by magic bytes.

gzip and zstd files may have any number of members. Of a member that is cut off or broken, what still
decompresses is given; stretches that are no member are reported and reading goes on after them.
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
# zstd gives all that it can make of its input at once, up to 32,000 times as much.
_ZSTD_INPUT = 1 << 10


class _Broken(Exception):
    def __init__(self, salvaged: bytes, consumed: int) -> None:
        super().__init__()
        self.salvaged = salvaged
        self.consumed = consumed


class _Member(Protocol):
    eof: bool
    rest: bytes  # given, but not consumed

    def feed(self, data: bytes) -> bytes: ...


class _GzipMember:
    """Inflates with ISA-L, which is twice as fast as zlib but does not say where a member breaks."""

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

    def _salvage(self, given: int) -> _Broken:
        """Inflates the member again with zlib, the last input byte by byte, for what is not produced yet."""
        end = self._file.tell()
        self._file.seek(self._offset)
        inflate, place, salvaged = zlib.decompressobj(wbits=31), self._offset, b""
        try:
            while place < end and not inflate.eof:
                piece = self._file.read(1 if place >= end - given else min(_INPUT, end - given - place))
                while piece:
                    output = inflate.decompress(piece, _OUTPUT)
                    passed = min(len(output), self._produced)
                    self._produced -= passed
                    salvaged += output[passed:]
                    place += len(piece) - len(inflate.unconsumed_tail) - len(inflate.unused_data)
                    piece = inflate.unconsumed_tail
        except zlib.error:
            pass
        self._file.seek(end)
        return _Broken(salvaged, place - (end - given))


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


def decompressed(file: BinaryIO, damage: list[Damage]) -> Iterator[bytes]:
    """The bytes of a file, decompressed where it is gzip or zstd; damage is added to the list."""
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
            # At least the first byte is gone, or the same member would be tried again.
            data = data[max(broken.consumed, 1) :]
            damage.append(Damage(file.tell() - len(data), 0, None))
            data = _skip_to(magic, file, data, damage)


def _skip_to(magic: bytes, file: BinaryIO, data: bytes, damage: list[Damage]) -> bytes:
    """Passes over what is no member; padding with zeros, as tapes and tools add it, is no damage."""
    offset, length, kept, padding = file.tell() - len(data), 0, b"", True
    while True:
        place = data.find(magic)
        end = place if place >= 0 else max(len(data) - len(magic) + 1, 0)
        more = file.read(_INPUT) if place < 0 else b""
        end = len(data) if place < 0 and not more else end
        skipped, data = data[:end], data[end:] + more
        length += len(skipped)
        padding = padding and not skipped.strip(b"\0")
        kept = (kept + skipped)[: MAX_PAYLOAD_BYTES + 1]
        if place >= 0 or not more:
            break
    if not padding:
        damage.append(Damage(offset, length, kept if length <= MAX_PAYLOAD_BYTES else None))
    return data
