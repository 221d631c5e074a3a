"""Splitting a file into payloads: text in, payloads out."""

import gzip
import io
from collections.abc import Iterator

import pytest

from jobs.ingest.archive.damage import Damage
from jobs.ingest.archive.reader import read_payloads
from schemas.billing_rules import MAX_PAYLOAD_BYTES
from tests.support.compressions import STREAMS, zip_of
from tests.support.tables import Row, cases, raw
from transforms.records.decode import Decoder, Unreadable
from transforms.records.split import payloads

# One of the first lines is an object by itself: every line is a payload. `/` is between payloads.
LINES = r"""
| text                              | payloads                           | why                                     |
|-----------------------------------|------------------------------------|-----------------------------------------|
| {"a":1}\n{"b":2}\n                | {"a":1} / {"b":2}                  |                                         |
| {"a":1}\n{"b":2}                  | {"a":1} / {"b":2}                  | no line break at the end                |
| {"a":1}\r\n{"b":2}\r\n            | {"a":1} / {"b":2}                  | line ends of Windows                    |
| \n\n{"a":1}\n \t\n\r\n{"b":2}\n\n | {"a":1} / {"b":2}                  | blank lines are no payloads             |
| {"a":1}\n  {"b":2}  \n            | {"a":1} / {"b":2}                  |                                         |
| {"a":1}                           | {"a":1}                            | one line                                |
| \xef\xbb\xbf{"a":1}\n{"b":2}\n    | \xef\xbb\xbf{"a":1} / {"b":2}      | a byte order mark                       |
| {"a":1}\noops\n{"b":2}\n          | {"a":1} / oops / {"b":2}           | a line that is none is its own payload  |
| {"a":1}\n{"b":2\n{"c":3}\n        | {"a":1} / {"b":2 / {"c":3}         | a broken line does not touch the next   |
| {"a":1}\n{"b":\n2}\n              | {"a":1} / {"b": / 2}               | nor does one in two halves              |
| {"a":1}\n42\n"text"\n[{"b":2}]\n  | {"a":1} / 42 / "text" / {"b":2}    | a list is what it holds                 |
| {"a":1},\n{"b":2},\n{"c":3},\n    | {"a":1} / {"b":2} / {"c":3}        | a comma after each                      |
| [\n{"a":1},\n{"b":2}\n]\n         | {"a":1} / {"b":2}                  | an element a line                       |
| [{"a":1}\n,{"b":2}\n,{"c":3}]     | {"a":1} / {"b":2} / {"c":3}        |                                         |
| {"a":1}\noops,\n[oops]\n{"b":2}\n | {"a":1} / oops / oops] / {"b":2}   |                                         |
| {"a":1}\n{"b":2}oops\n{"c":3}\n    | {"a":1} / {"b":2} / oops / {"c":3} | an object and what follows it           |
| {"a":1}\n{"b":\n{"ContactId":2},1\n | {"a":1} / {"b": / {"ContactId":2} / 1 |                                      |
| {"a":1}\n{"b":2}{"c":3}\n         | {"a":1} / {"b":2} / {"c":3}        | several objects in a line               |
| {"a":1}{"b":2}\n{"c":3}\n         | {"a":1} / {"b":2} / {"c":3}        |                                         |
| {"a":1}\n{"b":2} {"c":3}{}\n      | {"a":1} / {"b":2} / {"c":3} / {}   |                                         |
| {"a":1}\n{"b":2}{"c":3}oops\n     | {"a":1} / {"b":2} / {"c":3} / oops | and what follows them                   |
| oops\n{"a":1}\n{"b":\n            | oops / {"a":1} / {"b":             | the object need not come first          |
| {"a":"\xff"}\n{"b":2}\n           | {"a":"\xff"} / {"b":2}             | another line tells that there are lines |
| {"a":"}\\n{"}\n{"b":2}\n          | {"a":"}\\n{"} / {"b":2}            | an escaped line break is none           |
"""

