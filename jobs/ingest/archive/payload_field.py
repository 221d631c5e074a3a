"""Records that come as fields and not as text: which field is the payload, or the record as JSON."""

from collections.abc import Sequence
from typing import Any

import msgspec

# Where a container has several fields of bytes, the payload goes by one of these names.
_NAMES = ("payload", "data", "value", "body", "record", "json", "message", "raw", "content")


def _as_text(value: Any) -> str:
    return str(value.isoformat() if hasattr(value, "isoformat") else value)


_ENCODER = msgspec.json.Encoder(enc_hook=_as_text)


def payload_field(fields: Sequence[tuple[str, bool, bool]]) -> str | None:
    """The field that holds the payload, of (name, is bytes, is text); None: the fields are the record."""
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
    """A nested record as the JSON text that it would have been; nulls are left out."""
    return _ENCODER.encode(without_nulls(record))


def without_nulls(value: Any) -> Any:
    """The value without the keys that are null, at every level: missing and null are the same."""
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [without_nulls(inner) for inner in value]
    return value
