"""The billing dates that are asked for, and the days on which their records arrive."""

from datetime import date

import pytest

from jobs.settings.date_range import MOST_DATES, DateRange
from schemas.errors import SettingsError

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 3)


@pytest.mark.parametrize(
    ("dates", "time_zone", "days", "arrivals"),
    [
        (DateRange(FIRST, LAST), "UTC", 7, DateRange(FIRST, date(2026, 3, 10))),
        (DateRange(FIRST, LAST), "UTC", 0, DateRange(FIRST, LAST)),
        (DateRange(FIRST, None), "UTC", 7, DateRange(FIRST, None)),
        (DateRange(None, LAST), "UTC", 7, DateRange(None, date(2026, 3, 10))),
        (DateRange(), "UTC", 7, DateRange()),
        # Paths are in UTC: a date in the East begins on the day before, one in the West ends on the day after.
        (DateRange(FIRST, LAST), "Asia/Tokyo", 1, DateRange(date(2026, 2, 28), date(2026, 3, 4))),
        (DateRange(FIRST, LAST), "America/New_York", 1, DateRange(FIRST, date(2026, 3, 5))),
        # The calendar's ends.
        (DateRange(date.min, date.max), "Asia/Tokyo", 7, DateRange(date.min, date.max)),
        (DateRange(date.min, date.max), "America/New_York", 7, DateRange(date.min, date.max)),
    ],
)
def test_the_days_of_arrival(dates: DateRange, time_zone: str, days: int, arrivals: DateRange) -> None:
    assert dates.arrivals(time_zone, days) == arrivals


def test_the_dates_of_a_closed_range() -> None:
    assert DateRange(FIRST, LAST).dates() == ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert DateRange(date.max, date.max).dates() == ["9999-12-31"]
    assert DateRange(FIRST, None).dates() == DateRange(None, LAST).dates() == DateRange().dates() == []


def test_a_range_of_many_years_is_asked_back() -> None:
    last = date.fromordinal(FIRST.toordinal() + MOST_DATES)
    DateRange(FIRST, date.fromordinal(last.toordinal() - 1)).check_length()
    DateRange(date(26, 3, 1), None).check_length()
    with pytest.raises(SettingsError, match=r"--from 2026-03-01 --to 2036-03-08 are 3,661 dates.* check the years"):
        DateRange(FIRST, last).check_length()