# No line is an object by itself: objects follow one another, with or without blanks.
STREAM = r"""
| text                              | payloads                                | why                                  |
|-----------------------------------|-----------------------------------------|--------------------------------------|
| {"a":1}{"b":2}{"c":3}             | {"a":1} / {"b":2} / {"c":3}             | as Firehose writes them              |
| {"a":1} {"b":2}\n\t{"c":3}\r\n    | {"a":1} / {"b":2} / {"c":3}             |                                      |
| {\n "a": 1\n}\n{\n "b": 2\n}\n    | {\n "a": 1\n} / {\n "b": 2\n}           | indented                             |
| {\n}{\n}                          | {\n} / {\n}                             |                                      |
| {"a":1}{}{"b":2}                  | {"a":1} / {} / {"b":2}                  |                                      |
| {"a":{"b":[{"c":1}]}}{"d":2}      | {"a":{"b":[{"c":1}]}} / {"d":2}         |                                      |
| {"a":"}{"}{"b":"\\"}{\\""}        | {"a":"}{"} / {"b":"\\"}{\\""}           | brackets within texts                |
| {"a":1}oops{"b":2}                | {"a":1} / oops / {"b":2}                | what does not decode is one payload  |
| {"a":1} oops oops\n {"b":2}       | {"a":1} / oops oops / {"b":2}           |                                      |
| oops{"a":1}{"b":2}                | oops / {"a":1} / {"b":2}                |                                      |
| {"a":1}{"b":2}oops                | {"a":1} / {"b":2} / oops                |                                      |
| {"a":1{"b":2}{"c":3}              | {"a":1 / {"b":2} / {"c":3}              | a record that is cut off             |
| {"a":1,"x":{"b":2},"c{"d":4}      | {"a":1,"x":{"b":2},"c / {"d":4}         | what a comma follows is a part of it |
| {"a":[{"b":2}] x{"d":4}           | {"a":[{"b":2}] x / {"d":4}              | and so is what a bracket follows     |
| {"a":{"b":2}\n } x{"d":4}         | {"a":{"b":2}\n } / x / {"d":4}          |                                      |
| {"a" {"b":{"c":2} } {"d":4}       | {"a" / {"b":{"c":2} } / {"d":4}         |                                      |
| [{"a":1},{"b":2}]                 | {"a":1} / {"b":2}                       | a list is what it holds              |
| [[{"a":1}],[{"b":2},{"c":3}]]     | {"a":1} / {"b":2} / {"c":3}             | and so are lists in it               |
| {"a":1}, {"b":2} ,{"c":3}         | {"a":1} / {"b":2} / {"c":3}             | commas between objects are nothing   |
| [\n {"a":1},\n {"b":2}\n]         | {"a":1} / {"b":2}                       | indented                             |
| [{"a":1},oops,{"ContactId":2},1]  | {"a":1} / oops / {"ContactId":2} / 1]   | a record ends what does not decode   |
| [{"a":1},oops,{"AgentARN":2},1]   | {"a":1} / oops / {"AgentARN":2} / 1]    |                                      |
| [{"a":1},oops,{"b":2},{"c":3}]    | {"a":1} / oops,{"b":2},{"c":3}]         | an object without an id does not     |
| \xef\xbb\xbf[{"a":1},{"b":2}]      | {"a":1} / {"b":2}                       | a byte order mark before a list      |
| 42{"a":1}"text"{"b":2}            | 42 / {"a":1} / "text" / {"b":2}         |                                      |
| oops                              | oops                                    |                                      |
| {"a":1}{"b":"\xff"}{"c":3}        | {"a":1} / {"b":"\xff"} / {"c":3}        | an object that is no UTF-8 is one    |
| {"a":1}\xef\xbb\xbf{"b":2}{"c":3} | {"a":1} / \xef\xbb\xbf{"b":2} / {"c":3} | a byte order mark                    |
| {"a":1}oops\xef\xbb\xbf{"b":2}    | {"a":1} / oops / \xef\xbb\xbf{"b":2}    |                                      |
| {"a":1}                           | {"a":1}                                 |                                      |
| {"a":NaN}oops{"b":2}              | {"a":NaN}oops / {"b":2}                 | NaN is no JSON, so that this is none |
| {"a":-Infinity}oops{"b":2}        | {"a":-Infinity}oops / {"b":2}           |                                      |
"""

NOTHING = r"""
| text          |
|---------------|
| \n            |
| \x20\t\r\n \n |
"""


def split(data: bytes, damage: list[Damage] | None = None) -> list[bytes]:
    """The payloads of a file, without the blanks around them."""
    found: Iterator = read_payloads(io.BytesIO(data), Decoder(), [] if damage is None else damage)
    return [payload.data.strip(b" \t\r\n") for _, payload in found]


PACKS = {"plain": bytes, **STREAMS, "zip": zip_of, "gzip in gzip": lambda data: gzip.compress(gzip.compress(data))}


