"""Days: billing dates in, those that are looked at with them out. Dates are texts, as 2026-03-01."""

import datetime

# A date's volume is held against that of the same weekday, so many weeks back.
TRAILING_WEEKS = 4


def same_weekdays_before(date: str) -> list[str]:
    """The same weekday in the weeks before, the last one first."""
    return [day for weeks in range(1, TRAILING_WEEKS + 1) if (day := shifted(date, -7 * weeks)) is not None]


def neighbors(date: str) -> list[str]:
    """The dates before and after a date, under which a contact must not show up, too."""
    return [near for step in (-1, 1) if (near := shifted(date, step)) is not None]


def shifted(date: str, days: int) -> str | None:
    """The date so many days later; None outside the calendar."""
    try:
        return (datetime.date.fromisoformat(date) + datetime.timedelta(days=days)).isoformat()
    except OverflowError:
        return None
