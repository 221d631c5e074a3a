"""Report a part of a stored file that holds no record, instead of losing it."""

import msgspec

from schemas.billing_rules import MAX_PAYLOAD_BYTES


class Damage(msgspec.Struct, frozen=True):
    """A byte range of the stored file; `data` is None if it is larger than a payload.

    A gzip or zstd member that is truncated at the end of its file has length 0: its bytes were read, and only the file
    is named.
    """

    offset: int
    length: int
    data: bytes | None


def damaged_bytes(offset: int, data: bytes) -> Damage:
    """Return damage with its bytes, if they are not larger than a payload."""
    return Damage(offset, len(data), data if len(data) <= MAX_PAYLOAD_BYTES else None)
