"""The reader: the form of a file is told by its content, and every payload has a position in it."""

import gzip
import io

import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from jobs.ingest.archive.damage import Damage
from jobs.ingest.archive.reader import read_payloads
from transforms.records.decode import Decoder, Unreadable

ONE, TWO = b'{"ContactId":"call-1"}', b'{"ContactId":"call-2"}'


def read(data: bytes) -> tuple[list[tuple[str, bytes | None]], list[Damage]]:
    damage: list[Damage] = []
    return [(place, p.data) for place, p in read_payloads(io.BytesIO(data), Decoder(), damage)], damage


def avro(*texts: bytes) -> bytes:
    file = io.BytesIO()
    schema = {"type": "record", "name": "Row", "fields": [{"name": "payload", "type": "bytes"}]}
    fastavro.writer(file, fastavro.parse_schema(schema), [{"payload": text} for text in texts], sync_marker=b"m" * 16)
    return file.getvalue()


def parquet(*texts: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"payload": pa.array(texts, pa.binary())}), sink)
    return bytes(sink.getvalue())


def test_positions_in_text_are_byte_offsets() -> None:
    assert read(b"\n" + ONE + b"\n" + TWO)[0] == [("1", ONE), (str(len(ONE) + 2), TWO)]
    assert read(ONE + b" " + TWO)[0] == [("0", ONE), (str(len(ONE) + 1), TWO)]


@pytest.mark.parametrize("form", [avro, parquet])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.ZstdCompressor().compress])
def test_positions_in_containers_are_row_numbers(form, pack) -> None:
    assert read(pack(form(ONE, TWO, b"oops"))) == ([("0", ONE), ("1", TWO), ("2", b"oops")], [])


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_positions_in_compressed_text_are_those_of_the_text(pack) -> None:
    found, damage = read(pack(ONE) + pack(TWO))
    assert found == [("0", ONE), (str(len(ONE)), TWO)]
    assert damage == []


def test_bytes_between_gzip_members_are_a_payload_with_their_place_in_the_file() -> None:
    first = gzip.compress(ONE)
    found, damage = read(first + b"oops" + gzip.compress(TWO))
    assert found == [("0", ONE), (str(len(ONE)), TWO), (f"raw:{len(first)}", b"oops")]
    assert damage == [Damage(len(first), 4, b"oops")]


def test_zeros_behind_a_gzip_member_are_padding() -> None:
    assert read(gzip.compress(ONE) + b"\0" * 512) == ([("0", ONE)], [])


def test_a_member_that_is_cut_off_names_the_file_and_is_no_payload() -> None:
    found, damage = read(gzip.compress(ONE) + gzip.compress(TWO)[:-4])
    assert found == [("0", ONE), (str(len(ONE)), TWO)]
    assert [d.length for d in damage] == [0]


def test_a_member_with_a_wrong_checksum_is_read_and_the_file_is_damaged() -> None:
    broken = bytearray(gzip.compress(ONE))
    broken[-8] ^= 1
    found, damage = read(bytes(broken) + gzip.compress(TWO))
    assert [data for place, data in found if not place.startswith("raw:")] == [ONE, TWO]
    assert damage


def test_more_than_a_mebibyte_between_members_is_too_large_and_not_kept() -> None:
    found, damage = [], []
    data = gzip.compress(ONE) + b"x" * (1 << 21) + gzip.compress(TWO)
    for _, payload in read_payloads(io.BytesIO(data), Decoder(), damage):
        found.append((payload.length, payload.data, payload.decoded))
    assert found[2] == (1 << 21, None, Unreadable("too_large"))
    assert [data for _, data, _ in found[:2]] == [ONE, TWO]


@pytest.mark.parametrize("data", [b"PAR1", b"Obj\x01", b"\x1f\x8b", b"(\xb5/\xfd", b"\x1f\x8b\x08", b"PAR", b"O"])
def test_a_magic_number_alone_is_a_payload_or_damage_not_an_error(data: bytes) -> None:
    found, damage = read(data)
    assert found or damage


@pytest.mark.parametrize("chunk", [1, 3])
def test_the_form_is_told_though_the_first_bytes_come_one_by_one(chunk: int) -> None:
    # Members of a few bytes each: what is decompressed first is shorter than a magic number.
    data = parquet(ONE)
    members = [data[n : n + chunk] for n in range(0, 12, chunk)] + [data[12:]]
    assert read(b"".join(map(gzip.compress, members)))[0] == [("0", ONE)]
