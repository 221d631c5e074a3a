"""Written: an instant in, its text in the form and the zone of a contract out."""

import contextlib
import datetime
from functools import lru_cache

from transforms.records.timestamps import WHOLE_MINUTES

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def format_second(second: int, time_format: str, zone: datetime.tzinfo) -> str:
    """An instant in whole seconds since 1970, by a format of schemas.contract.TIME_DIRECTIVES."""
    if second < WHOLE_MINUTES:
        return _text(second, time_format, zone)
    # Instants of a minute differ in their seconds alone. These stay open; no other directive leaves a percent sign.
    minute = _text(second - second % 60, time_format.replace("%S", "%%S"), zone)
    return minute.replace("%S", f"{second % 60:02d}")


# A day has 1,440 minutes.
@lru_cache(maxsize=65_536)
def _text(second: int, time_format: str, zone: datetime.tzinfo) -> str:
    moment = _EPOCH + datetime.timedelta(seconds=second)
    # On the first or last day of the calendar another zone may have no date; UTC has one.
    with contextlib.suppress(OverflowError):
        moment = moment.astimezone(zone)
    # Not every system writes years before 1000 with four digits.
    return moment.strftime(time_format.replace("%Y", f"{moment.year:04d}"))
