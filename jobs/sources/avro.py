"""Avro container files: chunks in, payloads out, block by block.

A container is its header and blocks, each followed by the header's sync marker. The file is cut at
the markers and every block read on its own, so that a broken block costs no other.
"""

import io
from collections.abc import Iterator
from typing import Any

import fastavro

from jobs.sources.records import json_payload, payload_field
from jobs.sources.stretch import Stretch, stretch
from schemas.rules import MAX_PAYLOAD_BYTES

MAGIC = b"Obj\x01"
MAX_BLOCK_BYTES = 64 * MAX_PAYLOAD_BYTES
_LONG = fastavro.parse_schema("long")
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


def avro_payloads(chunks: Iterator[bytes]) -> Iterator[bytes | Stretch]:
    """The payloads of a container: a bytes field as it is, or the record as JSON."""
    data = next(chunks, b"")
    while (header := _header(data)) is None:
        chunk = next(chunks, None)
        if chunk is None or len(data) > MAX_PAYLOAD_BYTES:
            yield from _all_undecodable(data, chunk, chunks)
            return
        data += chunk
    size, sync = header
    lead, data = data[:size], data[size:]
    offset, lost = size, 0
    ended = False
    while not ended:
        while (place := data.find(sync)) >= 0:
            if lost:
                yield Stretch(offset - lost, lost + place, None)
                lost = 0
            elif place:
                yield from _block(lead, data[:place], sync, offset)
            offset, data = offset + place + len(sync), data[place + len(sync) :]
        if len(data) > MAX_BLOCK_BYTES:
            kept = len(sync) - 1
            lost, offset, data = lost + len(data) - kept, offset + len(data) - kept, data[-kept:]
        chunk = next(chunks, None)
        ended, data = chunk is None, data + (chunk or b"")
    if lost:
        yield Stretch(offset - lost, lost + len(data), None)
    elif data:
        yield from _block(lead, data, sync, offset)


def _header(data: bytes) -> tuple[int, bytes] | None:
    file = io.BytesIO(data)
    try:
        header: Any = fastavro.schemaless_reader(file, _HEADER, None)
    except (EOFError, ValueError, IndexError, OverflowError, MemoryError):
        return None
    return file.tell(), header["sync"]


def _all_undecodable(data: bytes, chunk: bytes | None, chunks: Iterator[bytes]) -> Iterator[Stretch]:
    length = len(data) + len(chunk or b"") + sum(map(len, chunks))
    yield stretch(0, data) if chunk is None else Stretch(0, length, None)


def _block(lead: bytes, block: bytes, sync: bytes, offset: int) -> Iterator[bytes | Stretch]:
    try:
        _check_size(block)
        reader = fastavro.reader(io.BytesIO(lead + block + sync))
        schema: Any = reader.writer_schema
        field = payload_field(
            [(f["name"], _is(f["type"], "bytes"), _is(f["type"], "string")) for f in schema["fields"]]
        )
        for record in reader:
            yield json_payload(record) if field is None else _bytes(record, field)
    except Exception:  # noqa: BLE001  hostile bytes raise anything; they are a row, not an error
        yield stretch(offset, block)


def _check_size(block: bytes) -> None:
    """ValueError: the block is not as long as it says; read all the same, it would be filled up."""
    file = io.BytesIO(block)
    fastavro.schemaless_reader(file, _LONG, None)
    size: Any = fastavro.schemaless_reader(file, _LONG, None)
    if file.tell() + size != len(block):
        raise ValueError


def _is(schema: Any, name: str) -> bool:
    options = schema if isinstance(schema, list) else [schema]
    return any(o == name or (isinstance(o, dict) and o.get("type") == name) for o in options)


def _bytes(record: Any, field: str) -> bytes:
    value = record[field]
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value or b""
