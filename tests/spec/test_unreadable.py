"""Rule 1: what cannot be read; and what must be readable (DESIGN.md, "Decode")."""

import json

import pytest

from tests.support.ledgers import NO_AGENTS, RULES
from tests.support.records import PLAIN, payload
from tests.support.tables import Row, cases, raw
from transforms.records.outcome import outcome

LIMIT = 1_048_576


def _with(text: bytes) -> bytes:
    """The plain call with one more field, which no rule reads."""
    return payload()[:-1] + b',"Unread":' + text + b"}"


def _of_size(size: int) -> bytes:
    """The plain call, made that many bytes long by its unread field."""
    return _with(b'"' + b"x" * (size - len(_with(b'""'))) + b'"')


def _nested(levels: int) -> bytes:
    """The plain call with an unread field, so that the whole is that many levels deep."""
    return _with(b"[" * (levels - 1) + b"]" * (levels - 1))


def _nested_objects(levels: int) -> bytes:
    return _with(b'{"a":' * (levels - 1) + b"1" + b"}" * (levels - 1))


# The payload, written out: `\xff` is a byte, `…` stands for the fields of the plain call.
READABLE = r"""
| case                                  | payload                                  | outcome     | reason        |
|---------------------------------------|------------------------------------------|-------------|---------------|
| a plain answered call                 | {…}                                      | billable    |               |
| a byte order mark before it           | \xef\xbb\xbf{…}                          | billable    |               |
| blanks around it                      | \t {…} \r\n                              | billable    |               |
| an unknown field                      | {…,"New":{"a":[1,null,true]}}            | billable    |               |
| letters of any language in UTF-8      | {…,"Unread":"\xc3\xa9\xe2\x82\xac"}      | billable    |               |
| half an emoji in a field nobody reads | {…,"Unread":"\\ud800"}                   | billable    |               |
| a huge number in a field nobody reads | {…,"Unread":123456789012345678901234567} | billable    |               |
| the last of duplicate keys: a chat    | {…,"Channel":"CHAT"}                     | excluded    | channel       |
| the last of duplicate keys: of a type | {…,"Channel":5,"Channel":"VOICE"}        | billable    |               |
| a letter in Latin-1                   | {…,"Unread":"\xe9"}                      | quarantined | not_utf8      |
| a surrogate half in the bytes         | {…,"Unread":"\xed\xa0\x80"}              | quarantined | not_utf8      |
| half of a letter                      | {…,"Unread":"\xc3"}                      | quarantined | not_utf8      |
| nothing but a byte that is no UTF-8   | \xff                                     | quarantined | not_utf8      |
| an empty payload                      |                                          | quarantined | not_json      |
| a byte order mark alone               | \xef\xbb\xbf                             | quarantined | not_json      |
| two byte order marks                  | \xef\xbb\xbf\xef\xbb\xbf{…}              | quarantined | not_json      |
| words                                 | upstream connect error                   | quarantined | not_json      |
| a record cut off                      | {"ContactId":"call-1","Chan              | quarantined | not_json      |
| something behind the record           | {…} x                                    | quarantined | not_json      |
| two records                           | {…}{…}                                   | quarantined | not_json      |
| a comma too many                      | {…,}                                     | quarantined | not_json      |
| NaN                                   | {…,"Unread":NaN}                         | quarantined | not_json      |
| Infinity                              | {…,"Unread":-Infinity}                   | quarantined | not_json      |
| a number with a leading zero          | {…,"Unread":042}                         | quarantined | not_json      |
| single quotes                         | {'ContactId':'call-1'}                   | quarantined | not_json      |
| a line break within a text            | {…,"Unread":"a\nb"}                      | quarantined | not_json      |
| an escape that JSON does not know     | {…,"Unread":"\\x41"}                     | quarantined | not_json      |
| a record in a list                    | [{…}]                                    | quarantined | not_an_object |
| a number                              | 42                                       | quarantined | not_an_object |
| a text                                | "test message"                           | quarantined | not_an_object |
| null                                  | null                                     | quarantined | not_an_object |
| an object without a field             | {}                                       | quarantined | missing_field |
"""


