"""Open what others wrap around contact records: JSON texts, base64, and the envelopes of AWS services.

Envelopes: Kinesis, Kafka, SNS and SQS events for Lambda; Firehose's transformation events, and the objects that it
keeps when a transformation fails; `get-records` and `receive-message`; EventBridge, SNS and SQS messages; CloudWatch
Logs.
"""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterator

import msgspec

from schemas.billing_rules import MAX_PAYLOAD_BYTES
from transforms.records.decode import BOM
from transforms.records.json_objects import BEFORE_OBJECT

# The texts of an object's values.
_Fields = dict[str, bytes]
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]*={0,2}")
_GZIP = b"\x1f\x8b\x08"
# A text of JSON escapes at most every byte of an object, base64 takes a third more.
MOST_TEXT_BYTES = 2 * MAX_PAYLOAD_BYTES
# What CloudWatch Logs compresses at once is smaller.
_MOST_INFLATED = 16 * MAX_PAYLOAD_BYTES
# Keys of lists of entries, and of an entry's content: base64, or a text that may be an object, too.
_LISTS = ("Records", "records", "Messages", "logEvents")
_IN_BASE64 = ("data", "Data", "value", "rawData")
_IN_TEXT = ("Message", "body", "Body", "message")


def text_content(payload: bytes) -> bytes | None:
    """Return the content of a JSON text or of base64; None if the payload is neither, or not that of an object."""
    if not 2 <= len(payload) <= MOST_TEXT_BYTES:
        return None
    if payload.startswith(b'"'):
        content = _text(payload)
        # A text may hold base64, as in a list of texts.
        return content if content is None or _may_hold_object(content) else _from_base64(content)
    return _from_base64(payload)


def envelope_entries(payload: bytes) -> list[bytes] | None:
    """Return the contents of an envelope's entries, in their order; None if the object is not an envelope."""
    fields = _fields(payload.removeprefix(BOM))
    return None if fields is None else [*_entries(fields)] or None


def _entries(fields: _Fields) -> Iterator[bytes]:
    if "rawData" in fields:
        yield _decoded(fields["rawData"])
    elif "detail" in fields and "detail-type" in fields:
        yield fields["detail"]
    elif (logs := _fields(fields.get("awslogs"))) is not None and "data" in logs:
        yield _decoded(logs["data"])
    elif (key := next((key for key in _LISTS if key in fields), None)) is not None:
        for item in _items(fields[key]):
            yield _entry(item)
    elif _is_message(fields) and (content := _content(fields)) is not None:
        yield content


def _is_message(fields: _Fields) -> bool:
    """Whether this is one message of SNS or SQS."""
    is_notification = "Message" in fields and {"Type", "TopicArn"} & fields.keys()
    is_queued = {"body", "Body"} & fields.keys() and {"messageId", "MessageId"} & fields.keys()
    return bool(is_notification or is_queued)


def _items(value: bytes) -> Iterator[bytes]:
    """The items of a list; of Kafka's lists, which are by topic and partition, those of all of them."""
    try:
        yield from map(bytes, _ITEMS.decode(value))
    except msgspec.MsgspecError:
        for items in (_fields(value) or {}).values():
            yield from _items(items)


def _entry(item: bytes) -> bytes:
    """Return the content of an entry: of the object inside it that is named after its service, or its own."""
    fields = _fields(item)
    if fields is None or "ContactId" in fields:
        return item
    for service in ("kinesis", "Sns"):
        fields = _fields(fields.get(service)) or fields
    return _content(fields) or item


def _content(fields: _Fields) -> bytes | None:
    """Return what the first of the keys of content holds; None if there is none of them."""
    for key in _IN_BASE64:
        if key in fields:
            return _decoded(fields[key])
    for key in _IN_TEXT:
        if key in fields:
            content = _text(fields[key])
            return fields[key] if content is None else content
    return None


def _fields(value: bytes | None) -> _Fields | None:
    """Return the texts of an object's values as they are; None if the value is not an object."""
    try:
        return None if value is None else {key: bytes(raw) for key, raw in _FIELDS.decode(value).items()}
    except (msgspec.MsgspecError, UnicodeDecodeError):
        pass
    # Half of a surrogate pair stops the faster reader: here the texts are written again, in ASCII.
    try:
        fields = json.loads(value or b"")
    except (ValueError, RecursionError):
        return None
    return {key: json.dumps(field).encode() for key, field in fields.items()} if isinstance(fields, dict) else None


def _text(value: bytes) -> bytes | None:
    """Return the content of a JSON text; None if it is not one, or has half of a surrogate pair."""
    try:
        content = json.loads(value)
        return content.encode() if isinstance(content, str) else None
    except (ValueError, RecursionError):
        return None


def _decoded(value: bytes) -> bytes:
    """Return what a text holds in base64, inflated if it is gzip; the text, or the value, where it is neither."""
    content = _text(value)
    if content is None:
        return value
    decoded = _base64(content)
    return content if decoded is None else decoded


def _from_base64(payload: bytes) -> bytes | None:
    # Its first bytes tell almost always, so that long texts are not decoded in vain.
    head = _base64(payload[:32])
    if head is None or not (head.startswith(_GZIP) or _may_hold_object(head)):
        return None
    content = _base64(payload)
    return content if content is not None and _may_hold_object(content) else None


def _base64(payload: bytes) -> bytes | None:
    if _BASE64.fullmatch(payload) is None:
        return None
    standard = payload.translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    try:
        content = base64.b64decode(standard + b"=" * (-len(standard) % 4), validate=True)
    except binascii.Error:
        return None
    return _inflated(content) if content.startswith(_GZIP) else content


def _inflated(content: bytes) -> bytes:
    inflate = zlib.decompressobj(wbits=31)
    try:
        data = inflate.decompress(content, _MOST_INFLATED)
    except zlib.error:
        return content
    return data if inflate.eof and not inflate.unused_data else content


def _may_hold_object(content: bytes) -> bool:
    return content.removeprefix(BOM).lstrip(BEFORE_OBJECT).startswith((b"{", b'"'))
