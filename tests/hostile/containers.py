"""Files that ask for more than there is: small ones that decompress, decode or count up to gigabytes."""

import bz2
import io
import json
import struct
import zlib
from collections.abc import Iterable, Sequence

import cramjam
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


def bzip2_of(chunks: Iterable[bytes]) -> bytes:
    """The chunks as one stream."""
    packer = bz2.BZ2Compressor()
    return b"".join([*map(packer.compress, chunks), packer.flush()])


def hadoop_of(chunk: bytes, count: int) -> bytes:
    """A block of Hadoop's Snappy that holds the chunk so many times."""
    raw = bytes(cramjam.snappy.compress_raw(chunk))
    return struct.pack(">I", len(chunk) * count) + (struct.pack(">I", len(raw)) + raw) * count


def zip_with(data: bytes, size: int, checksum: int, *, members: int = 1, overlap: bool = False) -> bytes:
    """A ZIP file, put together by hand, of deflated members that hold the same; overlapping ones hold it once."""
    out, directory = io.BytesIO(), io.BytesIO()
    for number in range(members):
        name = b"%d" % number
        start = 0 if overlap else out.tell()
        common = struct.pack("<5H3L2H", 20, 0, 8, 0, 33, checksum, len(data), size, len(name), 0)
        if not (overlap and number):
            out.write(b"PK\3\4" + common + name + data)
        directory.write(b"PK\1\2\x14\0" + common + struct.pack("<3H2L", 0, 0, 0, 0, start) + name)
    start = out.tell()
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, members, members, directory.tell(), start, 0)
    return out.getvalue() + directory.getvalue() + end


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
