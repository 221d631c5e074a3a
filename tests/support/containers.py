"""Files of payloads as other programs write them."""

import io
from typing import Any

import fastavro


def payload_container(payloads: list[bytes], **options: Any) -> bytes:
    """An Avro container with one field, which holds the payload."""
    schema = {"type": "record", "name": "Payload", "fields": [{"name": "payload", "type": "bytes"}]}
    out = io.BytesIO()
    fastavro.writer(out, schema, ({"payload": p} for p in payloads), sync_marker=b"0123456789abcdef", **options)
    return out.getvalue()


def field(name: str, kind: object) -> dict[str, object]:
    """A field of an Avro record."""
    return {"name": name, "type": kind}
