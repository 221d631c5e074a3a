"""A block of an Avro container: its bytes and the container's form in, records out.

A container says itself how it is read: its schema and lengths can ask for more time, memory or stack than there
is. Such forms and blocks are refused before anything of them is read.
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

from jobs.ingest.archive.avro_schema import check_schema
from jobs.ingest.archive.payload_field import payload_field

_LONG = fastavro.parse_schema("long")


class Refused(Exception):
    """A form or a block that is not read."""


def _zstandard(data: bytes, most: int) -> bytes:
    reader = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(data)
    return reader.read(most)


# What is in a block, but no more than so many bytes.
_CODECS: dict[str, Callable[[bytes, int], bytes]] = {
    "null": lambda data, _: data,
    "deflate": lambda data, most: zlib.decompressobj(wbits=-15).decompress(data, most),
    "bzip2": lambda data, most: bz2.BZ2Decompressor().decompress(data, most),
    "xz": lambda data, most: lzma.LZMADecompressor(memlimit=1 << 28).decompress(data, most),
    "zstandard": _zstandard,
}


class Form(msgspec.Struct, frozen=True):
    """How the records of a container are read, and which of their fields is the payload, if one is."""

    schema: Any
    decompress: Callable[[bytes, int], bytes]
    field: str | None
    is_empty: bool  # a record takes no bytes


def form_of(meta: Mapping[str, bytes]) -> Form | None:
    """What a container's header says. None: its records are not read."""
    try:
        schema = json.loads(meta["avro.schema"])
        is_empty = check_schema(schema)
        field = payload_field(
            [(f["name"], _is(f["type"], "bytes"), _is(f["type"], "string")) for f in schema["fields"]]
        )
        codec = _CODECS[meta.get("avro.codec", b"null").decode()]
        return Form(fastavro.parse_schema(schema), codec, field, is_empty)
    except Exception:  # noqa: BLE001  a hostile schema raises anything; what it describes are rows all the same
        return None


def records(form: Form, block: bytes, most: int) -> Iterator[Any]:
    """The records of a block that decompresses to at most so many bytes. Refused, or anything: it cannot be read."""
    head = io.BytesIO(block)
    count: Any = fastavro.schemaless_reader(head, _LONG, None)
    size: Any = fastavro.schemaless_reader(head, _LONG, None)
    # Read all the same, a block that is shorter than it says would be filled up.
    if head.tell() + size != len(block):
        raise Refused
    data = form.decompress(block[head.tell() :], most + 1)
    # Records of no bytes would never come to an end.
    if len(data) > most or (form.is_empty and count > len(block)):
        raise Refused
    file = io.BytesIO(data)
    for _ in range(count):
        yield fastavro.schemaless_reader(file, form.schema, None)
    # There are more records than it says: they are not passed over in silence.
    if file.tell() != len(data):
        raise Refused


def _is(schema: Any, name: str) -> bool:
    options = schema if isinstance(schema, list) else [schema]
    return any(o == name or (isinstance(o, dict) and o.get("type") == name) for o in options)
