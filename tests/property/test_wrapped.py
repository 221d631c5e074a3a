"""Records in any of the forms in which archives hold them, and in these again, are given back; so is what is none."""

import base64
import gzip
import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.property.strategies import BARE_RECORDS
from transforms.records import payloads as opening
from transforms.records.decode import Decoder
from transforms.records.payloads import Payload
from transforms.records.split import payloads, take_apart

Wrap = Callable[[list[bytes]], bytes]
# Nobody takes these for a part of an object, a text or base64.
GARBAGE = st.sampled_from([b"oops", b"42", b"no record here", b"}", b"<xml/>", b"\xff\xfe"])
ITEMS = st.lists(BARE_RECORDS.map(lambda record: json.dumps(record).encode()) | GARBAGE, min_size=1, max_size=5)


def text(item: bytes) -> str:
    return item.decode("latin-1")


def encoded(item: bytes) -> str:
    return base64.b64encode(item).decode()


def entries(name: str, entry: Callable[[bytes], object], **more: object) -> Wrap:
    """An envelope with an entry for each item."""
    return lambda items: json.dumps({**more, name: [entry(item) for item in items]}).encode()


# Each holds the items one by one, whatever they are.
ENVELOPES: dict[str, Wrap] = {
    "Lambda, Kinesis": entries("Records", lambda i: {"kinesis": {"data": encoded(i), "partitionKey": "p"}}),
    "Lambda, SQS": entries("Records", lambda i: {"messageId": "m", "body": text(i)}),
    "Lambda, SNS": entries("Records", lambda i: {"EventSource": "aws:sns", "Sns": {"Message": text(i)}}),
    "Lambda, Kafka": lambda items: json.dumps({"records": {"t-0": [{"value": encoded(i)} for i in items]}}).encode(),
    "Firehose, transformation": entries("records", lambda i: {"recordId": "r", "data": encoded(i)}, invocationId="i"),
    "get-records": entries("Records", lambda i: {"SequenceNumber": "1", "Data": encoded(i), "PartitionKey": "p"}),
    "receive-message": entries("Messages", lambda i: {"MessageId": "m", "Body": text(i)}),
    "CloudWatch Logs": entries("logEvents", lambda i: {"id": "1", "message": text(i)}, messageType="DATA_MESSAGE"),
}


def cloudwatch_for_lambda(items: list[bytes]) -> bytes:
    data = base64.b64encode(gzip.compress(ENVELOPES["CloudWatch Logs"](items), mtime=0)).decode()
    return json.dumps({"awslogs": {"data": data}}).encode()


ENVELOPES["CloudWatch Logs for Lambda"] = cloudwatch_for_lambda
# Each holds one item.
ONE_BY_ONE: dict[str, Callable[[bytes], object]] = {
    "failed transformation": lambda i: {"attemptsMade": 4, "errorCode": "Lambda.FunctionError", "rawData": encoded(i)},
    "SNS": lambda i: {"Type": "Notification", "TopicArn": "arn:aws:sns:x", "Message": text(i)},
    "SQS": lambda i: {"messageId": "m", "receiptHandle": "h", "body": text(i)},
}


def read(data: bytes) -> list[bytes]:
    return [payload.data or b"" for payload in payloads(iter((data,)), Decoder())]


def as_latin_1(items: list[bytes]) -> list[bytes]:
    """What a text of JSON makes of bytes that are no UTF-8."""
    return [item.decode("latin-1").encode() for item in items]


@pytest.mark.parametrize("form", ENVELOPES)
@given(items=ITEMS)
def test_an_envelope_gives_its_entries(form: str, items: list[bytes]) -> None:
    found = list(payloads(iter((ENVELOPES[form](items),)), Decoder()))
    is_base64 = any(word in form for word in ("Kinesis", "Kafka", "Firehose", "get-records"))
    assert [payload.data for payload in found] == (items if is_base64 else as_latin_1(items))
    assert [payload.position for payload in found] == [f"0/{number}" for number in range(len(items))]


@pytest.mark.parametrize("form", ONE_BY_ONE)
@given(items=ITEMS)
def test_an_envelope_of_one_gives_it(form: str, items: list[bytes]) -> None:
    data = b"\n".join(json.dumps(ONE_BY_ONE[form](item)).encode() for item in items)
    assert read(data) == (items if form == "failed transformation" else as_latin_1(items))


