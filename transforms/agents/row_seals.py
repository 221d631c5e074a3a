"""Seal a table's rows: a seal is a digest of the previous seal and the row's cells; the last also of the row count.

A changed, removed, added or moved row breaks a seal, also at the end. Seals detect manual edits and accidents, not
deception: anyone can compute new ones.
"""

import hashlib
from collections.abc import Sequence

import msgspec

Cells = Sequence[str | None]

# The form of a seal, which identifies its column even if the column's name is damaged.
PATTERN = r"sha256:[0-9a-f]{16}"
_DIGITS = 16


def seals(rows: Sequence[Cells]) -> list[str]:
    """Return the seal of every row."""
    row_seals: list[str] = []
    for number, cells in enumerate(rows, 1):
        previous = row_seals[-1] if row_seals else ""
        row_count = len(rows) if number == len(rows) else None
        digest = hashlib.sha256(msgspec.json.encode([previous, row_count, *cells])).hexdigest()
        row_seals.append(f"sha256:{digest[:_DIGITS]}")
    return row_seals


def first_broken(rows: Sequence[Cells], row_seals: Sequence[str | None]) -> int | None:
    """Return the number, from 1, of the first row whose seal is broken, or None; 0 if there are no rows at all."""
    if not rows:
        return 0
    pairs = zip(seals(rows), row_seals, strict=True)
    return next((number for number, (expected, actual) in enumerate(pairs, 1) if expected != actual), None)
