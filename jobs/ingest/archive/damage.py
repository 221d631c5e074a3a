"""A stretch of a stored file that holds no record: what is reported instead of being lost."""

import msgspec

from schemas.billing_rules import MAX_PAYLOAD_BYTES


class Damage(msgspec.Struct, frozen=True):
    """Where it starts and how long it is; `data` is None where it is larger than a payload.

    A gzip or zstd member that is cut off at the end of its file has a length of 0: its bytes were
    read, and only the file is named.
    """

    offset: int
    length: int
    data: bytes | None


def damaged_bytes(offset: int, data: bytes) -> Damage:
    """A stretch whose bytes are at hand."""
    return Damage(offset, len(data), data if len(data) <= MAX_PAYLOAD_BYTES else None)