@pytest.mark.parametrize("row", [*cases(LINES), *cases(STREAM)])
@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
def test_split(row: Row, pack) -> None:
    damage: list[Damage] = []
    assert split(pack(raw(row["text"])), damage) == [raw(p) for p in row["payloads"].split(" / ")]
    assert damage == []


@pytest.mark.parametrize("row", cases(NOTHING))
def test_blanks_are_no_payload(row: Row) -> None:
    assert split(raw(row["text"])) == []
    assert split(b"") == split(gzip.compress(b"")) == split(zip_of(b"", b"\n")) == []


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("row", [c for c in [*cases(LINES), *cases(STREAM)] if r"\xff" not in c.values[0]["text"]])
def test_utf16_with_a_byte_order_mark_is_split_as_utf8(row: Row, codec: str) -> None:
    text = ("\ufeff" + raw(row["text"]).decode()).encode(codec)
    assert split(text) == [raw(p) for p in row["payloads"].split(" / ")]


@pytest.mark.parametrize("size", [1, 16, 1 << 20])
@pytest.mark.parametrize(("noise", "by_line"), [(0, True), (10, True), (19, True), (20, False)])
def test_one_of_the_first_20_lines_that_are_not_blank(noise: int, by_line: bool, size: int) -> None:
    lines = [b"noise %d" % n for n in range(noise)]
    text = b"\n \n".join([*lines, b'{"a":1}', b"noise", b"more noise"])
    chunks = (text[place : place + size] for place in range(0, len(text), size))
    found = [payload.data.strip() for payload in payloads(chunks, Decoder())]
    if by_line:
        assert found == [*lines, b'{"a":1}', b"noise", b"more noise"]
    else:
        assert found == [b"\n \n".join(lines), b'{"a":1}', b"noise\n \nmore noise"]


def test_an_object_in_another_column_tells_no_lines() -> None:
    assert split(b'one\ntwo\n {"a":1}\nthree\nfour\n') == [b"one\ntwo", b'{"a":1}', b"three\nfour"]
    assert split(b'one\ntwo\n{"a":1}\nthree\nfour\n') == [b"one", b"two", b'{"a":1}', b"three", b"four"]


def test_the_end_of_a_line_does_not_count_to_the_size_of_its_record() -> None:
    """The same record arrives alone in the live job, where it is just small enough."""
    record = b'{"a":"' + b"x" * (MAX_PAYLOAD_BYTES - 8) + b'"}'
    found = list(read_payloads(io.BytesIO(b'{"b":2}\r\n' + record + b"\r\n"), Decoder(), []))
    assert not isinstance(Decoder().decode(record), Unreadable)
    assert [isinstance(payload.decoded, Unreadable) for _, payload in found] == [False, False]


@pytest.mark.parametrize("members", [1, 2, 3])
def test_gzip_may_have_any_number_of_members(members: int) -> None:
    assert split(gzip.compress(b'{"a":1}{"b":2}') * members) == [b'{"a":1}', b'{"b":2}'] * members


def test_of_a_truncated_member_what_still_decompresses_is_read_and_the_file_is_damaged() -> None:
    damage: list[Damage] = []
    whole = gzip.compress(b'{"a":1}{"b":2}')
    cut = gzip.compress(b'{"c":3}{"d":4}', compresslevel=0)[:-15]  # 8 bytes of trailer, 7 of the text
    assert split(whole + cut, damage) == [b'{"a":1}', b'{"b":2}', b'{"c":3}']
    assert len(damage) == 1


# What opens a level, so that hundreds of them are too deep; the last ones hold objects and texts of their own.
LEVELS = [b'{"a":', b'{"a":[', b'[{"a":', b'{"a":{"b":1},"c":', b'{"{":', b'{"x":["}",{"y":2}],"a":']


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("size", [1 << 20, 4_000])
def test_records_between_levels_without_an_end_are_payloads(level: bytes, size: int) -> None:
    deep, record, other = level * 1_500, b'{"b":{"c":2}}', b'{"d":4}'
    text = deep + record + b"\n" + deep + other + record
    chunks = (text[place : place + size] for place in range(0, len(text), size))
    found = [(payload.offset, payload.data) for payload in payloads(chunks, Decoder())]
    # Brackets before an object, or before what is none, belong to neither.
    bare, bracket = deep.strip(b"["), int(deep.startswith(b"["))
    assert [data for _, data in found] == [bare, record, bare, other, record]
    assert [offset for offset, _ in found] == [
        bracket,
        len(deep),
        len(deep + record) + 1 + bracket,
        *(text.rindex(o) for o in (other, record)),
    ]
