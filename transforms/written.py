"""Written: an instant in, its text in the form and the zone of a contract out."""

import contextlib
import datetime

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def written(second: int, time_format: str, zone: datetime.tzinfo) -> str:
    """An instant in whole seconds since 1970, by a format of schemas.contract.TIME_DIRECTIVES."""
    moment = _EPOCH + datetime.timedelta(seconds=second)
    # On the first or last day of the calendar another zone may have no date; UTC has one.
    with contextlib.suppress(OverflowError):
        moment = moment.astimezone(zone)
    # Not every system writes years before 1000 with four digits.
    return moment.strftime(time_format.replace("%Y", f"{moment.year:04d}"))
