"""Whatever the bytes: one payload is one outcome row, and the row says what it may say."""

import json
import time
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.outcome import REASONS, UNKNOWN_DATE, OutcomeRow
from tests.property.strategies import RECORD_BYTES, VALUES, damaged, histories
from tests.support.ledgers import NO_AGENTS, RULES
from tests.support.records import payload
from transforms.records.decode import Decoder
from transforms.records.extension import AgentHistory
from transforms.records.outcome import classify_payload, outcome, outcomes, stream_outcomes
from transforms.records.payloads import Payload
from transforms.records.split import take_apart

JSON_BITS = st.lists(
    st.sampled_from([*'{}[]",:\\ \n', '{"', '"}', "null", "true", "1", "-", "1e5", "\\u", "d800", "ContactId"])
).map("".join)
UNREADABLE = ("not_utf8", "not_json", "not_an_object", "too_large")


def check(row: OutcomeRow) -> None:
    """What holds for every row of the ledger."""
    assert row.reason in REASONS[row.outcome]
    assert (row.reason is None) == (row.outcome == "billable")
    assert row.detail is None or row.outcome == "quarantined"
    assert (row.initiated_at is None) == (row.billing_date == UNKNOWN_DATE)
    if row.outcome in ("billable", "held"):
        assert None not in (row.contact_id, row.call_type, row.updated_at, row.connected_at, row.disconnected_at)
        assert row.talk_seconds >= 0
        assert row.hold_seconds >= 0
        assert (row.extension is None) == (row.outcome == "held")
    else:
        assert row.extension is None
    for number in (row.initiated_at, row.connected_at, row.updated_at, row.talk_seconds, row.hold_seconds):
        assert number is None or -(2**63) <= number < 2**63
    for text in (row.contact_id, row.agent_id, row.patient_phone, row.detail):
        assert text is None or text.encode()


@given(st.binary(max_size=200))
@example(b"\xef\xbb\xbf")
@example(b'{"ContactId":"\xed\xa0\x80"}')
def test_any_bytes(data: bytes) -> None:
    check(outcome(data, NO_AGENTS, RULES))


DEEP = [b'{"x":' + b"[" * depth + b"]" * depth + b"}" for depth in (40, 511, 512)]
HALVES = [b'{"x":"\xc3', b'\xa9"}', b'{"x":"\xc3\xa9"}', b"\xef\xbb\xbf{}", b"", b" ", b"{}" * 300]
TOGETHER = st.lists(RECORD_BYTES | st.sampled_from([*DEEP, *HALVES, payload("")]) | st.binary(max_size=8), max_size=40)


@given(TOGETHER, histories())
@example([DEEP[0], payload(""), *HALVES, DEEP[2], payload("")], NO_AGENTS)
def test_payloads_that_are_read_together_are_what_they_are_alone(data: list[bytes], agents: AgentHistory) -> None:
    assert outcomes(data, agents, RULES) == [outcome(one, agents, RULES) for one in data]


def taken_apart(value: bytes) -> list[Payload]:
    decoder = Decoder()
    return list(take_apart(Payload(0, len(value), value, decoder.decode(value)), decoder))


@given(TOGETHER.map(lambda data: [*data, b"", None]), st.randoms(use_true_random=False))
def test_a_streams_values_are_payloads_or_empty(values: list[bytes | None], random: Random) -> None:
    random.shuffle(values)
    empty = OutcomeRow("excluded", "empty")
    for value, row in zip(values, stream_outcomes(values, NO_AGENTS, RULES), strict=True):
        inner = [part.decoded for part in taken_apart(value)] if value else []
        if len(inner) > 1:
            assert (row.outcome, row.reason) == ("quarantined", "several_records")
        else:
            assert row == (classify_payload(inner[0], NO_AGENTS, RULES) if inner else empty)


@given(JSON_BITS)
def test_what_looks_like_json(text: str) -> None:
    row = outcome(text.encode(), NO_AGENTS, RULES)
    check(row)
    try:
        readable = isinstance(json.loads(text), dict)
    except ValueError:
        readable = False
    assert (row.reason not in UNREADABLE) == readable


@given(RECORD_BYTES, histories())
def test_records_and_what_is_nearly_one(data: bytes, agents: AgentHistory) -> None:
    row = outcome(data, agents, RULES)
    check(row)
    assert row.reason not in UNREADABLE
    # Whatever was judged before it.
    assert outcomes([payload(""), data, DEEP[2], data], agents, RULES)[1::2] == [row, row]


@given(damaged())
def test_damaged_records(data: bytes) -> None:
    check(outcome(data, NO_AGENTS, RULES))


@given(VALUES)
def test_a_field_that_no_rule_reads_changes_nothing(value: object) -> None:
    data = payload()[:-1] + b',"Unread":' + json.dumps(value).encode() + b"}"
    assert outcome(data, NO_AGENTS, RULES) == outcome(payload(), NO_AGENTS, RULES)


@given(RECORD_BYTES, st.integers(0, 4))
def test_the_order_of_keys_and_blanks_change_nothing(data: bytes, indent: int) -> None:
    record = json.loads(data)
    again = json.dumps(dict(reversed(record.items())), indent=indent or None, ensure_ascii=True).encode()
    first, second = outcome(data, NO_AGENTS, RULES), outcome(b" " + again + b"\r\n", NO_AGENTS, RULES)
    first.detail = second.detail = None  # the first of several wrong fields
    assert first == second


# Not generated, because Hypothesis lets functions call one another deeper than a worker does.
@pytest.mark.parametrize("depth", [1, 100, 250, 400, 480, 500, 511, 512, 513, 900, 1000, 1001, 3000, 100_000])
@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'{"a":[', b'[{"Agent":'])
def test_nesting(depth: int, opening: bytes) -> None:
    closing = opening[::-1].translate(bytes.maketrans(b"{[", b"}]"), delete=b'":aAgent')
    nested = b',"Unread":' + opening * depth + b"1" + closing * depth + b"}"
    check(outcome(opening * depth, NO_AGENTS, RULES))
    check(outcome(opening * depth + b"1" + closing * depth, NO_AGENTS, RULES))
    levels = 1 + depth * (opening.count(b"[") + opening.count(b"{"))
    reasons = (None,) if levels <= 512 else ("not_json", "too_large")
    assert outcome(payload()[:-1] + nested, NO_AGENTS, RULES).reason in reasons
    for wrong in ('ContactId = "\\ud800"', "ContactId = 5"):
        row = outcome(payload(wrong)[:-1] + nested, NO_AGENTS, RULES)
        check(row)
        assert row.reason in (("wrong_type",) if levels <= 512 else ("not_json", "too_large"))


@pytest.mark.parametrize("digits", [19, 20, 400, 5000, 100_000])
@pytest.mark.parametrize("field", ["ContactId", "Agent", "Queue", "Unread", "EventType"])
def test_huge_numbers(digits: int, field: str) -> None:
    for number in (b"9" * digits, b"-" + b"9" * digits, b"1." + b"9" * digits, b"1e" + b"9" * digits):
        check(outcome(payload()[:-1] + b',"%s":%s}' % (field.encode(), number), NO_AGENTS, RULES))


def test_a_text_without_end_is_read_in_linear_time() -> None:
    """Quadratic time takes 45 minutes for the largest payload; it would take seconds for this one."""
    data = b'{"a":"' + b'{\\"' * 16_000
    started = time.process_time()
    assert outcome(data, NO_AGENTS, RULES).reason == "not_json"
    assert time.process_time() - started < 1
