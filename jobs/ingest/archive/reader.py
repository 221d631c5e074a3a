"""Read the payloads of one archived file, detecting its format by content."""

import tempfile
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

from jobs.ingest.archive import avro, parquet
from jobs.ingest.archive.avro import avro_payloads
from jobs.ingest.archive.compression import decompress
from jobs.ingest.archive.damage import Damage
from jobs.ingest.archive.parquet import parquet_payloads
from transforms.records.decode import Decoder
from transforms.records.payloads import TOO_LARGE, Payload
from transforms.records.split import in_bytes, payloads


def read_payloads(file: BinaryIO, decoder: Decoder, damage: list[Damage]) -> Iterator[tuple[str, Payload]]:
    """Yield every payload of a file with its position, damaged parts last.

    Positions are byte offsets in the decompressed text, row numbers in Avro and Parquet, and `raw:` with the offset in
    the stored file for bytes that could not be decompressed or decoded.
    """
    chunks = decompress(file, damage)
    first = b""
    while len(first) < len(avro.MAGIC) and (chunk := next(chunks, None)) is not None:
        first += chunk
    stream = chain((first,), chunks)
    if first.startswith(avro.MAGIC):
        yield from _rows(avro_payloads(stream), decoder)
    elif first.startswith(parquet.MAGIC):
        with tempfile.TemporaryFile() as seekable:
            for chunk in stream:
                seekable.write(chunk)
            yield from _rows(parquet_payloads(seekable), decoder)
    else:
        for payload in payloads(stream, decoder):
            yield payload.position, payload
    for part in damage:
        if part.length:
            yield _raw(part, decoder)


def _rows(rows: Iterator[bytes | Damage], decoder: Decoder) -> Iterator[tuple[str, Payload]]:
    for number, row in enumerate(rows):
        if isinstance(row, bytes):
            for payload in in_bytes(row, decoder, number):
                yield payload.position, payload
        else:
            yield _raw(row, decoder)


def _raw(damage: Damage, decoder: Decoder) -> tuple[str, Payload]:
    decoded = TOO_LARGE if damage.data is None else decoder.decode(damage.data)
    return f"raw:{damage.offset}", Payload(damage.offset, damage.length, damage.data, decoded)
