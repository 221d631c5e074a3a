"""Decompress a sequence of members, with damage in and between them.

A truncated or broken member yields what still decompresses; bytes that are not part of a member are reported as
damage, and reading continues after them.
"""

import re
from collections.abc import Callable, Generator, Iterator
from typing import Protocol

import msgspec

from jobs.ingest.archive.compression.byte_source import INPUT_BYTES, ByteSource
from jobs.ingest.archive.damage import LayerLog, SkippedBytes


class Broken(Exception):
    """A member cannot be read on: the output before that, and how much of the last input belongs to the member."""

    def __init__(self, salvaged: bytes, consumed: int) -> None:
        super().__init__()
        self.salvaged = salvaged
        self.consumed = consumed


class Member(Protocol):
    """A decompressor of one member, fed with input until it is at its end."""

    eof: bool
    rest: bytes  # input not consumed

    def feed(self, data: bytes) -> bytes:
        """Return some output. Raises Broken if the input is not a member."""


class MemberForm(msgspec.Struct, frozen=True):
    """A compressed form: how a member begins, in at most `width` bytes, and its decompressor at an offset."""

    magic: re.Pattern[bytes]
    width: int
    new: Callable[[ByteSource, int], Member]

    def matches(self, head: bytes) -> bool:
        """Whether a file that begins so has this form."""
        return self.magic.match(head) is not None

    def decompress(self, source: ByteSource, data: bytes, log: LayerLog) -> Iterator[bytes]:
        """Yield the output of all members; `data` was read from the source already."""
        while data or (data := source.read(INPUT_BYTES)):
            while len(data) < self.width and (more := source.read(INPUT_BYTES)):
                data += more
            if not self.magic.match(data):
                data = self._skip_to_member(source, data, log)
                continue
            member = self.new(source, source.tell() - len(data))
            data = yield from member_output(member, source, data, log)

    def _skip_to_member(self, source: ByteSource, data: bytes, log: LayerLog) -> bytes:
        """Skip to the next member and report the bytes before it, unless they are padding."""
        skipped = SkippedBytes(source.tell() - len(data))
        while True:
            match = self.magic.search(data)
            end = match.start() if match else max(len(data) - self.width + 1, 0)
            more = b"" if match else source.read(INPUT_BYTES)
            end = end if match or more else len(data)
            skipped.add(data[:end])
            data = data[end:] + more
            if match or not more:
                break
        if not skipped.is_padding:
            skipped.report(log)
        return data


def member_output(member: Member, source: ByteSource, data: bytes, log: LayerLog) -> Generator[bytes, None, bytes]:
    """Yield the output of one member, of which `data` was read from the source already; return the input after it."""
    try:
        while not member.eof:
            if not data and not (data := source.read(INPUT_BYTES)):
                if leftover := member.feed(b""):
                    yield leftover
                    continue
                log.add(source.tell())
                return b""
            yield member.feed(data)
            data = member.rest
    except Broken as broken:
        yield broken.salvaged
        # Skip at least the first byte, or the same member would be tried again.
        data = data[max(broken.consumed, 1) :]
        log.add(source.tell() - len(data))
    return data
