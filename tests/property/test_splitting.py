"""Splitting loses no byte, invents none, and does not depend on how the bytes arrive."""

import json
import re
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tests.oracle import splitting as oracle
from tests.property.strategies import BARE_RECORDS
from transforms.records import decode as decoding
from transforms.records import json_objects as objects
from transforms.records import object_window as window
from transforms.records import split
from transforms.records.decode import Decoder, Unreadable
from transforms.records.payloads import Payload
from transforms.records.split import payloads

BLANKS = b" \t\r\n"
BETWEEN = BLANKS + b",[]"
BOM = b"\xef\xbb\xbf"
How = Callable[[Iterator[bytes], Decoder], Iterator[Payload]]
SEPARATORS = [b"", b"", b" ", b"\n", b"\r\n", b"\n\n", b"\t"]
OBJECTS = [
    *(b'{"a":1}', b'{"b":{"c":2}}', b'{"d":[{"e":1},{"f":2}]}', b"{}", b'{ "g" : "}{" }', b'{\n "h": 1\n}'),
    *(b'{"i":"\xff"}', b'\xef\xbb\xbf{"j":1}', b'{"k":"\\"}{\\""}', b'{"l":{}}', b"{\n}"),
]
GARBAGE = [
    *(b"oops", b'{"m":1,', b'{"n"', b'"', b"}", b",", b"]", b"[", b"{", b"\xef\xbb\xbf", b"\xef", b"\xff"),
    *(b"42", b"NaN", b'{"o":{"p":1}', b'{"q":{"r":1} ', b"\\", b":", b'{"s":nul', b"{ "),
]
MIXES = st.lists(st.sampled_from(OBJECTS) | st.sampled_from(GARBAGE) | st.sampled_from(SEPARATORS), max_size=12)
LIMIT = 64
LONG = st.integers(LIMIT - 12, LIMIT + 4).map(lambda n: b'{"t":"' + b"x" * n + b'"}')
# Blanks of 70 are more than a payload's size, of 600 more than the head of a file.
LONG_MIXES = st.lists(
    LONG | st.sampled_from(OBJECTS) | st.sampled_from([b"junk", b"y" * 70, b" " * 70, b" " * 600, *SEPARATORS]),
    max_size=10,
)
MANY_LINES = st.sampled_from([b"", b'{"a":1}\n' * 21])


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Payloads of up to 64 bytes instead of 1 MiB, so that small files reach the limits."""
    for module in (decoding, objects, split, window):
        monkeypatch.setattr(module, "MAX_PAYLOAD_BYTES", LIMIT)
    monkeypatch.setattr(objects, "_FIRST_WINDOW", LIMIT // 64)
    monkeypatch.setattr(split, "HEAD_BYTES", 8 * LIMIT)
    monkeypatch.setattr(split, "LINE_BYTES", 2 * LIMIT)
    monkeypatch.setattr(window, "MOST_TEXT_BYTES", 2 * LIMIT)
    monkeypatch.setattr(oracle, "LIMIT", LIMIT)


def chunks(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    """The data in chunks of these sizes, the last of which goes on."""
    place = number = 0
    while place < len(data):
        size = sizes[min(number, len(sizes) - 1)]
        yield data[place : place + size]
        place, number = place + size, number + 1


def spans(data: bytes, sizes: list[int], how: How = payloads) -> list[tuple[int, int, str | None]]:
    """The payloads of a file: where each begins and ends (without blanks around it), why it is none."""
    found = []
    for payload in how(chunks(data, sizes), Decoder()):
        text = data[payload.offset : payload.offset + payload.length]
        assert payload.data is None or payload.data == text
        reason = payload.decoded.reason if isinstance(payload.decoded, Unreadable) else None
        found.append((payload.offset, payload.offset + len(text.rstrip(BLANKS + b",[")), reason))
    return found


def check(data: bytes, sizes: list[int]) -> None:
    """The payloads do not overlap, hold all but what separates objects, and are the same for all chunk sizes."""
    whole = spans(data, [max(1, len(data))])
    end = 0
    for begin, after, _ in whole:
        assert end <= begin < after
        assert not data[end:begin].replace(BOM, b"").strip(BETWEEN)
        end = after
    assert not data[end:].replace(BOM, b"").strip(BETWEEN)
    # The head of a file is read as one chunk, so the two ways are also tried without that.
    way = split.by_line if split.is_line_delimited(data, Decoder()) else split.by_object
    for other in ([1], [2], [3], [7], [50], sizes):
        assert spans(data, other) == whole, f"in chunks of {other}"
        assert spans(data, other, way) == whole, f"in chunks of {other}, {way.__name__}"


SIZES = st.lists(st.integers(1, 40), min_size=1, max_size=6)


@given(
    st.lists(BARE_RECORDS, max_size=5),
    st.sampled_from(["stream", "lines", "pretty", "windows", "commas", "list"]),
    SIZES,
)
def test_records_are_given_back(records: list[dict[str, object]], form: str, sizes: list[int]) -> None:
    texts = [json.dumps(r, indent=2 if form == "pretty" else None).encode() for r in records]
    data = {"stream": b"", "windows": b"\r\n", "commas": b",", "list": b",\n"}.get(form, b"\n").join(texts)
    data = b"[" + data + b"]" if form == "list" else data
    found = [data[begin:end] for begin, end, _ in spans(data, sizes)]
    assert found == texts
    check(data, sizes)


@given(MIXES, SIZES)
@example([b'{"m":1,', b'{"a":1}', b"\xef", b"\xbb", b'\xbf{"j":1}'], [1])
def test_records_and_garbage(parts: list[bytes], sizes: list[int]) -> None:
    check(b"".join(parts), sizes)


@given(st.binary(max_size=60), SIZES)
def test_any_bytes(data: bytes, sizes: list[int]) -> None:
    check(data, sizes)


OF_60 = b'{"t":"' + b"x" * 52 + b'"}'
OF_66 = b'{"t":"' + b"x" * 58 + b'"}'
OF_64 = b'{"t":"' + b"x" * 56 + b'"}'
MARKED = b'\xef\xbb\xbf{"j":1}'


# The faults behind the last of the examples took hundreds of generated ones to be found.
@pytest.mark.usefixtures("small_limit")
@settings(max_examples=500)
@given(MANY_LINES, LONG_MIXES, SIZES)
@example(b'{"a":1}\n' * 21, [OF_60, OF_60], [1])
@example(b'{"a":1}\n' * 21, [OF_60, OF_60, OF_60, b"junk\n", OF_60], [1])
@example(b'{"a":1}\n' * 21, [OF_60, b" " * 70, OF_60], [1])
@example(b'{"a":1}\n' * 21, [b" " * 70], [1])
@example(b'{"a":1}\n' * 21, [b" " * 140], [1])
@example(b'{"a":1}\n' * 21, [OF_60, b" " * 600, OF_60], [1])
@example(b"", [OF_66, OF_66, b"junk", OF_60], [1])
@example(b"", [OF_66, MARKED], [69, 5])
@example(b"", [b"junk", b" " * 70], [1])
@example(b"", [b"{}", b" " * 600, b"{}"], [1])
@example(b'{"a":1}\n' * 21, [b"junk", b" " * 600, b"\n"], [1])
@example(b'{"a":1}\n' * 21, [OF_60, b" " * 600, b"\n"], [1])
@example(b'{"a":1}\n' * 21, [OF_60, OF_60, b" " * 70, b"junk\n"], [1])
@example(b'{"a":1}\n' * 21, [OF_64, b"\xef\xbb\xbf", OF_64], [1])
def test_about_the_size_limit(start: bytes, parts: list[bytes], sizes: list[int]) -> None:
    check(start + b"".join(parts), sizes)


def is_settled(data: bytes) -> bool:
    """Whether the specification says how to split this; it leaves three things open.

    A line that is an object but for bytes that are no UTF-8: does it tell that there are lines?
    A byte order mark with blanks behind it: is it a part of the object that follows?
    Two objects in a line with more between them than the head of a file: are they two payloads?
    """
    lines = [line for line in data.split(b"\n") if line.lstrip(b"\xef\xbb\xbf").startswith(b"{")]
    try:
        b"".join(lines).decode()
    except UnicodeDecodeError:
        return False
    far = re.compile(rb"[ \t\r]{%d}" % (split.HEAD_BYTES - decoding.MAX_PAYLOAD_BYTES))
    return re.search(rb"\xef\xbb\xbf[ \t\r\n]", data) is None and far.search(data.rstrip(BLANKS)) is None


@given(MIXES)
def test_the_reference_reading_agrees(parts: list[bytes]) -> None:
    data = b"".join(parts)
    assume(is_settled(data))
    assert [data[begin:end] for begin, end, _ in spans(data, [50])] == oracle.split_text(data)


@pytest.mark.usefixtures("small_limit")
@given(MANY_LINES, LONG_MIXES)
@example(b"", [OF_66, OF_66, b"junk", OF_60])
@example(b'{"a":1}\n' * 21, [OF_60, b" " * 70, OF_60])
@example(b'{"a":1}\n' * 21, [OF_60, b" " * 600])
def test_the_reference_reading_agrees_about_the_size_limit(start: bytes, parts: list[bytes]) -> None:
    data = start + b"".join(parts)
    assume(is_settled(data))
    assert [data[begin:end] for begin, end, _ in spans(data, [50])] == oracle.split_text(data)


@pytest.mark.parametrize("start", [b'{"a":1}\n' * 30, b'{"a":1}oops{"b":1}'], ids=["lines", "stream"])
@pytest.mark.parametrize("filler", [b"x", b"{", b'"', b"1,"])
def test_memory_stays_flat(start: bytes, filler: bytes) -> None:
    """96 MiB without a record between two records are let go as they are read."""
    mebibytes = chain([start], (filler * (1 << 20) for _ in range(96)), [b'\n{"z":1}\n'])
    tracemalloc.start()
    try:
        found = [payload.data for payload in payloads(mebibytes, Decoder())]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found[-2:] == [None, b'{"z":1}']
    assert peak < 48 << 20


@pytest.mark.parametrize("separator", [b"", b",", b",\n"])
def test_memory_stays_flat_in_a_list(separator: bytes) -> None:
    """One array of 64 MiB is read as lines are."""
    record = b'{"ContactId":"' + b"x" * 2000 + b'"}'
    elements = (separator.join([record] * 500) + separator for _ in range(64))
    tracemalloc.start()
    try:
        count = sum(payload.data == record for payload in payloads(chain([b"["], elements, [b"]"]), Decoder()))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 64 * 500
    assert peak < 48 << 20


# What a worker can read, but less: reading levels without an end costs the square of their number.
LEVELS = 240
LEVEL = {
    b'{"a":': b"}",
    b"[": b"]",
    b'{"{":{"a":': b"}}",
    b'{"a":{"b":1},"c":': b"}",
    b'{"k":[{"n":1,"o":{"p":[]},"a":': b"}]}",
    b'{"x":["{",":1}"],"a":': b"}",
}


def nested(opening: bytes, opened: int, closed: int, rest: bytes = b"x") -> bytes:
    """So many levels in percent of what can be read, so many of them closed, and what follows."""
    levels = LEVELS // len(LEVEL[opening])
    return opening * (levels * opened // 100) + b"1" + LEVEL[opening] * (levels * closed // 100) + rest


DEEP = st.builds(
    nested,
    st.sampled_from(sorted(LEVEL)),
    st.sampled_from([1, 30, 60, 95, 105, 160, 200]),
    st.sampled_from([0, 1, 30, 60, 65, 95, 160]),
    st.sampled_from([b"", b"x", b'"', b",", b"\xff", b'{"b":2}']),
)
A = b'{"a":'


@contextmanager
def few_levels() -> Iterator[None]:
    """Hypothesis has raised what can be read, so that nothing would be too deep."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(LEVELS)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


@given(st.lists(DEEP, min_size=1, max_size=2), st.sampled_from([1 << 20, 9 * LEVELS]))
@example([nested(A, 105, 65)], 1 << 20)
@example([nested(A, 105, 65), nested(A, 200, 0)], 1 << 20)
@example([A * 3, b'{"x":["{",":1}"],"a":', nested(A, 200, 0)], 1 << 20)
@settings(max_examples=40)
def test_what_is_passed_over_as_too_deep_holds_no_record(pieces: list[bytes], size: int) -> None:
    data = b"".join(pieces)
    with few_levels(), pytest.MonkeyPatch.context() as patch:
        passing = spans(data, [size])
        patch.setattr(window, "past_too_deep", lambda *_: objects.NO_OBJECT)
        assert spans(data, [size]) == passing


def test_levels_without_an_end_are_not_read_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(
        window, "find_object", lambda data, start: asked.append(start) or objects.find_object(data, start)
    )
    data = b'{"a":' * 100_000 + b'{"b":2}'
    assert [(begin, reason) for begin, _, reason in spans(data, [len(data)])] == [(0, "not_json"), (500_000, None)]
    assert len(asked) < 3_000
