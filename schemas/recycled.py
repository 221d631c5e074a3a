"""Recycled rows: the new outcome of a payload that was quarantined, and the ledger row that it replaces.

One row per payload that is no longer quarantined, in the object of the recycle that classified it again.
"""

from typing import Annotated, NamedTuple

import msgspec

from schemas.columns import columns_of, count, text
from schemas.outcome import LEDGER_COLUMNS, OUTCOME_COLUMNS


class Suspended(NamedTuple):
    """The identity of a quarantined row without its payload. Several rows of a date may share it.

    Records that a producer aggregated have the same position, and a position may be read twice.
    """

    source: str
    position: str
    length: int | None
    reason: str
    detail: str | None


class Origin(msgspec.Struct, gc=False):
    """The quarantined row that a recycled row replaces; both have the same position."""

    from_date: Annotated[str, text("partition of the quarantined row")]
    from_reason: Annotated[str, text("why the payload was quarantined")]
    from_detail: Annotated[str | None, text("path of the field that was invalid")]
    payload_sha256: Annotated[str, text("SHA-256 of the payload")]
    copy: Annotated[int, count("0 for the first of identical payloads at one position, 1 for the second, ...")]


# The columns of a ledger row, its partition, and the row that it replaces.
RECYCLED_COLUMNS = (*LEDGER_COLUMNS, OUTCOME_COLUMNS[-1], *columns_of(Origin))
