"""Files that ask for more than there is: small ones that decompress, decode or count up to gigabytes."""

import io
import json
import struct
import zlib
from collections.abc import Iterable, Sequence

import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from tests.support.containers import field

MB = 1 << 20
SYNC = bytes(range(100, 116))
_META = fastavro.parse_schema(
    {"type": "record", "name": "H", "fields": [{"name": "meta", "type": {"type": "map", "values": "bytes"}}]}
)


def gzip_of(chunks: Iterable[bytes], wbits: int = 31) -> bytes:
    """The chunks as one member, never all in memory; wbits -15: as Avro's "deflate"."""
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    return b"".join([*map(packer.compress, chunks), packer.flush()])


def zstd_of(chunks: Iterable[bytes]) -> bytes:
    """The chunks as one frame."""
    packer = zstandard.ZstdCompressor().compressobj()
    return b"".join([*map(packer.compress, chunks), packer.flush()])


def long(number: int) -> bytes:
    """A number as Avro writes it."""
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema("long"), number)
    return out.getvalue()


def record(*fields: dict[str, object], name: str = "Row") -> dict[str, object]:
    return {"type": "record", "name": name, "fields": list(fields)}


def avro(schema: object, blocks: Sequence[tuple[int, bytes]], codec: str = "null") -> bytes:
    """A container, put together by hand: schema, counts and bytes may be anything."""
    text = schema if isinstance(schema, bytes) else json.dumps(schema).encode()
    out = io.BytesIO()
    out.write(b"Obj\x01")
    fastavro.schemaless_writer(out, _META, {"meta": {"avro.schema": text, "avro.codec": codec.encode()}})
    out.write(SYNC)
    for count, data in blocks:
        out.write(long(count) + long(len(data)) + data + SYNC)
    return out.getvalue()


def laughs(depth: int) -> dict[str, object]:
    """A record of no bytes that has two to the power of depth parts."""
    parts = [field("a", laughs(depth - 1)), field("b", f"L{depth - 1}")] if depth else []
    return record(*parts, name=f"L{depth}")


def parquet(table: pa.Table, **options: object) -> bytes:
    out = pa.BufferOutputStream()
    pq.write_table(table, out, compression="zstd", store_schema=False, **options)
    return bytes(out.getvalue())


def alone(name: str, value: bytes) -> pa.Table:
    """A column of one value, which is not copied."""
    places = pa.py_buffer(struct.pack("<2i", 0, len(value)))
    return pa.table({name: pa.Array.from_buffers(pa.binary(), 1, [None, places, pa.py_buffer(value)])})


def repeated(name: str, value: object, rows: int) -> pa.Table:
    """A column of one value, which is in the file once."""
    return pa.table({name: pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array([value]))})
