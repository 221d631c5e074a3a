"""Seals of a table's rows: each over the one before and the row's cells, the last one over the number of rows, too.

A row that was changed, removed, added or moved, also at the end, no longer fits. They tell of edits by hand and of
accidents; who wants to deceive can compute new ones.
"""

import hashlib
from collections.abc import Sequence

import msgspec

Cells = Sequence[str | None]

# What a seal looks like; it is recognized where its column's name is damaged.
PATTERN = r"sha256:[0-9a-f]{16}"
_DIGITS = 16


def seals(rows: Sequence[Cells]) -> list[str]:
    """The seal of every row."""
    found: list[str] = []
    for number, cells in enumerate(rows, 1):
        before = found[-1] if found else ""
        end = len(rows) if number == len(rows) else None
        digest = hashlib.sha256(msgspec.json.encode([before, end, *cells])).hexdigest()
        found.append(f"sha256:{digest[:_DIGITS]}")
    return found


def first_broken(rows: Sequence[Cells], found: Sequence[str | None]) -> int | None:
    """The number, from 1, of the first row whose seal does not fit; None: all do. No rows at all fit no seal: 0."""
    if not rows:
        return 0
    pairs = zip(seals(rows), found, strict=True)
    return next((number for number, (seal, there) in enumerate(pairs, 1) if seal != there), None)
