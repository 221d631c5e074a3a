"""Decode a payload to a contact record, to a contact event, or to the reason why it is neither.

The fast path is msgspec's typed decoder. Payloads that it rejects are read again by the slow path, which alone finds
the reason, so that the order of a record's defects does not depend on the decoder.
"""

import json
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import msgspec
import numpy as np

from schemas.billing_rules import MAX_NESTING, MAX_PAYLOAD_BYTES
from schemas.contact_event import ContactEvent, EventBridgeEvent
from schemas.contact_record import UNCHECKED, ContactRecord, contact_record_type

BOM = b"\xef\xbb\xbf"
# Strings and brackets. Never backtracks, so that it is linear for unterminated strings too.
BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
# Replaces a string with a lone surrogate, which cannot be encoded; bytes are the wrong type for a text field.
_NOT_TEXT = b"?"
# No rule reads deeper levels of a record.
_LEVELS = 4
# Payloads that are decoded together: such a batch has fewer brackets than one payload that is nested too deeply.
BATCH_SIZE = 16
_OPENING = ord("[")
_REJECTIONS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_EVENTS = (EventBridgeEvent, ContactEvent)
_EVENT_DECODERS = tuple(msgspec.json.Decoder(event).decode for event in _EVENTS)
_EVENT_CONVERTERS = tuple(partial(msgspec.convert, type=event) for event in _EVENTS)
_PATH = re.compile(r" - at `\$\.?(.*?)`$")


class Unreadable(msgspec.Struct, frozen=True):
    """A payload that is not an object: not_utf8, not_json, not_an_object or too_large."""

    reason: str


class WrongType(msgspec.Struct, frozen=True):
    """An object in which fields that a rule reads have the wrong type; they are None in `record`."""

    record: ContactRecord
    path: str
    fields: tuple[str, ...]


Decoded = ContactRecord | WrongType | ContactEvent | EventBridgeEvent | Unreadable


class Decoder:
    """Decode payloads whose extension attribute has this name. Never raises, whatever the bytes."""

    def __init__(self, extension_attribute: str = "extensionNumber") -> None:
        self.record_type = contact_record_type(extension_attribute)
        self._fast = msgspec.json.Decoder(self.record_type).decode

    def decode(self, payload: bytes) -> Decoded:
        """Decode one payload."""
        if len(payload) > MAX_PAYLOAD_BYTES:
            return Unreadable("too_large")
        if payload.startswith(BOM):
            payload = payload[len(BOM) :]
        # msgspec does not check strings that it skips.
        if not _is_utf8(payload):
            return Unreadable("not_utf8")
        if _brackets(payload) <= MAX_NESTING:
            try:
                return _without_id(self._fast(payload), payload)
            except _REJECTIONS:
                pass
        return _decode_slowly(payload.decode(), self.record_type)

    def decode_batch(self, payloads: Sequence[bytes]) -> list[Decoded]:
        """Decode payloads; each check runs once for a batch if the whole batch passes it."""
        decoded: list[Decoded] = []
        for start in range(0, len(payloads), BATCH_SIZE):
            decoded += self._decode_few(payloads[start : start + BATCH_SIZE])
        return decoded

    def _decode_few(self, payloads: Sequence[bytes]) -> Sequence[Decoded]:
        text = b"".join(payloads)
        if len(text) <= MAX_PAYLOAD_BYTES and _is_utf8(text) and _brackets(text) <= MAX_NESTING:
            fast = self._fast
            try:
                return [
                    record if (record := fast(payload)).contact_id is not None else _without_id(record, payload)
                    for payload in payloads
                ]
            except _REJECTIONS:
                pass
        return [self.decode(payload) for payload in payloads]


def _without_id(record: ContactRecord, payload: bytes) -> Decoded:
    """Return the contact event that a payload without ContactId is, if it is one; else its record."""
    if record.contact_id is None and None in (record.event_type, record.agent_arn):
        return _contact_event(payload, _EVENT_DECODERS) or record
    return record


def _contact_event(source: Any, readers: Sequence[Callable[[Any], Any]]) -> Decoded | None:
    """Return the contact event that one of the readers finds in an object without ContactId; None if none does."""
    for read in readers:
        try:
            event: Decoded = read(source)
            return event
        except _REJECTIONS:
            pass
    return None


def _is_utf8(payload: bytes) -> bool:
    if payload.isascii():
        return True
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


def _brackets(payload: bytes) -> int:
    """Count `[` and `{`. They differ in one bit, which the mask clears; NumPy makes it fast."""
    return int(np.count_nonzero((np.frombuffer(payload, np.uint8) & 0xDF) == _OPENING))


def _decode_slowly(text: str, record_type: type[ContactRecord]) -> Decoded:
    if _depth(text) > MAX_NESTING:
        return Unreadable("not_json")
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_int=_integer)
    except (ValueError, RecursionError):
        return Unreadable("not_json")
    if not isinstance(value, dict):
        return Unreadable("not_an_object")
    value = _without_surrogates(value) if "\\u" in text else value
    if value.get("ContactId") is None and None in (value.get("EventType"), value.get("AgentARN")):
        return _contact_event(value, _EVENT_CONVERTERS) or _convert(value, record_type)
    return _convert(value, record_type)


def _without_surrogates(value: Any, levels: int = _LEVELS) -> Any:
    """Drop keys with lone surrogates, since no rule reads them, and replace such values."""
    if isinstance(value, dict) and levels:
        return {k: _without_surrogates(v, levels - 1) for k, v in value.items() if _is_text(k)}
    if isinstance(value, list) and levels:
        return [_without_surrogates(v, levels - 1) for v in value]
    if isinstance(value, dict | list):
        return _NOT_TEXT
    return value if not isinstance(value, str) or _is_text(value) else _NOT_TEXT


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _convert(value: dict[str, Any], record_type: type[ContactRecord]) -> Decoded:
    """Convert field by field: keep values of the right type, and name the first wrong one."""
    record, path, wrong_fields = record_type(), "", []
    for field in msgspec.structs.fields(record_type):
        field_value = value.get(field.encode_name)
        if field_value is None:
            continue
        try:
            setattr(record, field.name, msgspec.convert(field_value, field.type))
        except msgspec.ValidationError as error:
            if field.name in UNCHECKED:
                continue
            inner = _PATH.search(str(error))
            path = path or _join(field.encode_name, inner.group(1) if inner else "")
            wrong_fields.append(field.name)
    return WrongType(record, path, tuple(wrong_fields)) if wrong_fields else record


def _join(name: str, inner: str) -> str:
    return f"{name}{'' if inner.startswith('[') or not inner else '.'}{inner}"


def _no_constant(name: str) -> Any:
    raise ValueError("NaN and Infinity are not JSON")


def _integer(digits: str) -> int | float:
    # Python rejects integers of thousands of digits; no field takes more than 64 bits.
    return int(digits) if len(digits) < 32 else 1 << 64


def _depth(text: str) -> int:
    depth = deepest = 0
    if text.count("{") + text.count("[") <= MAX_NESTING:
        return 0
    for match in BRACKET.finditer(text):
        bracket = match.group()
        if bracket in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif bracket in "]}":
            depth -= 1
    return deepest
