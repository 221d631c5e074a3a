"""Fill short gaps between billing dates."""

import datetime
import itertools
from collections.abc import Iterable

# More days than this without a record are missing data, not days without a call: one record with a date of years
# ago must not cause thousands of empty releases.
LONGEST_GAP_DAYS = 31


def fill_gaps(dates: Iterable[str]) -> list[str]:
    """Return the dates in order, with the days of every gap of at most LONGEST_GAP_DAYS."""
    days = sorted(map(datetime.date.fromisoformat, dates))
    filled = set(days)
    for first, last in itertools.pairwise(days):
        if (gap := (last - first).days) <= LONGEST_GAP_DAYS:
            filled |= {first + datetime.timedelta(days=n) for n in range(1, gap)}
    return [day.isoformat() for day in sorted(filled)]
