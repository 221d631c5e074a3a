"""Open compressed files and ZIP files, which are recognized by their magic bytes and may be nested."""

import tempfile
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, Protocol, cast

from jobs.ingest.archive.compression.byte_source import INPUT_BYTES, ByteSource, ChunkSource, all_chunks, report_rest
from jobs.ingest.archive.compression.bzip2_form import BZIP2
from jobs.ingest.archive.compression.gzip_form import GZIP
from jobs.ingest.archive.compression.snappy_framed import FRAMED_SNAPPY
from jobs.ingest.archive.compression.snappy_hadoop import HADOOP_SNAPPY
from jobs.ingest.archive.compression.zip_form import is_zip, zip_members
from jobs.ingest.archive.compression.zstd_form import ZSTD
from jobs.ingest.archive.damage import Damage, DamageLog, LayerLog

DEEPEST = 4
# Enough for every magic number, and usually for a chunk of Snappy.
_HEAD_BYTES = 1 << 16


class CompressedForm(Protocol):
    """A form that decompresses to one stream of bytes."""

    def matches(self, head: bytes) -> bool:
        """Whether a file that begins so has this form."""

    def decompress(self, source: ByteSource, data: bytes, log: LayerLog) -> Iterator[bytes]:
        """Yield the output; `data` was read from the source already. What cannot be decompressed is reported."""


_FORMS: tuple[CompressedForm, ...] = (GZIP, ZSTD, BZIP2, FRAMED_SNAPPY, HADOOP_SNAPPY)


class Content(NamedTuple):
    """The content of a file, or of a ZIP member: its member, as in a position, its layer, and its bytes."""

    member: str
    layer: int
    chunks: Iterator[bytes]


def contents(file: BinaryIO, damage: list[Damage]) -> Iterator[Content]:
    """Yield what a file holds under all compressions; each content must be read to its end before the next.

    Damage is appended to the list.
    """
    return _open(file, LayerLog(DamageLog(damage), "", 1), 1)


def decompress(file: BinaryIO, damage: list[Damage]) -> Iterator[bytes]:
    """Return the bytes of all contents of a file."""
    return (chunk for content in contents(file, damage) for chunk in content.chunks)


def _open(source: ByteSource, log: LayerLog, depth: int) -> Iterator[Content]:
    head = source.read(INPUT_BYTES)
    while 0 < len(head) < _HEAD_BYTES and (more := source.read(INPUT_BYTES)):
        head += more
    form = next((form for form in _FORMS if form.matches(head)), None)
    if form is None and not is_zip(head):
        yield Content(log.member, log.layer, all_chunks(source, head))
    elif depth > DEEPEST:
        report_rest(source, head, log)
    elif form is not None:
        yield from _open(ChunkSource(form.decompress(source, head, log)), log.next_layer(), depth + 1)
    elif source.seekable():
        yield from _open_members(cast(BinaryIO, source), log, depth)
    else:
        with tempfile.TemporaryFile() as file:
            for chunk in all_chunks(source, head):
                file.write(chunk)
            yield from _open_members(file, log, depth)


def _open_members(file: BinaryIO, log: LayerLog, depth: int) -> Iterator[Content]:
    for number, chunks in zip_members(file, log):
        yield from _open(ChunkSource(chunks), log.of_member(number).next_layer(), depth + 1)
