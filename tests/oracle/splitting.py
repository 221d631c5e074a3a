"""One file in, its payloads out; and what can be read as a JSON object at all."""

import bz2
import contextlib
import datetime as dt
import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import cramjam
import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

LIMIT = 1024 * 1024
LAYERS = 4
DEEPEST = 512
BLANKS = " \t\n\r"
BETWEEN = BLANKS + ",[]"
BOM = "\xef\xbb\xbf"  # three bytes: the splitter reads every byte as one character
CANDIDATE = re.compile(BOM + r"\{[ \t\n\r]*\"|\{[ \t\n\r]*\"")
OPENERS: dict[bytes, Callable[[], Any]] = {
    b"\x1f\x8b": lambda: zlib.decompressobj(wbits=31),
    b"\x28\xb5\x2f\xfd": lambda: zstandard.ZstdDecompressor().decompressobj(),
    b"BZh": bz2.BZ2Decompressor,
}
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _integer(digits: str) -> int | float:
    """An integer; one that cannot be of 64 bits becomes a number of another type."""
    return int(digits) if len(digits) <= 20 else float("inf")


DECODER = json.JSONDecoder(parse_constant=_refuse, parse_int=_integer)


def nesting(text: str) -> int:
    """The deepest level of objects and arrays in a JSON text."""
    level = deepest = 0
    for token in TOKEN.findall(text):
        level += {"{": 1, "[": 1, "}": -1, "]": -1}.get(token, 0)
        deepest = max(deepest, level)
    return deepest


def read_object(payload: bytes) -> tuple[dict[str, Any], str]:
    """Rule 1: the object, or the reason why there is none."""
    if len(payload) > LIMIT:
        return {}, "too_large"
    try:
        text = payload.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return {}, "not_utf8"
    if nesting(text) > DEEPEST:
        return {}, "not_json"
    try:
        value = DECODER.decode(text)
    except ValueError:
        return {}, "not_json"
    return (value, "") if isinstance(value, dict) else ({}, "not_an_object")


def _object_end(text: str, start: int) -> int | None:
    """Where the object (or the BOM and object) that starts here ends; None if none does."""
    begin = start + len(BOM) if text.startswith(BOM, start) else start
    if not text.startswith("{", begin):
        return None
    try:
        end = DECODER.raw_decode(text, begin)[1]
    except (ValueError, RecursionError):
        return None
    return end if end - begin <= LIMIT and nesting(text[begin:end]) <= DEEPEST else None


def _skip(text: str, place: int, blanks: str = BLANKS) -> int:
    while place < len(text) and text[place] in blanks:
        place += 1
    return place


def _to_next(text: str, place: int) -> int:
    """The next place that is not between objects; a BOM that no object follows is."""
    place = _skip(text, place, BETWEEN)
    while text.startswith(BOM, place) and not text.startswith("{", place + len(BOM)):
        place = _skip(text, place + len(BOM), BETWEEN)
    return place


def _next_object(text: str, start: int) -> int:
    """Where the bytes that do not decode end."""
    for match in CANDIDATE.finditer(text, start + 1):
        end = _object_end(text, match.start())
        if end is None:
            continue
        is_record = {"ContactId", "AgentARN"} & DECODER.decode(text[match.start() : end].removeprefix(BOM)).keys()
        if is_record or not text.startswith((",", "]", "}"), _skip(text, end)):
            return match.start()
    return len(text)


def _pieces(text: str) -> list[str]:
    """Objects one after another, and what is between them and is none."""
    pieces, place = [], _to_next(text, 0)
    while place < len(text):
        end = _object_end(text, place)
        piece = text[place:end] if end else text[place : (end := _next_object(text, place))].rstrip(BLANKS + ",[")
        pieces.append(piece)
        place = _to_next(text, end)
    return pieces


def _is_record(line: str) -> bool:
    line = line.rstrip(BETWEEN).lstrip(",[]")
    return bool(line) and _object_end(line, 0) == len(line) and read_object(line.encode("latin-1"))[1] == ""


def split_text(data: bytes) -> list[bytes]:
    """The payloads of a text file."""
    text = data.decode("latin-1")
    lines = [line for line in text.split("\n") if line.strip(BLANKS)]
    parts = lines if any(map(_is_record, lines[:20])) else [text]
    return [piece.encode("latin-1") for part in parts for piece in _pieces(part)]


def _inflate(start: Callable[[], Any], data: bytes) -> tuple[bytes, bytes]:
    """What a member holds (up to any damage), and the bytes behind it."""
    member = start()
    try:
        return member.decompress(data), member.unused_data
    except (OSError, zlib.error, zstandard.ZstdError):
        member, out = start(), bytearray()
        with contextlib.suppress(OSError, zlib.error, zstandard.ZstdError):
            for place in range(len(data)):
                out += member.decompress(data[place : place + 1])
        return bytes(out), b""


def _framed(data: bytes) -> bytes:
    """A whole Snappy file in frames: the library reads it."""
    return bytes(cramjam.snappy.decompress(data))


