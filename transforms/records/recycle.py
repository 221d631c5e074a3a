"""Classify the quarantined payloads of a date again, and make rows of those that are no longer quarantined."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from schemas.outcome import OutcomeRow
from schemas.recycled import Suspended

QUARANTINED = "quarantined"
# For a row whose payload is not stored: there is nothing to classify.
NO_PAYLOAD = "no payload"

Classifier = Callable[[bytes], OutcomeRow]


class Copy(NamedTuple):
    """A quarantined payload: its row, its digest, and its number among payloads with the same row and digest."""

    row: Suspended
    payload_sha256: str
    number: int


class Recycler:
    """Classify payloads of one date again, each quarantined row once."""

    def __init__(
        self, date: str, quarantined: Mapping[Suspended, int], recycled: frozenset[Copy], classify: Classifier
    ) -> None:
        """`quarantined` has the numbers of rows still quarantined, `recycled` the payloads recycled before."""
        self._date = date
        self._remaining = Counter(quarantined)
        self._recycled = recycled
        self._classify = classify
        self._seen: Counter[tuple[Suspended, str]] = Counter()
        self._fates: dict[str, Counter[str]] = defaultdict(Counter)

    def recycled_row(self, row: Suspended, payload: bytes) -> tuple[Any, ...] | None:
        """Return a recycled row in column order; None if the payload stays quarantined or was recycled before."""
        return self.recycled_reference(row, hashlib.sha256(payload).hexdigest(), lambda: self._classify(payload))

    def recycled_reference(
        self, row: Suspended, digest: str, classify: Callable[[], OutcomeRow]
    ) -> tuple[Any, ...] | None:
        """Return the same of a payload that is not in memory, given its digest and what classifies it."""
        copy = Copy(row, digest, self._seen[row, digest])
        self._seen[row, digest] += 1
        # More payloads than rows: the ledger's row is not visible yet.
        if copy in self._recycled or not self._remaining[row]:
            return None
        self._remaining[row] -= 1
        new_row = classify()
        self._fates[row.reason][new_row.outcome] += 1
        if new_row.outcome == QUARANTINED:
            return None
        *fields, billing_date = msgspec.structs.astuple(new_row)
        position = (row.source, row.position, row.length)
        return (*fields, *position, billing_date, self._date, row.reason, row.detail, copy.payload_sha256, copy.number)

    def fates(self) -> dict[str, Counter[str]]:
        """Return, by reason of quarantine, the numbers of rows by their new outcome, or without a payload."""
        fates = {reason: fate.copy() for reason, fate in self._fates.items()}
        for row, count in self._remaining.items():
            if count:
                fates.setdefault(row.reason, Counter())[NO_PAYLOAD] += count
        return dict(sorted(fates.items()))
