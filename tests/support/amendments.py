"""Amendments as a partner applies them to the rows of the version before; the result has no order."""

from collections import Counter

Row = dict[str, str]
PREVIOUS = "previous_"


def apply(lines: list[Row], amendments: list[Row]) -> Counter[tuple[str, ...]]:
    """AssertionError: an amendment speaks of a line that is not there."""
    found = counted(lines)
    names = list(lines[0]) if lines else []
    for row in amendments:
        kind = row["amendment"]
        names = names or [n for n in row if n != "amendment" and PREVIOUS + n in row]
        before = tuple(row[PREVIOUS + n] for n in names)
        if kind in ("CHANGED", "WITHDRAWN"):
            assert found[before] > 0, f"{kind} of a line that is not there"
            found[before] -= 1
        else:
            assert not any(before), "an added line has no values before"
        if kind in ("CHANGED", "ADDED"):
            found[tuple(row[n] for n in names)] += 1
        else:
            assert not any(row[n] for n in names), "a withdrawn line has no new values"
    return +found


def counted(lines: list[Row]) -> Counter[tuple[str, ...]]:
    """Rows as a multiset of their cells."""
    return Counter(tuple(line.values()) for line in lines)
