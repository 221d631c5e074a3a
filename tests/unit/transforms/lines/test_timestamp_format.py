"""An instant as a contract wants it, at the ends of the calendar too."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from transforms.lines.timestamp_format import format_second


@pytest.mark.parametrize(
    ("year", "zone", "text"),
    [
        (1, "America/New_York", "0001-01-01 00:00:00 +0000"),
        (1, "UTC", "0001-01-01 00:00:00 +0000"),
        (2026, "Asia/Kolkata", "2026-01-01 05:30:00 +0530"),
    ],
)
def test_instants_at_the_ends_of_the_calendar(year: int, zone: str, text: str) -> None:
    second = int((datetime(year, 1, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    assert format_second(second, "%Y-%m-%d %H:%M:%S %z", ZoneInfo(zone)) == text
