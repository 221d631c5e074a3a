"""The forms in which payloads lie in files. In: a path and payloads. Out: one file, the same bytes every time."""

import gzip
import json
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

GZIP_LEVEL = 6
SCHEMA = {"type": "record", "name": "Payload", "fields": [{"name": "payload", "type": "bytes"}]}


class Form(NamedTuple):
    """How a file's name ends, and what writes it: path, payloads, number of the file."""

    suffix: str
    write: Callable[[Path, Sequence[bytes], int], None]


def _firehose(path: Path, payloads: Sequence[bytes], number: int) -> None:
    """Payloads one after another without a delimiter, in gzip; every fourth file has three gzip members."""
    members = 3 if number % 4 == 2 else 1
    size = -(-len(payloads) // members)
    with path.open("wb") as out:
        for start in range(0, len(payloads), size):
            text = b"".join(payloads[start : start + size])
            out.write(gzip.compress(text, GZIP_LEVEL, mtime=0))


def _lines(path: Path, payloads: Sequence[bytes], number: int) -> None:
    path.write_bytes(_as_lines(payloads))


def _zstd(path: Path, payloads: Sequence[bytes], number: int) -> None:
    path.write_bytes(zstandard.ZstdCompressor(level=3).compress(_as_lines(payloads)))


def _pretty(path: Path, payloads: Sequence[bytes], number: int) -> None:
    path.write_bytes(b"".join(_indented(payload) + b"\n" for payload in payloads))


def _avro(path: Path, payloads: Sequence[bytes], number: int) -> None:
    """An Avro container with one field; the marker between its blocks comes from the content, not from chance."""
    marker = sha256(payloads[0]).digest()[:16]
    rows = ({"payload": payload} for payload in payloads)
    with path.open("wb") as out:
        fastavro.writer(out, SCHEMA, rows, codec="deflate", sync_marker=marker)


def _parquet(path: Path, payloads: Sequence[bytes], number: int) -> None:
    table = pa.table({"payload": pa.array(payloads, pa.binary())})
    pq.write_table(table, path, compression="zstd")


def _as_lines(payloads: Sequence[bytes]) -> bytes:
    return b"\n".join((*payloads, b""))


def _indented(payload: bytes) -> bytes:
    """A JSON object over several lines; anything else as it is."""
    try:
        record = json.loads(payload.decode())
    except ValueError:
        return payload
    if not isinstance(record, dict):
        return payload
    return json.dumps(record, ensure_ascii=False, indent=2).encode()


FORMS = {
    "firehose": Form(".gz", _firehose),
    "lines": Form(".jsonl", _lines),
    "pretty": Form(".json", _pretty),
    "zstd": Form(".jsonl.zst", _zstd),
    "avro-bytes": Form(".avro", _avro),
    "parquet-payload": Form(".parquet", _parquet),
}