def _hadoop(data: bytes) -> bytes | None:
    """Snappy in Hadoop's blocks; None if it is none, or not whole."""
    out, place = b"", 0
    with contextlib.suppress(struct.error, ValueError, cramjam.DecompressionError):
        while place < len(data):
            (length,), place = struct.unpack_from(">I", data, place), place + 4
            end = len(out) + length
            while len(out) < end:
                (size,), place = struct.unpack_from(">I", data, place), place + 4
                out, place = out + bytes(cramjam.snappy.decompress_raw(data[place : place + size])), place + size
            if len(out) != end:
                return None
        return out
    return None


def _layer(data: bytes) -> bytes:
    for magic, start in OPENERS.items():
        if data.startswith(magic):
            out = b""
            while data.startswith(magic):
                member, data = _inflate(start, data)
                out, data = out + member, data.lstrip(b"\0")
            return out
    if data.startswith(b"\xff\x06\x00\x00sNaPpY"):
        return _framed(data)
    hadoop = _hadoop(data) if data.startswith(b"\0") else None
    return data if hadoop is None else hadoop


def decompress(data: bytes) -> bytes:
    """The content of a compressed file, all members of it, at most four layers; other bytes as they are."""
    for _ in range(LAYERS):
        data = _layer(data)
    return data


def _arrow_plain(scalar: Any) -> Any:
    if not scalar.is_valid:
        return None
    if isinstance(scalar, pa.DictionaryScalar):
        return _arrow_plain(scalar.value)
    if isinstance(scalar, pa.MapScalar):
        return {_arrow_plain(pair["key"]): _arrow_plain(pair["value"]) for pair in scalar.values}
    if isinstance(scalar, pa.ListScalar):
        return [_arrow_plain(value) for value in scalar.values]
    if isinstance(scalar, pa.StructScalar):
        return {name: _arrow_plain(value) for name, value in scalar.items()}
    if isinstance(scalar, pa.BinaryScalar):
        return scalar.as_buffer().to_pybytes()
    return scalar.as_py()


def _to_json(value: Any) -> Any:
    """A value of a container as JSON has it: no nulls in objects, texts for bytes and instants."""
    if isinstance(value, dict):
        return {_to_json(key): _to_json(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_to_json(inner) for inner in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")  # bad bytes come back in _payload: not_utf8
    if isinstance(value, dt.datetime):
        return (value if value.tzinfo else value.replace(tzinfo=dt.UTC)).isoformat()
    return value


def _payload(row: Any, single: bool) -> bytes:
    """The content of the one payload column, or the row as JSON."""
    if single:
        return next(iter(row.values())) or b""
    text = json.dumps(_to_json(row), ensure_ascii=False, separators=(",", ":"), default=str)
    return text.encode("utf-8", "surrogateescape")


def _avro(data: bytes) -> list[bytes]:
    reader: Any = fastavro.reader(io.BytesIO(data), handle_unicode_errors="surrogateescape")
    fields = reader.writer_schema["fields"]
    kinds: tuple[Any, ...] = ("bytes", ["null", "bytes"], ["bytes", "null"])
    single = len(fields) == 1 and fields[0]["type"] in kinds
    return [_payload(row, single) for row in reader]


def _parquet(data: bytes) -> list[bytes]:
    table = pq.read_table(io.BytesIO(data))
    kinds = (pa.binary(), pa.large_binary(), pa.string(), pa.large_string())
    single = table.num_columns == 1 and table.schema.types[0] in kinds
    columns = [[_arrow_plain(scalar) for scalar in column] for column in table.columns]
    rows = [dict(zip(table.column_names, row, strict=True)) for row in zip(*columns, strict=True)]
    return [_payload(row, single) for row in rows]


def _of_row(row: bytes) -> list[bytes]:
    """A row that is a list, or objects one after another, is what it holds."""
    pieces = [piece.encode("latin-1") for piece in _pieces(row.decode("latin-1"))]
    is_record = [read_object(piece)[1] == "" for piece in pieces]
    return pieces if pieces and all(is_record) and read_object(row)[1] in ("not_json", "not_an_object") else [row]


def payloads(content: bytes, layers: int = LAYERS) -> list[bytes]:
    """The payloads of one file, at most so many layers deep."""
    inner = _layer(content) if layers else content
    if inner != content:
        return payloads(inner, layers - 1)
    if content.startswith(b"PK\x03\x04") and layers:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return [p for info in archive.infolist() for p in payloads(archive.read(info), layers - 1)]
    if content.startswith(b"Obj\x01"):
        return [piece for row in _avro(content) for piece in _of_row(row)]
    if content.startswith(b"PAR1") and content.endswith(b"PAR1"):
        return [piece for row in _parquet(content) for piece in _of_row(row)]
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        content = content.decode("utf-16", "surrogatepass").encode("utf-8", "surrogatepass")
    return split_text(content)
