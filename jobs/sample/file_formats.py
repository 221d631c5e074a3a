"""Write payloads in every file format that the archive reader knows. The same payloads give the same bytes."""

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
    """A file format: the suffix of the file name, and the function that writes path, payloads, and file number."""

    suffix: str
    write: Callable[[Path, Sequence[bytes], int], None]


def _firehose(path: Path, payloads: Sequence[bytes], number: int) -> None:
    """Write gzip with payloads that have no delimiter; every fourth file has three gzip members."""
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
    """Write an Avro container with one field; its sync marker comes from the content, so that it is not random."""
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
    """Indent a JSON object; return anything else unchanged."""
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
