"""The dates that are looked at with a date: its neighbors, and the same weekday in the weeks before."""

import pytest

from transforms.lines.related_dates import neighbors, same_weekdays_before, shift_date


def test_the_volume_is_held_against_the_same_weekday_of_the_four_weeks_before() -> None:
    assert same_weekdays_before("2026-03-05") == ["2026-02-26", "2026-02-19", "2026-02-12", "2026-02-05"]
    assert same_weekdays_before("0001-01-15") == ["0001-01-08", "0001-01-01"]


@pytest.mark.parametrize(
    ("date", "near"),
    [
        ("2026-03-01", ["2026-02-28", "2026-03-02"]),
        ("2028-02-29", ["2028-02-28", "2028-03-01"]),
        ("0001-01-01", ["0001-01-02"]),
        ("9999-12-31", ["9999-12-30"]),
    ],
)
def test_a_contact_must_not_be_under_the_dates_before_and_after(date: str, near: list[str]) -> None:
    assert neighbors(date) == near


def test_outside_of_the_calendar_there_is_no_date() -> None:
    assert shift_date("9999-12-31", 1) is shift_date("0001-01-01", -1) is None
    assert shift_date("2026-03-01", 0) == "2026-03-01"
