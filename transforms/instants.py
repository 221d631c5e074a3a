"""Instants: RFC 3339 text in, whole microseconds since 1970 in UTC out; and billing dates.

Texts are parsed in two cached halves: there are few days, and no more than 86,400 clock times.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MICROSECONDS = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}")
# From 1973 on, every zone is whole minutes off UTC, so a minute lies in one date.
_WHOLE_MINUTES = 94_694_400
_TAIL = re.compile(r"(?:\.([0-9]+))?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))")


def instant(text: str) -> int | None:
    """Microseconds since 1970, or None where the text is no RFC 3339 instant with an offset.

    Digits of a fraction beyond microseconds are dropped.
    """
    if text[10:11] not in ("T", "t"):
        return None
    day = _day(text[:10])
    clock = _clock(text[11:19])
    if day is None or clock is None:
        return None
    if text[19:] == "Z":
        return day + clock
    tail = _TAIL.fullmatch(text, 19)
    if tail is None:
        return None
    fraction, sign, hours, minutes = tail.groups()
    offset = 0
    if sign is not None:
        if int(hours) > 23 or int(minutes) > 59:
            return None
        offset = (int(hours) * 3600 + int(minutes) * 60) * MICROSECONDS
    micros = day + clock + int((fraction or "0")[:6].ljust(6, "0"))
    micros -= -offset if sign == "-" else offset
    return micros if _FIRST <= micros <= _LAST else None


@lru_cache(maxsize=4096)
def _day(text: str) -> int | None:
    if _DAY.fullmatch(text) is None:
        return None
    try:
        midnight = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    return (midnight - _EPOCH).days * 86_400 * MICROSECONDS


@lru_cache(maxsize=131_072)
def _clock(text: str) -> int | None:
    if _CLOCK.fullmatch(text) is None:
        return None
    hours, minutes, seconds = int(text[:2]), int(text[3:5]), int(text[6:])
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    return (hours * 3600 + minutes * 60 + seconds) * MICROSECONDS


def billing_date(micros: int, time_zone: str) -> str | None:
    """The calendar date of an instant in a time zone, or None outside the years 1 to 9999."""
    second = micros // MICROSECONDS
    if second >= _WHOLE_MINUTES:
        return _date_of_second(second - second % 60, time_zone)
    return _date_of_second(second, time_zone)


@lru_cache(maxsize=65_536)
def _date_of_second(second: int, time_zone: str) -> str | None:
    try:
        return (_EPOCH + timedelta(seconds=second)).astimezone(_zone(time_zone)).date().isoformat()
    except OverflowError:
        return None


@lru_cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


_FIRST = _micros(datetime.min.replace(tzinfo=UTC))
_LAST = _micros(datetime.max.replace(tzinfo=UTC))