RECORD_LISTS = st.lists(BARE_RECORDS.map(lambda record: json.dumps(record).encode()), min_size=1, max_size=4)
FORMS: dict[str, Wrap] = {
    "one after another": b"".join,
    "lines": b"\n".join,
    "commas": lambda items: b", ".join(items) + b",",
    "a list": lambda items: b"[" + b",".join(items) + b"]",
    "a list, an element a line": lambda items: b"[\n" + b",\n".join(items) + b"\n]\n",
    "a list, indented": lambda items: json.dumps([json.loads(item) for item in items], indent=2).encode(),
    "lists in a list": lambda items: b"[[" + b"],[".join(items) + b"]]",
    "texts in lines": lambda items: b"\n".join(json.dumps(text(item)).encode() for item in items),
    "a list of texts": lambda items: json.dumps([text(item) for item in items]).encode(),
    "base64 in lines": lambda items: b"\n".join(map(base64.b64encode, items)),
    "base64 for addresses": lambda items: b"\r\n".join(base64.urlsafe_b64encode(i).rstrip(b"=") for i in items),
    "a list of base64": lambda items: json.dumps([encoded(item) for item in items]).encode(),
    "a text of them all": lambda items: json.dumps(text(b"".join(items))).encode(),
    "EventBridge": lambda items: b"".join(
        json.dumps({"source": "pipe", "detail-type": "x", "detail": json.loads(item)}).encode() for item in items
    ),
    **ENVELOPES,
}


def as_values(items: list[bytes]) -> list[object]:
    return [json.loads(item) for item in items]


@given(RECORD_LISTS, st.sampled_from(sorted(FORMS)), st.sampled_from(sorted(FORMS)))
def test_records_in_forms_in_forms_are_given_back(records: list[bytes], inner: str, outer: str) -> None:
    ascii_records = [json.dumps(json.loads(record)).encode() for record in records]
    once = FORMS[inner](ascii_records)
    assert as_values(read(once)) == as_values(ascii_records)
    if outer in ENVELOPES:
        assert as_values(read(FORMS[outer]([once, once]))) == as_values(ascii_records) * 2


@given(RECORD_LISTS, st.sampled_from(sorted(FORMS)))
def test_a_payload_that_came_alone_is_taken_apart(records: list[bytes], form: str) -> None:
    ascii_records = [json.dumps(json.loads(record)).encode() for record in records]
    data, decoder = FORMS[form](ascii_records), Decoder()
    found = list(take_apart(Payload(7, len(data), data, decoder.decode(data)), decoder))
    assert as_values([payload.data or b"" for payload in found]) == as_values(ascii_records)
    assert {payload.offset for payload in found} == {7}


@pytest.mark.parametrize("entry", ["", "=", "!", 42, None, {"a": 1}, [], "e30"])
def test_an_entry_that_holds_nothing_is_a_payload(entry: object) -> None:
    """Whatever it is: an envelope of three gives three."""
    items = [{"kinesis": {"data": encoded(b'{"ContactId":"a"}')}}, {"kinesis": {"data": entry}}, {"kinesis": None}]
    assert len(read(json.dumps({"Records": items}).encode())) == 3


@pytest.mark.parametrize(
    "value", [{}, {"Records": []}, {"Records": None}, {"detail": {}}, {"rawData": None}, {"data": "e30="}]
)
def test_what_is_no_envelope_is_a_payload(value: object) -> None:
    assert len(read(json.dumps(value).encode())) == 1


def test_envelopes_are_opened_four_deep() -> None:
    data = b'{"ContactId":"a"}'
    for depth in range(1, 7):
        data = ENVELOPES["Lambda, SQS"]([data])
        (payload,) = payloads(iter((data,)), Decoder())
        assert (payload.data == b'{"ContactId":"a"}') == (depth <= 4)


@pytest.mark.parametrize("separator", [b"", b","])
def test_texts_in_texts_are_opened_four_deep_and_each_a_few_times(
    separator: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opened again at every level, a text of a kilobyte would take a second, and each level more twice as long."""
    opened: list[bytes] = []
    text_content = opening.text_content
    monkeypatch.setattr(opening, "text_content", lambda data: opened.append(data) or text_content(data))
    data = b'{"ContactId":"a"}'
    for depth in range(1, 20):
        data = json.dumps(encoded(data)).encode() + separator
        opened.clear()
        (payload,) = payloads(iter((data,)), Decoder())
        assert (payload.data == b'{"ContactId":"a"}') == (depth <= 4)
        assert len(opened) < 64
