"""Read payloads of one archived file again, by the positions and lengths that the ledger has for them.

Going forward, a file is decompressed once, whatever the number of its payloads.
"""

from collections.abc import Iterator
from typing import BinaryIO

from jobs.ingest.archive.compression.nesting import decompress
from jobs.ingest.archive.containers import avro, parquet
from jobs.ingest.archive.reader import read_payloads
from transforms.records.decode import Decoder

RAW = "raw:"
_BLOCK = 1 << 20


class ByteRanges:
    """The payloads of a file: byte ranges of what it decompresses to or of itself, or rows of a container."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._restart()
        self._is_container = self._rest.startswith((avro.MAGIC, parquet.MAGIC))

    def read(self, position: str, length: int) -> Iterator[bytes]:
        """Yield the bytes at a position, as `read_payloads` names it; fewer than `length` if they are not there."""
        offset = position.removeprefix(RAW)
        if not (offset.isascii() and offset.isdigit()):
            return
        if position.startswith(RAW) and not self._is_container:
            yield from self._stored(int(offset), length)
        elif self._is_container and not position.startswith(RAW):
            yield from self._row(position)
        else:
            yield from self._decompressed(int(offset), length)

    def _restart(self) -> None:
        self._file.seek(0)
        self._chunks = decompress(self._file, [])
        self._offset, self._rest = 0, b""
        while len(self._rest) < len(avro.MAGIC) and (chunk := next(self._chunks, None)) is not None:
            self._rest += chunk

    def _stored(self, offset: int, length: int) -> Iterator[bytes]:
        self._file.seek(offset)
        while length and (block := self._file.read(min(length, _BLOCK))):
            length -= len(block)
            yield block
        self._restart()

    def _row(self, number: str) -> Iterator[bytes]:
        self._file.seek(0)
        rows = read_payloads(self._file, Decoder(), [])
        yield next((payload.data for position, payload in rows if position == number), None) or b""
        self._restart()

    def _decompressed(self, offset: int, length: int) -> Iterator[bytes]:
        if offset < self._offset:
            self._restart()
        while length:
            skipped = min(len(self._rest), offset - self._offset)
            piece = self._rest[skipped : skipped + length]
            self._offset += skipped + len(piece)
            self._rest = self._rest[skipped + len(piece) :]
            offset, length = offset + len(piece), length - len(piece)
            if piece:
                yield piece
            if length and not self._rest:
                if (chunk := next(self._chunks, None)) is None:
                    return
                self._rest = chunk
