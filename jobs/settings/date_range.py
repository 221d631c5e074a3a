"""The range of dates that --from and --to select."""

import datetime

import msgspec

from schemas.errors import SettingsError
from schemas.outcome import UNKNOWN_DATE
from transforms.records.timestamps import zone

# A range over more dates is a mistyped year: each of its dates would be published.
MOST_DATES = 3660


class DateRange(msgspec.Struct, frozen=True):
    """A closed range of dates; None is open."""

    first: datetime.date | None = None
    last: datetime.date | None = None

    def __contains__(self, date: datetime.date) -> bool:
        return (self.first is None or self.first <= date) and (self.last is None or date <= self.last)

    def has_billing_date(self, date: str) -> bool:
        """Whether a billing date, as 2026-03-01, is in the range; `unknown` always is."""
        return date == UNKNOWN_DATE or datetime.date.fromisoformat(date) in self

    def dates(self) -> list[str]:
        """Return every date, as 2026-03-01, of a range that has both limits; of an open one there are none to count."""
        if self.first is None or self.last is None:
            return []
        return [_moved(self.first, n).isoformat() for n in range((self.last - self.first).days + 1)]

    def arrivals(self, time_zone: str, arrival_days: int) -> "DateRange":
        """Return the dates, in UTC, on which records of these billing dates arrive.

        From the beginning of the first date in its time zone to `arrival_days` days after the end of the last one.
        """
        first = None if self.first is None else _utc_date(self.first, datetime.time.min, time_zone)
        last = None if self.last is None else _moved(_utc_date(self.last, datetime.time.max, time_zone), arrival_days)
        return DateRange(first, last)

    def check(self) -> None:
        """Raises SettingsError if the range ends before it begins."""
        if self.first and self.last and self.first > self.last:
            raise SettingsError("--from is after --to; exchange them")

    def check_length(self) -> None:
        """Raises SettingsError if the range has more dates than anybody means to publish."""
        if self.first and self.last and (days := (self.last - self.first).days + 1) > MOST_DATES:
            raise SettingsError(
                f"--from {self.first} --to {self.last} are {days:,} dates, each of which would be published; "
                f"check the years, or run once for every {MOST_DATES:,} dates"
            )


def _utc_date(date: datetime.date, time: datetime.time, time_zone: str) -> datetime.date:
    """Return the date that it is in UTC at a local time; the first or last of the calendar where there is none."""
    try:
        return datetime.datetime.combine(date, time, zone(time_zone)).astimezone(datetime.UTC).date()
    except OverflowError:
        return date


def _moved(date: datetime.date, days: int) -> datetime.date:
    return date + datetime.timedelta(days=min(days, (datetime.date.max - date).days))
