"""Compression: the same bytes for any split into members; of a file cut off, a prefix of them."""

import gzip
import io
import zlib

from hypothesis import given
from hypothesis import strategies as st
from zstandard import ZstdCompressor

from jobs.ingest.archive.compression import GZIP, ZSTD, decompress
from jobs.ingest.archive.damage import Damage

TEXTS = st.binary(max_size=300) | st.integers(0, 3).map(lambda n: b'{"ContactId":"c"}' * 10_000 * n)
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
    return ZstdCompressor(level=level, write_checksum=bool(level), write_content_size=level != 1).compress(text)


FORMS = st.sampled_from(["gzip", "zstd"])


@given(FORMS, MEMBERS, LEVELS, PADDING)
def test_any_split_into_members_gives_the_same_bytes(
    form: str, members: list[bytes], level: int, padding: bytes
) -> None:
    data = padding.join(pack(form, text, level) for text in members) + padding
    assert read(data) == (b"".join(members), [])


@given(st.binary().filter(lambda data: not data.startswith((GZIP, ZSTD))))
def test_other_bytes_are_given_as_they_are(data: bytes) -> None:
    assert read(data) == (data, [])


@given(FORMS, MEMBERS, LEVELS, st.data())
def test_a_file_cut_off_gives_a_prefix_and_is_damaged(
    form: str, members: list[bytes], level: int, data: st.DataObject
) -> None:
    packed = [pack(form, text, level) for text in members]
    whole = b"".join(packed)
    end = data.draw(st.integers(len(ZSTD), len(whole)))
    text, damage = read(whole[:end])
    assert b"".join(members).startswith(text)
    complete = [sum(map(len, packed[: n + 1])) for n in range(len(packed))]
    assert text.startswith(b"".join(m for m, after in zip(members, complete, strict=True) if after <= end))
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
    for magic in (GZIP, ZSTD, GZIP + b"\0" * 7, GZIP + b"\x1f" + b"\0" * 6, GZIP + b"\0" * 7 + raw.compress(data)):
        text, damage = read(magic + data)
        assert isinstance(text, bytes)
        assert all(d.offset <= len(magic + data) for d in damage)
