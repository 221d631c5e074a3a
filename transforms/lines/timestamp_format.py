"""Format instants with the time format and time zone of a contract."""

import contextlib
import datetime
from functools import lru_cache

from transforms.records.timestamps import WHOLE_MINUTES

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def format_second(second: int, time_format: str, zone: datetime.tzinfo) -> str:
    """Format an instant in whole seconds since 1970; formats have directives of schemas.contract.TIME_DIRECTIVES."""
    if second < WHOLE_MINUTES:
        return _text(second, time_format, zone)
    # Instants of one minute differ only in %S, which is filled in later; no other directive leaves a percent sign.
    minute = _text(second - second % 60, time_format.replace("%S", "%%S"), zone)
    return minute.replace("%S", f"{second % 60:02d}")


# A day has 1,440 minutes.
@lru_cache(maxsize=65_536)
def _text(second: int, time_format: str, zone: datetime.tzinfo) -> str:
    moment = _EPOCH + datetime.timedelta(seconds=second)
    # On the first or last day of the calendar another zone may have no date; UTC does.
    with contextlib.suppress(OverflowError):
        moment = moment.astimezone(zone)
    # Not every system formats years before 1000 with four digits.
    return moment.strftime(time_format.replace("%Y", f"{moment.year:04d}"))