@pytest.mark.parametrize("row", cases(READABLE))
def test_what_can_be_read(row: Row) -> None:
    fields = json.dumps(PLAIN).encode()[1:-1]
    text = fields.join(raw(part) for part in row["payload"].split("…"))
    found = outcome(text, NO_AGENTS, RULES)
    assert (found.outcome, found.reason or "") == (row["outcome"], row["reason"])


def test_utf_16_is_not_utf_8() -> None:
    text = payload().decode()
    assert outcome(text.encode("utf-16"), NO_AGENTS, RULES).reason == "not_utf8"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(_of_size(LIMIT), None, id="1 MiB is readable"),
        pytest.param(_of_size(LIMIT + 1), "too_large", id="one byte more is not"),
        pytest.param(b"\xff" * (LIMIT + 1), "too_large", id="size is tested before UTF-8"),
        pytest.param(b"[" * (LIMIT + 1), "too_large", id="size is tested before JSON"),
    ],
)
def test_size(data: bytes, reason: str | None) -> None:
    assert outcome(data, NO_AGENTS, RULES).reason == reason


@pytest.mark.parametrize("nested", [_nested, _nested_objects])
def test_up_to_100_levels_work_and_beyond_1000_is_no_json(nested) -> None:
    assert outcome(nested(100), NO_AGENTS, RULES).outcome == "billable"
    assert outcome(nested(1001), NO_AGENTS, RULES).reason == "not_json"
    assert outcome(nested(100_000), NO_AGENTS, RULES).reason == "not_json"


@pytest.mark.parametrize("nested", [_nested, _nested_objects])
@pytest.mark.parametrize("frames", [0, 300])
def test_the_deepest_record_does_not_depend_on_the_stack(nested, frames: int) -> None:
    def deeper(frames: int, payload: bytes) -> str | None:
        return deeper(frames - 1, payload) if frames else outcome(payload, NO_AGENTS, RULES).reason

    assert deeper(frames, nested(512)) is None
    assert deeper(frames, nested(513)) == "not_json"


@pytest.mark.parametrize("nested", [_nested, _nested_objects])
def test_half_an_emoji_anywhere_changes_nothing_of_the_depth(nested) -> None:
    for levels, reason in ((512, None), (513, "not_json")):
        assert outcome(nested(levels)[:-1] + b',"More":"\\ud800"}', NO_AGENTS, RULES).reason == reason


@pytest.mark.parametrize("half", ["\ud800", "x\udfff", "\udc00\ud800"])
@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("Recordings[0].StorageType", "wrong_type"),
        ("Recordings[0].ParticipantType", "wrong_type"),
        ("Recordings[0].Location", None),
        ("Agent.ARN", "wrong_type"),
        ("Agent.Username", None),
        ("Attributes.extensionNumber", "wrong_type"),
        ("Attributes.note", None),
        ("DisconnectReason", "wrong_type"),
        ("LastUpdateTimestamp", "wrong_type"),
        ("Channel", "wrong_type"),
        ("ContactId", "wrong_type"),
    ],
)
def test_half_an_emoji_is_no_text_where_a_rule_reads_one(path: str, reason: str | None, half: str) -> None:
    outer, inner, key = path.partition("[0].")
    value: object = [{key: half, half: half}] if inner else half
    row = outcome(payload(f"{outer} = {json.dumps(value)}"), NO_AGENTS, RULES)
    assert (row.reason, row.detail) == (reason, path if reason else None)


def test_many_brackets_are_not_deep() -> None:
    wide = b"[" + b"[]," * 5000 + b'"{[{["]'
    assert outcome(_with(wide), NO_AGENTS, RULES).outcome == "billable"
