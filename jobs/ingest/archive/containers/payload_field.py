"""Find the payload in a record of typed fields: one of the fields, or the record as JSON."""

import datetime
import json
from collections.abc import Sequence
from typing import Any

import msgspec

# If a container has several bytes fields, the payload has one of these names.
_NAMES = ("payload", "data", "value", "body", "record", "json", "message", "raw", "content")
# Fields of a contact record or agent event, in lower case.
_OF_RECORDS = ("contactid", "agentarn")


def _as_text(value: Any) -> str:
    return str(value.isoformat() if hasattr(value, "isoformat") else value)


_ENCODER = msgspec.json.Encoder(enc_hook=_as_text)


def payload_field(fields: Sequence[tuple[str, bool, bool]]) -> str | None:
    """Return the payload's field, out of (name, is bytes, is text); None if the fields are the record."""
    names = {name.lower() for name, _, _ in fields}
    if not names.isdisjoint(_OF_RECORDS):
        return None
    for candidates in ([n for n, b, _ in fields if b], [n for n, _, t in fields if t]):
        if len(candidates) == 1:
            return candidates[0]
        for name in _NAMES:
            if name in candidates:
                return name
        by_lower_case = {n.lower(): n for n in reversed(candidates)}
        for name in _NAMES:
            if name in by_lower_case:
                return by_lower_case[name]
    return None


def json_payload(record: Any) -> bytes:
    """Return a nested record as its original JSON text would be, without nulls; instants without a zone are UTC."""
    return encoded_json(_as_json(record))


def encoded_json(value: Any) -> bytes:
    """Return a value as JSON. A text that is not UTF-8 keeps its bytes, so that its payload is `not_utf8`."""
    try:
        return _ENCODER.encode(value)
    except UnicodeEncodeError:
        plain = msgspec.to_builtins(value, enc_hook=_as_text)
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogateescape")


def text_or_bytes(value: bytes | None) -> str | bytes | None:
    """Return bytes as text if they are: some writers do not say of their texts that they are."""
    if value is None:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value


def _as_json(value: Any) -> Any:
    """Return the value without null keys, at every level: missing and null are the same."""
    if isinstance(value, dict):
        return {key: _as_json(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_as_json(inner) for inner in value]
    if isinstance(value, datetime.datetime) and value.tzinfo is None:
        return value.replace(tzinfo=datetime.UTC)
    return text_or_bytes(value) if isinstance(value, bytes) else value
