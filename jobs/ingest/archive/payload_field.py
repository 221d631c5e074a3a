"""Find the payload in a record of typed fields: one of the fields, or the record as JSON."""

from collections.abc import Sequence
from typing import Any

import msgspec

# If a container has several bytes fields, the payload has one of these names.
_NAMES = ("payload", "data", "value", "body", "record", "json", "message", "raw", "content")


def _as_text(value: Any) -> str:
    return str(value.isoformat() if hasattr(value, "isoformat") else value)


_ENCODER = msgspec.json.Encoder(enc_hook=_as_text)


def payload_field(fields: Sequence[tuple[str, bool, bool]]) -> str | None:
    """Return the payload's field, out of (name, is bytes, is text); None if the fields are the record."""
    names = [name for name, _, _ in fields]
    if "ContactId" in names or "AgentARN" in names:
        return None
    for candidates in ([n for n, b, _ in fields if b], [n for n, _, t in fields if t]):
        if len(candidates) == 1:
            return candidates[0]
        for name in _NAMES:
            if name in candidates:
                return name
    return None


def json_payload(record: Any) -> bytes:
    """Return a nested record as its original JSON text would be; nulls are left out."""
    return _ENCODER.encode(without_nulls(record))


def without_nulls(value: Any) -> Any:
    """Return the value without null keys, at every level: missing and null are the same."""
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [without_nulls(inner) for inner in value]
    return value
