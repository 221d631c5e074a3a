"""Words: numbers, durations and dates as a page writes them."""

import datetime
from collections.abc import Iterable

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = tuple(f"{hour:02d}" for hour in range(24))
# So many dates are drawn one by one; more as weeks, and more than a year as months.
_MOST_DATES, _MOST_DATES_IN_WEEKS = 45, 370


def number(value: int) -> str:
    """1234567 as 1,234,567."""
    return f"{value:,}"


def minutes(seconds: int) -> str:
    """Seconds as minutes with a decimal."""
    return f"{seconds / 60:,.1f}"


def share(part: int, whole: int) -> str:
    """A part in per cent; of nothing, none."""
    return f"{100 * part / whole:.1f} %" if whole else "-"


def duration(seconds: int | None) -> str:
    """Seconds in the two largest units that say something."""
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
    """Bytes as kB or MB."""
    return f"{count / 1e6:,.1f} MB" if count >= 1e6 else f"{count / 1e3:,.1f} kB"


def counted(count: int, what: str) -> str:
    """So many of what."""
    return f"{number(count)} {what}{'' if count == 1 else 's'}"


class Periods:
    """How the dates of a page are put together for drawing: one by one, in weeks or in months."""

    def __init__(self, dates: Iterable[str]) -> None:
        known = sorted(dates)
        self._short = len({date[:4] for date in known}) == 1
        if len(known) <= _MOST_DATES:
            self.name = "date"
        else:
            self.name = "week" if len(known) <= _MOST_DATES_IN_WEEKS else "month"
        self.all = list(dict.fromkeys(map(self.of, known)))

    def of(self, date: str) -> str:
        """The period of a date, named by its date, its Monday, or its month."""
        if self.name == "month":
            return date[:7]
        if self.name == "week":
            day = datetime.date.fromisoformat(date)
            return (day - datetime.timedelta(days=day.weekday())).isoformat()
        return date

    def brief(self, period: str) -> str:
        """A period below an axis: without the year, where there is but one."""
        return period[5:] if self._short and self.name != "month" else period
