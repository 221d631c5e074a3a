"""Payloads of an archived file, read again by their positions."""

import gzip
import io

import fastavro
import pytest
import zstandard

from jobs.ingest.archive.byte_ranges import ByteRanges
from jobs.ingest.archive.reader import read_payloads
from transforms.records.decode import Decoder

TEXT = b'{"a":1}\noops\n  {"b":2}\n' + b"x" * 3_000_000 + b'\n{"c":3}\n'
FORMS = {
    "plain": TEXT,
    "gzip": gzip.compress(TEXT, 1),
    "members": gzip.compress(TEXT[:1000], 1) + gzip.compress(TEXT[1000:], 1),
    "zstd": zstandard.ZstdCompressor().compress(TEXT),
}


def avro() -> bytes:
    schema = {"type": "record", "name": "R", "fields": [{"name": "payload", "type": "bytes"}]}
    held = io.BytesIO()
    fastavro.writer(held, schema, [{"payload": data} for data in (b"{}", b"x" * 1_500_000, b"oops")])
    return held.getvalue()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("order", [1, -1])
def test_every_payload_is_read_again(form: str, order: int) -> None:
    """In the order of the file, and in any other."""
    file = io.BytesIO(FORMS[form])
    places = [(position, payload.length) for position, payload in read_payloads(file, Decoder(), [])]
    assert len(places) == 5
    ranges = ByteRanges(file)
    for position, length in places[::order]:
        assert b"".join(ranges.read(position, length)) == TEXT[int(position) :][:length]


def test_rows_of_a_container() -> None:
    ranges = ByteRanges(io.BytesIO(avro()))
    assert [b"".join(ranges.read(str(n), size)) for n, size in ((1, 1_500_000), (0, 2))] == [b"x" * 1_500_000, b"{}"]


def test_damage_is_read_from_the_stored_file() -> None:
    garbage = b"garbage" * 300_000
    file = io.BytesIO(gzip.compress(b"{}\n") + garbage + gzip.compress(b"[]\n"))
    ((position, length),) = [(p, row.length) for p, row in read_payloads(file, Decoder(), []) if p.startswith("raw:")]
    ranges = ByteRanges(file)
    assert b"".join(ranges.read(position, length)) == garbage
    assert b"".join(ranges.read("0", 2)) == b"{}"


@pytest.mark.parametrize("position", ["", "x", "raw:", "raw:x", "-1", "1/2", "٣", "9999999999", "raw:9999999999"])
def test_what_is_not_there_is_shorter(position: str) -> None:
    assert b"".join(ByteRanges(io.BytesIO(FORMS["gzip"])).read(position, 5)) == b""
    assert b"".join(ByteRanges(io.BytesIO(TEXT)).read(str(len(TEXT) - 2), 5)) == b"}\n"
