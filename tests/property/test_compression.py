"""Compression: the same bytes for any split into members; of a file cut off, a prefix of them."""

import bz2
import gzip
import io
import zipfile
import zlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from zstandard import ZstdCompressor

from jobs.ingest.archive.compression.nesting import DEEPEST, contents, decompress
from jobs.ingest.archive.damage import Damage
from tests.support.compressions import SNAPPY_IDENTIFIER, STREAMS, framed_snappy, hadoop_snappy, zip_of

# Bytes that are a form themselves, and would be opened.
MAGIC = (b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"BZh", SNAPPY_IDENTIFIER, b"PK\3\4", b"PK\5\6", b"\0")
TEXTS = st.binary(max_size=300).filter(lambda data: not data.startswith(MAGIC)) | st.integers(0, 3).map(
    lambda n: b'{"ContactId":"c"}' * 10_000 * n
)
MEMBERS = st.lists(TEXTS, min_size=1, max_size=4)
LEVELS = st.sampled_from([0, 1, 9])
# What lies between members: nothing, zeros as tapes have them, or bytes of something else.
PADDING = st.sampled_from([b"", b"\0", b"\0" * 600])
JUNK = st.sampled_from([b"x", b"\x1f", b"\x1f\x8b", b"junk" * 100, b"\0\0x\0"])


def read(data: bytes) -> tuple[bytes, list[Damage]]:
    damage: list[Damage] = []
    return b"".join(decompress(io.BytesIO(data), damage)), damage


def pack(form: str, text: bytes, level: int) -> bytes:
    if form == "gzip":
        return gzip.compress(text, level, mtime=0)
    if form == "bzip2":
        return bz2.compress(text, level or 1)
    if form == "snappy":
        return framed_snappy(text)
    return ZstdCompressor(level=level, write_checksum=bool(level), write_content_size=level != 1).compress(text)


# Hadoop's Snappy has no magic number, hence no members that could be told from what is between them.
FORMS = st.sampled_from(["gzip", "zstd", "bzip2", "snappy"])


@given(FORMS, MEMBERS, LEVELS, PADDING)
def test_any_split_into_members_gives_the_same_bytes(
    form: str, members: list[bytes], level: int, padding: bytes
) -> None:
    data = padding.join(pack(form, text, level) for text in members) + padding
    assert read(data) == (b"".join(members), [])


@given(st.binary().filter(lambda data: not data.startswith(MAGIC)))
def test_other_bytes_are_given_as_they_are(data: bytes) -> None:
    assert read(data) == (data, [])


@given(FORMS, MEMBERS, LEVELS, st.data())
def test_a_file_cut_off_gives_a_prefix_and_is_damaged(
    form: str, members: list[bytes], level: int, data: st.DataObject
) -> None:
    packed = [pack(form, text, level) for text in members]
    whole = b"".join(packed)
    end = data.draw(st.integers(min(10, len(whole)), len(whole)))  # the longest magic number
    text, damage = read(whole[:end])
    assert b"".join(members).startswith(text)
    complete = [sum(map(len, packed[: n + 1])) for n in range(len(packed))]
    assert text.startswith(b"".join(m for m, after in zip(members, complete, strict=True) if after <= end))
    if form == "snappy":  # whose streams may end after any chunk
        assert not (damage and end in complete)
    else:
        assert bool(damage) == (end not in complete)


@given(st.binary(min_size=1, max_size=2000), st.data())
def test_of_a_stored_gzip_member_every_whole_byte_is_salvaged(text: bytes, data: st.DataObject) -> None:
    whole = gzip.compress(text, 0, mtime=0)
    header = len(whole) - len(text) - 8
    kept = data.draw(st.integers(0, len(text)))
    assert read(whole[: header + kept])[0] == text[:kept]


@given(FORMS, MEMBERS, JUNK, st.data())
def test_bytes_between_members_are_reported_and_cost_no_member(
    form: str, members: list[bytes], junk: bytes, data: st.DataObject
) -> None:
    # To Snappy, this looks like the header of a chunk.
    assume(form != "snappy" or junk != b"\0\0x\0")
    packed = [pack(form, text, 1) for text in members]
    place = data.draw(st.integers(1, len(packed)))
    before = b"".join(packed[:place])
    text, damage = read(before + junk + b"".join(packed[place:]))
    assert text == b"".join(members)
    assert [(d.offset, d.length, d.data) for d in damage] == [(len(before), len(junk), junk)]


@given(MEMBERS, st.data())
def test_a_broken_member_costs_no_other(members: list[bytes], data: st.DataObject) -> None:
    packed = [pack("gzip", text, 9) for text in members]
    place = data.draw(st.integers(0, len(packed) - 1))
    broken = bytearray(packed[place])
    broken[-5] ^= 0xFF  # its checksum
    text, damage = read(b"".join([*packed[:place], bytes(broken), *packed[place + 1 :]]))
    assert text == b"".join(members)
    assert damage


