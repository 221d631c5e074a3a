"""Read the records of one block of an Avro container.

A container itself says how to read it: its schema and lengths can ask for more time, memory or stack than there is.
Such containers and blocks are refused before anything of them is read.
"""

import bz2
import io
import json
import lzma
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import fastavro
import msgspec
import zstandard

from jobs.ingest.archive.containers.avro_names import Renamer, renamer
from jobs.ingest.archive.containers.avro_schema import check_schema
from jobs.ingest.archive.containers.column_names import FieldNames
from jobs.ingest.archive.containers.payload_field import payload_field

_LONG = fastavro.parse_schema("long")


class AvroError(Exception):
    """A block cannot be read, or would take too much to read."""


def _zstandard(data: bytes, limit: int) -> bytes:
    reader = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(data)
    return reader.read(limit)


# Decompress a block, up to a limit in bytes.
_CODECS: dict[str, Callable[[bytes, int], bytes]] = {
    "null": lambda data, _: data,
    "deflate": lambda data, limit: zlib.decompressobj(wbits=-15).decompress(data, limit),
    "bzip2": lambda data, limit: bz2.BZ2Decompressor().decompress(data, limit),
    "xz": lambda data, limit: lzma.LZMADecompressor(memlimit=1 << 28).decompress(data, limit),
    "zstandard": _zstandard,
}


class ContainerFormat(msgspec.Struct, frozen=True):
    """How to read the records of a container, which of their fields is the payload, if any, and which names change."""

    schema: Any
    decompress: Callable[[bytes, int], bytes]
    field: str | None
    is_empty: bool  # a record takes no bytes
    rename: Renamer | None


def container_format(meta: Mapping[str, bytes], names: FieldNames) -> ContainerFormat | None:
    """Return the format in a container's header; None if its records must not be read.

    `names` are the fields of a contact record.
    """
    try:
        schema = json.loads(meta["avro.schema"])
        is_empty = check_schema(schema)
        field = payload_field(
            [(f["name"], _has_type(f["type"], "bytes"), _has_type(f["type"], "string")) for f in schema["fields"]]
        )
        codec = _CODECS[meta.get("avro.codec", b"null").decode()]
        rename = renamer(schema, names) if field is None else None
        return ContainerFormat(fastavro.parse_schema(schema), codec, field, is_empty, rename)
    except Exception:  # noqa: BLE001  a hostile schema raises anything; its blocks are rows all the same
        return None


def records(container: ContainerFormat, block: bytes, limit: int) -> Iterator[Any]:
    """Yield the records of a block of at most `limit` decompressed bytes. Raises any exception if it cannot."""
    head = io.BytesIO(block)
    count: Any = fastavro.schemaless_reader(head, _LONG, None)
    size: Any = fastavro.schemaless_reader(head, _LONG, None)
    # The reader would pad a block that is shorter than it says.
    if head.tell() + size != len(block):
        raise AvroError
    data = container.decompress(block[head.tell() :], limit + 1)
    # Records of no bytes would never end.
    if len(data) > limit or (container.is_empty and count > len(block)):
        raise AvroError
    file = io.BytesIO(data)
    for _ in range(count):
        yield fastavro.schemaless_reader(file, container.schema, None)
    # More records than the block says must not be dropped silently.
    if file.tell() != len(data):
        raise AvroError


def _has_type(schema: Any, name: str) -> bool:
    options = schema if isinstance(schema, list) else [schema]
    return any(o == name or (isinstance(o, dict) and o.get("type") == name) for o in options)
