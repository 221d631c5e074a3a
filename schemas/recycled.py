"""A recycled row: what today's rules say of a payload that was quarantined, and which ledger row it stands in for.

One row per quarantined payload that is quarantined no longer, in the object of the recycle that read it again.
"""

from typing import Annotated, NamedTuple

import msgspec

from schemas.columns import columns_of, count, text
from schemas.outcome import LEDGER_COLUMNS, OUTCOME_COLUMNS


class Suspended(NamedTuple):
    """What is known of a quarantined row without its payload; several rows of a date may agree in it.

    Records that a producer has aggregated share a position, and a position may be read twice.
    """

    source: str
    position: str
    length: int | None
    reason: str
    detail: str | None


class Origin(msgspec.Struct, gc=False):
    """Which quarantined row a recycled one stands in for; its position is the recycled row's own."""

    from_date: Annotated[str, text("partition of the quarantined row")]
    from_reason: Annotated[str, text("why it was quarantined")]
    from_detail: Annotated[str | None, text("path of the field that was wrong")]
    payload_sha256: Annotated[str, text("digest of the payload")]
    copy: Annotated[int, count("0 for the first of identical payloads of one position, 1 for the second, ...")]


# Everything that a ledger row has, its partition, and the row that it stands in for.
RECYCLED_COLUMNS = (*LEDGER_COLUMNS, OUTCOME_COLUMNS[-1], *columns_of(Origin))