@given(st.binary(max_size=300))
def test_hostile_members_never_raise(data: bytes) -> None:
    raw = zlib.compressobj(wbits=-15)
    gzip_magic, snappy = b"\x1f\x8b\x08", b"\xff\x06\0\0sNaPpY"
    for magic in (
        gzip_magic,
        b"\x28\xb5\x2f\xfd",
        gzip_magic + b"\0" * 7,
        gzip_magic + b"\x1f" + b"\0" * 6,
        gzip_magic + b"\0" * 7 + raw.compress(data),
        b"BZh91AY&SY",
        snappy,
        snappy + b"\0\x05\0\0",
        hadoop_snappy(b"a") + b"\0\0\0\7\0\0\0\7",
        zip_of(data)[:60],
    ):
        for whole in (magic + data, STREAMS["snappy"](magic + data)):
            text, damage = read(whole)
            assert isinstance(text, bytes)
            assert all(d.offset <= len(magic + data) + 20 for d in damage)


CONTENTS = st.binary(max_size=40).map(lambda data: b'{"a":1}' + data)
WRAPPINGS = st.lists(st.sampled_from([*STREAMS, "zip"]), max_size=DEEPEST)


@given(CONTENTS, WRAPPINGS)
def test_compressions_may_be_nested_in_any_order(data: bytes, forms: list[str]) -> None:
    whole = data
    for form in forms:
        whole = zip_of(whole) if form == "zip" else STREAMS[form](whole)
    assert read(whole) == (data, [])


@given(CONTENTS, st.lists(st.sampled_from([*STREAMS, "zip"]), min_size=DEEPEST + 1, max_size=DEEPEST + 2))
def test_deeper_ones_are_reported_with_their_bytes_and_not_opened(data: bytes, forms: list[str]) -> None:
    layers = [data]
    for form in forms:
        layers.append(zip_of(layers[-1]) if form == "zip" else STREAMS[form](layers[-1]))
    text, damage = read(layers[-1])
    assert text == b""
    assert [(d.offset, d.data) for d in damage] == [(0, layers[len(forms) - DEEPEST])]


@given(st.lists(CONTENTS, max_size=5), st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2]))
def test_each_member_of_a_zip_file_is_a_content_of_its_own(members: list[bytes], method: int) -> None:
    damage: list[Damage] = []
    found = [
        (content.member, b"".join(content.chunks))
        for content in contents(io.BytesIO(zip_of(*members, method=method)), damage)
    ]
    assert found == [(f"{number}:", data) for number, data in enumerate(members, 1)]
    assert damage == []


@given(CONTENTS.map(lambda data: data * 40), st.sampled_from([*STREAMS, "zip"]), st.data())
def test_what_a_cut_off_nested_member_still_has_is_read_and_the_file_is_damaged(
    data: bytes, form: str, draw: st.DataObject
) -> None:
    inner = gzip.compress(data, 0, mtime=0)
    cut = inner[: draw.draw(st.integers(10, len(inner) - 1))]
    text, damage = read(zip_of(cut) if form == "zip" else STREAMS[form](cut))
    assert data.startswith(text)
    assert len(text) >= min(len(cut) - 15, len(data))
    assert [(d.length, d.member, d.layer) for d in damage] == [(0, "1:" if form == "zip" else "", 2)]


@pytest.mark.parametrize("form", ["gzip", "bzip2"])
@given(data=CONTENTS)
def test_of_a_member_with_a_wrong_checksum_everything_is_read(form: str, data: bytes) -> None:
    for is_nested in (False, True):
        broken = bytearray(STREAMS[form](data))
        # bzip2: the checksum of the block, of which the magic number has four bytes and six.
        broken[-8 if form == "gzip" else 10] ^= 1
        text, damage = read(STREAMS["zstd"](bytes(broken)) if is_nested else bytes(broken))
        # The library never gives the last byte of a block that it refuses.
        assert text == (data if form == "gzip" else data[:-1])
        assert damage


@given(st.binary(max_size=300_000).map(lambda data: b"{" + data), st.integers(1, 1 << 16), st.integers(1, 1 << 18))
def test_hadoops_blocks_may_have_any_size(data: bytes, chunk: int, block: int) -> None:
    assume(chunk > 100 or len(data) < 10_000)
    assert read(hadoop_snappy(data, chunk, max(chunk, block))) == (data, [])


@pytest.mark.parametrize("size", [1, 65_536, 65_537, 300_000, 3_000_000])
def test_streams_of_many_chunks(size: int) -> None:
    data = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    assert [form for form, compress in STREAMS.items() if read(compress(data)) != (data, [])] == []


def test_a_broken_chunk_of_snappy_costs_no_other() -> None:
    data = bytes(range(256)) * 1024
    for compress in (framed_snappy, lambda text: hadoop_snappy(text, 1 << 16)):
        whole = bytearray(compress(data))
        at = whole.index(data[:200], len(whole) // 2)
        whole[at - 2 : at] = b"\x05\0"  # a copy of what is 0 bytes before, in place of a text's length
        text, damage = read(bytes(whole))
        assert text == data[: 1 << 16] * 3
        assert len(damage) == 1
        assert damage[0].data == bytes(whole[damage[0].offset : damage[0].offset + damage[0].length])
