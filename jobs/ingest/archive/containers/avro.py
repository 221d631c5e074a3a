"""Read payloads from an Avro container file, block by block.

A container is a header and blocks, each followed by the header's sync marker. The file is cut at the markers and each
block read on its own, so that a broken block does not affect the others.
"""

import io
from collections.abc import Iterator
from typing import Any

import fastavro

from jobs.ingest.archive.containers.avro_block import AvroError, ContainerFormat, container_format, records
from jobs.ingest.archive.containers.avro_names import Renamer
from jobs.ingest.archive.containers.column_names import FieldNames, field_names
from jobs.ingest.archive.containers.payload_field import json_payload
from jobs.ingest.archive.damage import Damage, damaged_bytes
from schemas.billing_rules import MAX_PAYLOAD_BYTES

MAGIC = b"Obj\x01"
MAX_BLOCK_BYTES = 64 * MAX_PAYLOAD_BYTES
_HEADER = fastavro.parse_schema(
    {
        "type": "record",
        "name": "Header",
        "fields": [
            {"name": "magic", "type": {"type": "fixed", "name": "Magic", "size": 4}},
            {"name": "meta", "type": {"type": "map", "values": "bytes"}},
            {"name": "sync", "type": {"type": "fixed", "name": "Sync", "size": 16}},
        ],
    }
)


def avro_payloads(chunks: Iterator[bytes], names: FieldNames | None = None) -> Iterator[bytes | Damage]:
    """Yield the payloads of a container, a bytes field as it is or the record as JSON, and its damage.

    `names` are the fields of a contact record.
    """
    data = next(chunks, b"")
    while (header := _header(data)) is None:
        chunk = next(chunks, None)
        if chunk is None or len(data) > MAX_PAYLOAD_BYTES:
            yield from _all_undecodable(data, chunk, chunks)
            return
        data += chunk
    size, meta, sync = header
    container = container_format(meta, names or field_names())
    data = data[size:]
    offset, lost = size, 0
    ended = False
    while not ended:
        start = 0
        while (marker := data.find(sync, start)) >= 0:
            if lost:
                yield Damage(offset + start - lost, lost + marker - start, None)
                lost = 0
            elif marker > start:
                yield from _block(container, data[start:marker], offset + start)
            start = marker + len(sync)
        offset, data = offset + start, data[start:]
        if len(data) > MAX_BLOCK_BYTES:
            tail = len(sync) - 1
            lost, offset, data = lost + len(data) - tail, offset + len(data) - tail, data[-tail:]
        chunk = next(chunks, None)
        ended, data = chunk is None, data + (chunk or b"")
    if lost:
        yield Damage(offset - lost, lost + len(data), None)
    elif data:
        yield from _block(container, data, offset)


def _header(data: bytes) -> tuple[int, dict[str, bytes], bytes] | None:
    file = io.BytesIO(data)
    try:
        header: Any = fastavro.schemaless_reader(file, _HEADER, None)
    except (EOFError, ValueError, IndexError, OverflowError, MemoryError):
        return None
    return file.tell(), header["meta"], header["sync"]


def _all_undecodable(data: bytes, chunk: bytes | None, chunks: Iterator[bytes]) -> Iterator[Damage]:
    length = len(data) + len(chunk or b"") + sum(map(len, chunks))
    yield damaged_bytes(0, data) if chunk is None else Damage(0, length, None)


def _block(container: ContainerFormat | None, block: bytes, offset: int) -> Iterator[bytes | Damage]:
    try:
        if container is None:
            raise AvroError
        field = container.field
        for record in records(container, block, MAX_BLOCK_BYTES):
            yield _json(record, container.rename) if field is None else _bytes(record, field)
    except Exception:  # noqa: BLE001  hostile bytes raise anything; they are a row, not an error
        yield damaged_bytes(offset, block)


def _json(record: Any, rename: Renamer | None) -> bytes:
    return json_payload(record if rename is None else rename(record))


def _bytes(record: Any, field: str) -> bytes:
    value = record[field]
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value or b""
