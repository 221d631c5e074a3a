"""Read the payloads of one archived file, detecting its format by content."""

import tempfile
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

import msgspec

from jobs.ingest.archive.compression.nesting import Content, contents
from jobs.ingest.archive.containers import avro, parquet
from jobs.ingest.archive.containers.avro import avro_payloads
from jobs.ingest.archive.containers.column_names import field_names
from jobs.ingest.archive.containers.parquet import parquet_payloads
from jobs.ingest.archive.damage import Damage
from jobs.ingest.archive.seeming_form import seeming_form
from jobs.ingest.archive.text_encoding import is_utf16, utf8_chunks
from transforms.records.decode import Decoder
from transforms.records.payloads import TOO_LARGE, Payload
from transforms.records.split import payloads, take_apart

__all__ = ["read_payloads", "seeming_form"]


def read_payloads(file: BinaryIO, decoder: Decoder, damage: list[Damage]) -> Iterator[tuple[str, Payload]]:
    """Yield every payload of a file with its position, damaged parts last.

    Positions are byte offsets in the decompressed text, as UTF-8; row numbers in Avro and Parquet; and `raw:` with the
    offset in the stored file for bytes that could not be decompressed or decoded (`raw2:` for an offset in what the
    file decompresses to, and so on). In a ZIP file the member's number and a colon come first: `2:1024`.
    """
    for content in contents(file, damage):
        yield from _content_payloads(content, decoder, damage)
    for part in damage:
        if part.length:
            yield _raw(part, decoder)


def _content_payloads(content: Content, decoder: Decoder, damage: list[Damage]) -> Iterator[tuple[str, Payload]]:
    head = next(content.chunks, b"")
    chunks = chain((head,), content.chunks)
    if head.startswith(avro.MAGIC):
        yield from _rows(avro_payloads(chunks, field_names(decoder.record_type)), content, decoder, damage)
    elif head.startswith(parquet.MAGIC):
        with tempfile.TemporaryFile() as seekable:
            for chunk in chunks:
                seekable.write(chunk)
            yield from _rows(parquet_payloads(seekable, field_names(decoder.record_type)), content, decoder, damage)
    else:
        member = content.member
        text = utf8_chunks(chunks) if is_utf16(head) else chunks
        for payload in payloads(text, decoder):
            yield f"{member}{payload.position}", payload


def _rows(
    rows: Iterator[bytes | Damage], content: Content, decoder: Decoder, damage: list[Damage]
) -> Iterator[tuple[str, Payload]]:
    for number, row in enumerate(rows):
        if isinstance(row, bytes):
            for payload in take_apart(Payload(number, len(row), row, decoder.decode(row)), decoder):
                yield f"{content.member}{payload.position}", payload
        elif row.length:
            yield _raw(msgspec.structs.replace(row, member=content.member, layer=content.layer), decoder)
        else:
            damage.append(msgspec.structs.replace(row, member=content.member, layer=content.layer))


def _raw(damage: Damage, decoder: Decoder) -> tuple[str, Payload]:
    decoded = TOO_LARGE if damage.data is None else decoder.decode(damage.data)
    return damage.position, Payload(damage.offset, damage.length, damage.data, decoded)
