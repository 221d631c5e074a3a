"""The reader: the form of a file is told by its content, and every payload has a position in it."""

import gzip
import io
import struct
import zipfile

import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from jobs.ingest.archive.damage import Damage
from jobs.ingest.archive.reader import read_payloads
from tests.support.compressions import STREAMS, zip_of
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
@pytest.mark.parametrize("pack", [bytes, *STREAMS.values(), lambda data: STREAMS["gzip"](STREAMS["snappy"](data))])
def test_positions_in_containers_are_row_numbers(form, pack) -> None:
    assert read(pack(form(ONE, TWO, b"oops"))) == ([("0", ONE), ("1", TWO), ("2", b"oops")], [])


@pytest.mark.parametrize("pack", [STREAMS[form] for form in STREAMS if form != "hadoop-snappy"])
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


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_positions_in_a_zip_file_begin_with_the_members_number(method: int) -> None:
    data = zip_of(ONE + TWO, b"", ONE + b"\n", avro(TWO), parquet(ONE, TWO), zip_of(ONE, TWO), method=method)
    found = [("1:0", ONE), (f"1:{len(ONE)}", TWO), ("3:0", ONE), ("4:0", TWO), ("5:0", ONE), ("5:1", TWO)]
    assert read(data) == ([*found, ("6:1:0", ONE), ("6:2:0", TWO)], [])


def test_damage_within_layers_and_members_says_so() -> None:
    damaged = gzip.compress(ONE, mtime=0) + b"oops" + gzip.compress(TWO, mtime=0)
    at = len(gzip.compress(ONE, mtime=0))
    texts = [("0", ONE), (str(len(ONE)), TWO)]
    assert read(zstandard.ZstdCompressor().compress(damaged))[0] == [*texts, (f"raw2:{at}", b"oops")]
    in_member = [(f"1:{place}", data) for place, data in texts]
    assert read(zip_of(damaged))[0] == [*in_member, (f"1:raw2:{at}", b"oops")]


def with_member(data: bytes, change) -> bytes:
    """A ZIP file whose first member's headers, the local one and that of the directory, were changed."""
    changed = bytearray(data)
    local, central = 0, data.index(b"PK\1\2")
    change(changed, local + 6, central + 8)
    return bytes(changed)


def encrypted(data: bytearray, local: int, central: int) -> None:
    data[local] |= 1
    data[central] |= 1


def unknown_method(data: bytearray, local: int, central: int) -> None:
    data[local + 2] = data[central + 2] = 99


@pytest.mark.parametrize("change", [encrypted, unknown_method])
def test_a_member_that_cannot_be_read_is_a_payload_and_costs_no_other(change) -> None:
    found, damage = read(with_member(zip_of(b"secret", TWO, method=zipfile.ZIP_STORED), change))
    assert found == [("2:0", TWO), ("1:raw:0", b"secret")]
    assert [d.position for d in damage if d.length] == ["1:raw:0"]


def wrong_checksum(data: bytearray, local: int, central: int) -> None:
    data[central + 8] ^= 1


def wrong_size(data: bytearray, local: int, central: int) -> None:
    data[central + 16] ^= 1


@pytest.mark.parametrize("change", [wrong_checksum, wrong_size])
def test_a_member_that_is_not_what_the_directory_says_is_read_and_the_file_is_damaged(change) -> None:
    found, damage = read(with_member(zip_of(ONE, TWO), change))
    assert found == [("1:0", ONE), ("2:0", TWO)]
    assert [d.length for d in damage] == [0]


def test_of_a_broken_member_what_decompresses_is_read_and_the_rest_is_reported() -> None:
    text = b"".join(b'{"ContactId":"call-%d"}' % (n * 7919) for n in range(2_000))
    data = bytearray(zip_of(text, TWO))
    data[2_000:2_004] = b"\xff" * 4
    found, damage = read(bytes(data))
    whole = b"".join(part for place, part in found if place.startswith("1:") and "raw" not in place and part)
    assert whole[:500] == text[:500]
    assert ("2:0", TWO) in found
    assert damage


def test_a_zip_file_without_a_directory_is_a_payload() -> None:
    data = zip_of(ONE)
    assert read(data[:-10]) == ([("raw:0", data[:-10])], [Damage(0, len(data) - 10, data[:-10])])


def test_an_empty_zip_file_holds_nothing() -> None:
    assert read(zip_of()) == ([], [])


def test_folders_and_what_macos_adds_are_not_members_to_read() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("calls/", b"")
        archive.writestr("calls/one", ONE)
        archive.writestr("calls/.DS_Store", b"\0\0\0\1Bud1")
        archive.writestr("__MACOSX/calls/._one", b"\0\5\x16\7")
        archive.writestr("../../etc/two", TWO)
    assert read(file.getvalue()) == ([("2:0", ONE), ("5:0", TWO)], [])


def test_members_of_one_name_are_all_read() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("x", ONE)
        archive.writestr("x", TWO)
    assert read(file.getvalue()) == ([("1:0", ONE), ("2:0", TWO)], [])


def test_a_zip64_file_is_read() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive, archive.open("x", "w", force_zip64=True) as member:
        member.write(ONE)
    assert read(file.getvalue()) == ([("1:0", ONE)], [])


def test_members_that_share_bytes_are_refused() -> None:
    data = zip_of(ONE)
    start, end = data.index(b"PK\1\2"), data.index(b"PK\5\6")
    entry = data[start:end]
    tail = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 2, 2, 2 * len(entry), start, 0)
    twice = data[:start] + entry * 2 + tail
    assert read(twice) == ([("raw:0", twice)], [Damage(0, len(twice), twice)])


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("pack", [bytes, *STREAMS.values(), zip_of])
def test_utf16_with_a_byte_order_mark_is_read_as_utf8(codec: str, pack) -> None:
    one = '{"ContactId":"Zoë 😀"}'
    text = f"\ufeff{one}\r\n" + TWO.decode()
    found, damage = read(pack(text.encode(codec)))
    assert [data for _, data in found] == [one.encode(), TWO]
    assert [place.rpartition(":")[2] for place, _ in found] == ["0", str(len(one.encode()) + 2)]
    assert damage == []


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    ("unit", "kept"),
    [("\ud800", b"\xed\xa0\x80"), ("\udc00", b"\xed\xb0\x80")],
)
def test_half_of_a_pair_in_utf16_is_not_utf8_and_costs_no_other_line(codec: str, unit: str, kept: bytes) -> None:
    text = f'\ufeff{{"a":1}}\n{{"a":"{unit}"}}\n{{"b":2}}\n'
    decoded = [(p.data, p.decoded) for _, p in read_all(text.encode(codec, "surrogatepass"))]
    assert [data for data, _ in decoded] == [b'{"a":1}', b'{"a":"' + kept + b'"}', b'{"b":2}']
    assert decoded[1][1] == Unreadable("not_utf8")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(("cut", "rest"), [(1, b"\xed\xa0\xbd\xff"), (2, b"\xed\xa0\xbd"), (3, b"\xff")])
def test_utf16_cut_off_within_a_character_keeps_what_is_there(codec: str, cut: int, rest: bytes) -> None:
    data = '\ufeff{"a":1}\n😀'.encode(codec)[:-cut]
    found = read(data)[0]
    assert found[0] == ("0", b'{"a":1}')
    assert found[1][1] is not None
    assert found[1][1].startswith(rest)
    assert len(found[1][1]) == len(rest) + (cut % 2)


def read_all(data: bytes):
    return list(read_payloads(io.BytesIO(data), Decoder(), []))
