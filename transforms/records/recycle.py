"""Recycle: the quarantined payloads of a date in; rows for those that are quarantined no longer out.

Pure: what is still quarantined, what was recycled already and how a payload is judged are given.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from schemas.outcome import OutcomeRow
from schemas.recycled import Suspended

QUARANTINED = "quarantined"
# Of a row whose payload is not kept: there is nothing to judge.
NO_PAYLOAD = "no payload"

Judge = Callable[[bytes], OutcomeRow]


class Copy(NamedTuple):
    """A quarantined payload: its row, its digest, and which of those that are alike in both it is."""

    row: Suspended
    payload_sha256: str
    number: int


class Recycler:
    """Judges payloads of one date again, each quarantined row once."""

    def __init__(self, date: str, still: Mapping[Suspended, int], done: frozenset[Copy], classify: Judge) -> None:
        self._date = date
        self._left = Counter(still)
        self._done = done
        self._judge = classify
        self._seen: Counter[tuple[Suspended, str]] = Counter()
        self._fates: dict[str, Counter[str]] = defaultdict(Counter)

    def recycled_rows(self, row: Suspended, payload: bytes) -> tuple[Any, ...] | None:
        """A recycled row in column order; None where the payload stays as it is, or was recycled already."""
        digest = hashlib.sha256(payload).hexdigest()
        copy = Copy(row, digest, self._seen[row, digest])
        self._seen[row, digest] += 1
        # More payloads than rows: the ledger's row cannot be seen yet.
        if copy in self._done or not self._left[row]:
            return None
        self._left[row] -= 1
        judged = self._judge(payload)
        self._fates[row.reason][judged.outcome] += 1
        if judged.outcome == QUARANTINED:
            return None
        *fields, billing_date = msgspec.structs.astuple(judged)
        place = (row.source, row.position, row.length)
        return (*fields, *place, billing_date, self._date, row.reason, row.detail, copy.payload_sha256, copy.number)

    def fates(self) -> dict[str, Counter[str]]:
        """By the reason of quarantine: how many rows would have which outcome now, or have no payload."""
        fates = {reason: fate.copy() for reason, fate in self._fates.items()}
        for row, count in self._left.items():
            if count:
                fates.setdefault(row.reason, Counter())[NO_PAYLOAD] += count
        return dict(sorted(fates.items()))
