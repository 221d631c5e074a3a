"""Instants in CSV files: whatever the zone and the form, the text is that of the instant itself."""

import datetime
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import example, given
from hypothesis import strategies as st

from schemas.contract import TIME_DIRECTIVES
from transforms.lines.timestamp_format import format_second

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
PIECES = st.sampled_from([f"%{directive}" for directive in TIME_DIRECTIVES]) | st.sampled_from(["S", "T", ":", "ä 0"])
# Away from the ends of the calendar, where a zone has no date.
SECONDS = st.integers(-62_135_000_000, 253_402_000_000) | st.integers(-4_000_000_000, 4_000_000_000)


@given(SECONDS, st.lists(PIECES, max_size=12).map("".join), st.sampled_from(sorted(available_timezones())))
@example(-1, "%H:%M:%S%z", "Africa/Monrovia")
@example(63_593_070, "%S %S%z", "Africa/Monrovia")
@example(94_694_399, "%S", "Africa/Monrovia")
@example(94_694_400, "%S", "Africa/Monrovia")
def test_an_instant_is_written_as_it_is(second: int, time_format: str, zone: str) -> None:
    moment = (EPOCH + datetime.timedelta(seconds=second)).astimezone(ZoneInfo(zone))
    expected = moment.strftime(time_format.replace("%Y", f"{moment.year:04d}"))
    assert format_second(second, time_format, ZoneInfo(zone)) == expected
