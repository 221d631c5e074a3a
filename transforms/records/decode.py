"""Decode: one payload in, a contact record or the reason why it is none out.

The fast way is msgspec's typed decoder. Whatever it refuses is read again by the slow way, which
tells why: it decides alone, so that the order of a record's defects cannot depend on the decoder.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from schemas.billing_rules import MAX_NESTING, MAX_PAYLOAD_BYTES
from schemas.contact_record import ContactRecord, contact_record_type

BOM = b"\xef\xbb\xbf"
# Texts and brackets. Never goes back over what it has read, so that it is linear for texts without an end, too.
BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
# Stands for a text with half of a surrogate pair, which is no text that could be written anywhere.
_NO_TEXT = b"?"
# No rule looks deeper into a record than this.
_LEVELS = 4
# Payloads that are decoded together: they have fewer brackets than one that is nested too deeply.
TOGETHER = 16
_OPENING = ord("[")
_REFUSED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_PATH = re.compile(r" - at `\$\.?(.*?)`$")


class Unreadable(msgspec.Struct, frozen=True):
    """A payload that is no object: not_utf8, not_json, not_an_object or too_large."""

    reason: str


class WrongType(msgspec.Struct, frozen=True):
    """An object in which a field that a rule reads has another type; such fields are null here."""

    record: ContactRecord
    path: str
    fields: tuple[str, ...]


Decoded = ContactRecord | WrongType | Unreadable


class Decoder:
    """Decodes payloads of a set-up whose extension attribute has this name. Never raises, whatever the bytes."""

    def __init__(self, extension_attribute: str = "extensionNumber") -> None:
        self._type = contact_record_type(extension_attribute)
        self._fast = msgspec.json.Decoder(self._type).decode

    def decode(self, payload: bytes) -> Decoded:
        """What one payload is."""
        if len(payload) > MAX_PAYLOAD_BYTES:
            return Unreadable("too_large")
        if payload.startswith(BOM):
            payload = payload[len(BOM) :]
        # msgspec does not look into the texts that it skips.
        if not _is_utf8(payload):
            return Unreadable("not_utf8")
        if _brackets(payload) <= MAX_NESTING:
            try:
                return self._fast(payload)
            except _REFUSED:
                pass
        return _examine(payload.decode(), self._type)

    def decode_batch(self, payloads: Sequence[bytes]) -> list[Decoded]:
        """What each of the payloads is. What holds for a few together is looked at once for all of them."""
        decoded: list[Decoded] = []
        for start in range(0, len(payloads), TOGETHER):
            decoded += self._few(payloads[start : start + TOGETHER])
        return decoded

    def _few(self, payloads: Sequence[bytes]) -> Sequence[Decoded]:
        text = b"".join(payloads)
        if len(text) <= MAX_PAYLOAD_BYTES and _is_utf8(text) and _brackets(text) <= MAX_NESTING:
            fast = self._fast
            try:
                return [fast(payload) for payload in payloads]
            except _REFUSED:
                pass
        return [self.decode(payload) for payload in payloads]


def _is_utf8(payload: bytes) -> bool:
    if payload.isascii():
        return True
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


def _brackets(payload: bytes) -> int:
    """How many `[` and `{` there are: one bit tells them apart, and NumPy counts a thousand of them at a time."""
    return int(np.count_nonzero((np.frombuffer(payload, np.uint8) & 0xDF) == _OPENING))


def _examine(text: str, record_type: type[ContactRecord]) -> Decoded:
    if _depth(text) > MAX_NESTING:
        return Unreadable("not_json")
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_int=_integer)
    except (ValueError, RecursionError):
        return Unreadable("not_json")
    if not isinstance(value, dict):
        return Unreadable("not_an_object")
    return _convert(_without_surrogates(value) if "\\u" in text else value, record_type)


def _without_surrogates(value: Any, levels: int = _LEVELS) -> Any:
    """Keys that are no text are left out, since no rule reads them; values are replaced."""
    if isinstance(value, dict) and levels:
        return {k: _without_surrogates(v, levels - 1) for k, v in value.items() if _is_text(k)}
    if isinstance(value, list) and levels:
        return [_without_surrogates(v, levels - 1) for v in value]
    if isinstance(value, dict | list):
        return _NO_TEXT
    return value if not isinstance(value, str) or _is_text(value) else _NO_TEXT


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _convert(value: dict[str, Any], record_type: type[ContactRecord]) -> Decoded:
    """Field by field: what has its type is taken over, the first that has not is named."""
    record, path, wrong = record_type(), "", []
    for field in msgspec.structs.fields(record_type):
        given = value.get(field.encode_name)
        if given is None:
            continue
        try:
            setattr(record, field.name, msgspec.convert(given, field.type))
        except msgspec.ValidationError as error:
            inner = _PATH.search(str(error))
            path = path or _join(field.encode_name, inner.group(1) if inner else "")
            wrong.append(field.name)
    return WrongType(record, path, tuple(wrong)) if wrong else record


def _join(name: str, inner: str) -> str:
    return f"{name}{'' if inner.startswith('[') or not inner else '.'}{inner}"


def _no_constant(name: str) -> Any:
    raise ValueError("NaN and Infinity are not JSON")


def _integer(digits: str) -> int | float:
    # Python refuses to read integers of thousands of digits; no field takes more than 64 bits.
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
