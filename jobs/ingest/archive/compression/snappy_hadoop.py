"""Decompress Snappy as Hadoop writes it, and Firehose's "Hadoop-compatible Snappy".

A block is its uncompressed length, then chunks, each with its compressed length before it; lengths have four bytes,
the highest first. There is no magic number: the first chunk tells.
"""

from collections.abc import Iterator

import cramjam

from jobs.ingest.archive.compression.byte_source import INPUT_BYTES, ByteSource, report_rest
from jobs.ingest.archive.damage import LayerLog

_LENGTH_BYTES = 4
# Text, whose bytes are all above 7, never starts with so small a number.
_MOST_BLOCK_BYTES = 1 << 27
# Hadoop's buffer has 256 KiB unless it is configured otherwise.
_MOST_CHUNK_BYTES = 1 << 24


class HadoopSnappy:
    """Files that start with a block whose first chunk decompresses."""

    def matches(self, head: bytes) -> bool:
        """Whether a file that begins so has this form; of a chunk that is longer than the head, whether it may."""
        # A writer that was flushed early leaves empty blocks.
        zeros = len(head) - len(head.lstrip(b"\0"))
        head = head[zeros - zeros % _LENGTH_BYTES :]
        block, length = _number(head, 0), _number(head, _LENGTH_BYTES)
        chunk = head[2 * _LENGTH_BYTES :][:length]
        size = _uncompressed_length(chunk)
        if not 0 < size <= block <= _MOST_BLOCK_BYTES or not _is_plausible(length, size):
            return False
        return len(chunk) < length or _decompressed(chunk) is not None

    def decompress(self, source: ByteSource, data: bytes, log: LayerLog) -> Iterator[bytes]:
        """Yield the output of all chunks; `data` was read from the source already."""
        left = 0  # of the block, uncompressed
        while True:
            while len(data) < _LENGTH_BYTES and (more := source.read(INPUT_BYTES)):
                data += more
            if len(data) < _LENGTH_BYTES:
                if left or data.strip(b"\0"):
                    log.add(source.tell())
                return
            number = _number(data, 0)
            if not left:
                left, data = number, data[_LENGTH_BYTES:]
                continue
            if number > _MOST_CHUNK_BYTES:
                report_rest(source, data, log)
                return
            size = _LENGTH_BYTES + number
            pieces, length = [data], len(data)
            while length < size and (more := source.read(INPUT_BYTES)):
                pieces.append(more)
                length += len(more)
            data = b"".join(pieces)
            if len(data) < size:
                log.add(source.tell())
                return
            chunk = data[_LENGTH_BYTES:size]
            uncompressed = _uncompressed_length(chunk)
            if not 0 < uncompressed <= left or not _is_plausible(number, uncompressed):
                # Nothing tells where the next block starts.
                report_rest(source, data, log)
                return
            if (output := _decompressed(chunk)) is None:
                log.add(source.tell() - len(data), size, data[:size])
            else:
                yield output
            left, data = left - uncompressed, data[size:]


def _number(data: bytes, start: int) -> int:
    return int.from_bytes(data[start : start + _LENGTH_BYTES], "big")


def _uncompressed_length(chunk: bytes) -> int:
    """Return the length that a chunk says it has; 0 if it says none."""
    try:
        return int(cramjam.snappy.decompress_raw_len(chunk)) if chunk else 0
    except cramjam.DecompressionError:
        return 0


def _is_plausible(length: int, uncompressed: int) -> bool:
    """Whether Snappy can have such lengths: it adds at most a sixth, and copies at most 64 bytes with three."""
    return uncompressed // 32 <= length <= min(32 + uncompressed + uncompressed // 6, _MOST_CHUNK_BYTES)


def _decompressed(chunk: bytes) -> bytes | None:
    try:
        return bytes(cramjam.snappy.decompress_raw(chunk))
    except cramjam.DecompressionError:
        return None


HADOOP_SNAPPY = HadoopSnappy()
