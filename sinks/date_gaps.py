"""Days: the dates that a ledger has in, those without a record between them out."""

import datetime
import itertools
from collections.abc import Iterable

# More days than this without a record are a gap in the data, not days on which nobody called: one
# record with a date of years ago must not make thousands of empty releases.
LONGEST_GAP_DAYS = 31


def fill_gaps(dates: Iterable[str]) -> list[str]:
    """The dates, in order, with the days between them, where they are few."""
    days = sorted(map(datetime.date.fromisoformat, dates))
    filled = set(days)
    for first, last in itertools.pairwise(days):
        if (gap := (last - first).days) <= LONGEST_GAP_DAYS:
            filled |= {first + datetime.timedelta(days=n) for n in range(1, gap)}
    return [day.isoformat() for day in sorted(filled)]


def is_date(text: str) -> bool:
    """Whether a text is a day of the calendar, as 2026-03-01."""
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True
