"""The dates that a release also reads: the neighbors, and the same weekday in earlier weeks.

Dates are text, such as 2026-03-01.
"""

import datetime

# A date's volume is compared with that of the same weekday in so many weeks before.
TRAILING_WEEKS = 4


def same_weekdays_before(date: str) -> list[str]:
    """Return the same weekday in the weeks before, latest first."""
    return [day for weeks in range(1, TRAILING_WEEKS + 1) if (day := shift_date(date, -7 * weeks)) is not None]


def neighbors(date: str) -> list[str]:
    """Return the dates before and after a date, on which the same contact must not be billed again."""
    return [day for step in (-1, 1) if (day := shift_date(date, step)) is not None]


def shift_date(date: str, days: int) -> str | None:
    """Return the date so many days later; None outside the calendar."""
    try:
        return (datetime.date.fromisoformat(date) + datetime.timedelta(days=days)).isoformat()
    except OverflowError:
        return None
