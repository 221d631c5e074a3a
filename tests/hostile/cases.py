"""The cases: what is thrown at the readers, by name; made when it is its turn."""

import gzip
import zlib
from collections.abc import Callable

import pyarrow as pa

from tests.hostile.containers import (
    MB,
    alone,
    avro,
    bzip2_of,
    gzip_of,
    hadoop_of,
    laughs,
    long,
    parquet,
    record,
    repeated,
    zip_with,
    zstd_of,
)
from tests.support.compressions import SNAPPY_IDENTIFIER, STREAMS, zip_of
from tests.support.containers import field

_ZEROS = [b"\0" * MB]
_PAYLOAD = field("payload", "bytes")
_EMPTY = record(name="Empty")
_ENDLESS = 1 << 60
_RECURSIVE = record(_PAYLOAD, field("next", ["null", "Row"]))
_DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 1_000_000, "scale": 9}

_DEFLATED = gzip_of(_ZEROS * 64, -15)
_CHECKSUM = zlib.crc32(b"\0" * (64 * MB))

# Through read_payloads: every one must give at least one row.
FILES: dict[str, Callable[[], bytes]] = {
    "gzip: a bomb": lambda: gzip_of(_ZEROS * 256),
    "gzip: a bomb that breaks": lambda: gzip_of(_ZEROS * 64)[:-4] + b"xxxx",
    "gzip: a bomb broken in the middle": lambda: gzip_of(_ZEROS * 64).replace(b"\0" * 64, b"\xff" * 64, 1),
    "gzip: in gzip": lambda: gzip.compress(gzip_of(_ZEROS * 64), mtime=0),
    "gzip: many members that are none": lambda: b"\x1f\x8b\x08" * 100_000,
    "zstd: a bomb": lambda: zstd_of(_ZEROS * 256),
    "zstd: a window of gigabytes": lambda: b"\x28\xb5\x2f\xfd\x00\xf8\x02\x00\x00",
    "bzip2: a bomb": lambda: bzip2_of(_ZEROS * 64),
    "bzip2: a bomb that breaks": lambda: bzip2_of(_ZEROS * 16)[:-10] + b"xxxxxxxxxx",
    "bzip2: many streams that are none": lambda: b"BZh91AY&SY" * 10_000,
    "snappy: a bomb": lambda: STREAMS["snappy"](b"\0" * (64 * MB)),
    "snappy: a chunk of gigabytes": lambda: (
        SNAPPY_IDENTIFIER + b"\0\x0e\0\0" + b"\0" * 4 + b"\xff\xff\xff\xff\x0f" + b"\0" * 5
    ),
    "snappy: many identifiers": lambda: SNAPPY_IDENTIFIER * 100_000 + b"x",
    "snappy: many chunks that are none": lambda: SNAPPY_IDENTIFIER + b"\0\5\0\0abcde" * 50_000,
    "hadoop-snappy: a bomb": lambda: hadoop_of(b"\0" * MB, 64),
    "hadoop-snappy: many chunks that are none": lambda: (
        hadoop_of(b"{", 1) + b"\x07\xff\xff\xff" + b"\0\0\0\2\1\5" * 50_000
    ),
    "hadoop-snappy: a chunk of gigabytes": lambda: hadoop_of(b"{", 1) + b"\x07\xff\xff\xff" * 2 + b"x",
    "zip: a bomb": lambda: zip_with(_DEFLATED, 64 * MB, _CHECKSUM),
    "zip: a bomb that says it is small": lambda: zip_with(_DEFLATED, 1, 0),
    "zip: members that share their bytes": lambda: zip_with(
        _DEFLATED, 64 * MB, _CHECKSUM, members=10_000, overlap=True
    ),
    "zip: a directory that fills the memory": lambda: zip_with(b"\3\0", 0, 0, members=65_000, overlap=True),
    "zip: many members that are none": lambda: zip_with(b"\xff", 1, 0, members=20_000),
    "zip: a directory behind the end": lambda: zip_of(b"x")[:-12] + b"\xff" * 12,
    "zip: in zip": lambda: zip_of(zip_of(zip_with(_DEFLATED, 64 * MB, _CHECKSUM))),
    "nested: a bomb in a bomb": lambda: gzip_of([bzip2_of(_ZEROS * 64)]),
    "nested: deeper than any": lambda: _nested(40),
    "nested: members that are none, a bomb of them": lambda: gzip_of([b"\x1f\x8b\x08" * (MB // 3)] * 2),
    "nested: bytes between members, a bomb of them": lambda: gzip_of([gzip.compress(b"", mtime=0) + b"x" * MB] * 128),
    "utf-16: halves of pairs": lambda: b"\xff\xfe" + b"\0\xd8" * MB,
    "text: brackets without end": lambda: b"[" * (16 * MB),
    "text: a quote without end": lambda: b'"' + b"x" * (16 * MB),
    "text: a number of a million digits": lambda: b'{"ContactId":"a","n":' + b"9" * 1_000_000 + b"}",
    "text: an exponent without measure": lambda: b'{"Agent":{"AgentInteractionDuration":1e999999999}}',
    "avro: a deflate bomb": lambda: avro(record(_PAYLOAD), [(1, gzip_of(_ZEROS * 512, -15))], "deflate"),
    "avro: a zstandard bomb": lambda: avro(record(_PAYLOAD), [(1, zstd_of(_ZEROS * 512))], "zstandard"),
    "avro: records without bytes or end": lambda: avro(record(), [(_ENDLESS, b"")]),
    "avro: nulls without end": lambda: avro(record(field("a", "null")), [(_ENDLESS, b"")]),
    "avro: a list of nulls without end": lambda: avro(
        record(_PAYLOAD, field("a", {"type": "array", "items": "null"})), [(1, b"\0" + long(_ENDLESS) + b"\0")]
    ),
    "avro: a list of empty records without end": lambda: avro(
        record(_PAYLOAD, field("a", {"type": "array", "items": _EMPTY})), [(1, b"\0" + long(_ENDLESS) + b"\0")]
    ),
    "avro: a schema that contains itself": lambda: avro(record(field("next", "Row")), [(1, b"")]),
    "avro: a record in a record, a million times": lambda: avro(_RECURSIVE, [(1, b"\0\x02" * MB)]),
    "avro: a schema of a million levels": lambda: avro(b'{"items":' * MB + b"1" + b"}" * MB, [(1, b"")]),
    "avro: a schema that doubles with every level": lambda: avro(record(field("a", laughs(40))), [(1, b"")]),
    "avro: text of exabytes": lambda: avro(record(_PAYLOAD), [(1, long(_ENDLESS))]),
    "avro: text of less than nothing": lambda: avro(record(_PAYLOAD), [(1, long(-5) + b"abcdefgh")]),
    "avro: fewer records than none": lambda: avro(record(_PAYLOAD), [(-1, b"\2a")]),
    "avro: more records than it says": lambda: avro(record(_PAYLOAD), [(0, b"\2a\2b")]),
    "avro: a fixed field of petabytes": lambda: avro(
        record(field("payload", {"type": "fixed", "name": "F", "size": 1 << 50})), [(1, b"a")]
    ),
    "avro: a decimal of a million digits": lambda: avro(
        record(field("ContactId", _DECIMAL)), [(1, long(400_000) + b"\x7f" * 400_000)]
    ),
    "avro: a large schema and many small blocks": lambda: avro(
        record(_PAYLOAD) | {"doc": "x" * 900_000}, [(1, b"\0")] * 5_000
    ),
    "parquet: a value that is there once": lambda: parquet(repeated("payload", b"x" * MB, 1_000)),
    "parquet: a field that is there once": lambda: parquet(repeated("ContactId", "x" * MB, 1_000)),
    "parquet: a page that is a bomb": lambda: parquet(
        alone("payload", b"\0" * (256 * MB)), use_dictionary=False, write_statistics=False
    ),
    "parquet: rows of nothing": lambda: parquet(pa.table({"payload": pa.nulls(5_000_000, pa.binary())})),
    "parquet: rows that nobody reads": lambda: parquet(pa.table({"a": pa.nulls(5_000_000, pa.int8())})),
    "parquet: cut off": lambda: parquet(repeated("payload", b"x" * MB, 10))[:-9],
}


def _nested(depth: int) -> bytes:
    data = b"x" * MB
    for _ in range(depth):
        data = gzip.compress(data, mtime=0)
    return data


_AGENT = b'{"agent_id":"a","extension":"1","more":'
# Through the reader of the agents' table: rows, or an error of one line.
AGENTS: dict[str, Callable[[], bytes]] = {
    "agents: brackets without end": lambda: _AGENT + b"[" * MB + b"]" * MB + b"}",
    "agents: a number of a million digits": lambda: _AGENT + b"9" * MB + b"}",
    "agents: half of a pair": lambda: b'{"agent_id":"\\ud800","extension":"1"}',
    "agents: a cell of megabytes": lambda: b"agent_id,extension\na," + b"1" * (8 * MB) + b"\n",
    "agents: bytes of nothing": lambda: b"agent_id,extension\n" + b"\0" * MB,
    "agents: a value that is there once": lambda: parquet(repeated("agent_id", "x" * MB, 100_000)),
    "agents: a parquet file cut off": lambda: parquet(repeated("agent_id", "x", 10))[:-9],
    "agents: nothing but a magic number": lambda: b"PAR1",
    "agents: a year beyond the calendar": lambda: b"agent_id,extension,valid_from\na,1,99999999-01-01T00:00:00Z\n",
}
