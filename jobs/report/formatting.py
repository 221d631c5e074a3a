"""Format numbers, durations, and dates for a page, and group dates into periods."""

import datetime
from collections import Counter
from collections.abc import Iterable

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = tuple(f"{hour:02d}" for hour in range(24))
# Up to so many dates are drawn one by one; more as weeks, and more than about a year as months.
_MOST_DATES, _MOST_DATES_IN_WEEKS = 45, 370


def number(value: int) -> str:
    """Format 1234567 as 1,234,567."""
    return f"{value:,}"


def minutes(seconds: int) -> str:
    """Format seconds as minutes with one decimal."""
    return f"{seconds / 60:,.1f}"


def share(part: int, total: int) -> str:
    """Format a part in percent of the total; `-` if the total is 0."""
    return f"{100 * part / total:.1f} %" if total else "-"


def duration(seconds: int | None) -> str:
    """Format seconds in the two largest units that fit."""
    if seconds is None:
        return "-"
    if abs(seconds) < 120:
        return f"{seconds} s"
    if abs(seconds) < 7200:
        return f"{seconds // 60} min {seconds % 60} s"
    if abs(seconds) < 172_800:
        return f"{seconds // 3600} h {seconds % 3600 // 60} min"
    return f"{seconds // 86_400} d {seconds % 86_400 // 3600} h"


def size(count: int) -> str:
    """Format bytes as kB or MB."""
    return f"{count / 1e6:,.1f} MB" if count >= 1e6 else f"{count / 1e3:,.1f} kB"


def plural(count: int, noun: str) -> str:
    """Format a count with its noun."""
    return f"{number(count)} {noun}{'' if count == 1 else 's'}"


class Periods:
    """The periods in which a page draws its dates: dates, weeks, or months, depending on how many dates there are."""

    def __init__(self, dates: Iterable[str]) -> None:
        ordered = sorted(dates)
        self._short = len({date[:4] for date in ordered}) == 1
        if len(ordered) <= _MOST_DATES:
            self.name = "date"
        else:
            self.name = "week" if len(ordered) <= _MOST_DATES_IN_WEEKS else "month"
        self.all = list(dict.fromkeys(map(self.of, ordered)))

    def of(self, date: str) -> str:
        """Return the period of a date: the date itself, its Monday, or its month."""
        if self.name == "month":
            return date[:7]
        if self.name == "week":
            day = datetime.date.fromisoformat(date)
            return (day - datetime.timedelta(days=day.weekday())).isoformat()
        return date

    def brief(self, period: str) -> str:
        """Return a period as text for an axis, without the year if all dates are in the same year."""
        return period[5:] if self._short and self.name != "month" else period

    def sums(self, values: Iterable[tuple[str, str, int]]) -> Counter[tuple[str, str]]:
        """Return the sums of values (date, name, value) by period and name; 0 where there is none."""
        sums: Counter[tuple[str, str]] = Counter()
        for date, name, value in values:
            sums[self.of(date), name] += value
        return sums
