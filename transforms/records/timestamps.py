"""Convert RFC 3339 text to whole microseconds since 1970 in UTC and back, and instants to billing dates.

Texts and minutes are cached: the calls of an hour share few of them.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

MICROSECONDS = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}")
_REST = re.compile(r":([0-9]{2})(?:\.([0-9]+))?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))")
# From 1973 on, every zone's offset from UTC is whole minutes, so a minute lies within one date.
WHOLE_MINUTES = 94_694_400
# The number of texts in the cache and their greatest length: 50 MB, the seconds of three days.
_MAX_TEXTS = 1 << 18
_LENGTH = 40


class _Instants(dict[str, int | None]):
    def __missing__(self, text: str) -> int | None:
        micros = _parse(text)
        if len(self) >= _MAX_TEXTS:
            self.clear()
        if len(text) <= _LENGTH:
            self[text] = micros
        return micros


# Microseconds since 1970, or None if the text is not an RFC 3339 instant with an offset. Digits of a fraction beyond
# microseconds are dropped. A lookup, not a function: five per record, most of them cached.
instant: Callable[[str], int | None] = _Instants().__getitem__


def _parse(text: str) -> int | None:
    minute, rest = _minute(text[:16]), _rest(text[16:])
    if minute is None or rest is None:
        return None
    micros = minute + rest
    return micros if _FIRST <= micros <= _LAST else None


@lru_cache(maxsize=65_536)
def _minute(text: str) -> int | None:
    if _MINUTE.fullmatch(text) is None:
        return None
    try:
        return _micros(datetime.strptime(text, "%Y-%m-%dT%H:%M").replace(tzinfo=UTC))
    except ValueError:
        return None


def _rest(text: str) -> int | None:
    match = _REST.fullmatch(text)
    if match is None:
        return None
    seconds, fraction, sign, hours, minutes = match.groups(default="0")
    if int(seconds) > 59 or int(hours) > 23 or int(minutes) > 59:
        return None
    offset = (int(hours) * 3600 + int(minutes) * 60) * MICROSECONDS
    return int(seconds) * MICROSECONDS + int(fraction[:6].ljust(6, "0")) + (offset if sign == "-" else -offset)


def instant_text(micros: int) -> str:
    """Return the instant as 2026-03-01T00:00:00Z, with its fraction if it has one."""
    return (_EPOCH + timedelta(microseconds=micros)).isoformat().replace("+00:00", "Z")


def moment_text(moment: datetime) -> str:
    """Return a moment in UTC as 2026-03-01T00:00:00Z, without its fraction of a second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def billing_date(micros: int, time_zone: str) -> str | None:
    """Return the calendar date of an instant in a time zone, or None outside the years 1 to 9999."""
    second = micros // MICROSECONDS
    if second >= WHOLE_MINUTES:
        return _date_of_second(second - second % 60, time_zone)
    return _date_of_second(second, time_zone)


@lru_cache(maxsize=65_536)
def _date_of_second(second: int, time_zone: str) -> str | None:
    try:
        return (_EPOCH + timedelta(seconds=second)).astimezone(zone(time_zone)).date().isoformat()
    except OverflowError:
        return None


@lru_cache
def beginning(day: date, time_zone: str) -> int:
    """Return the first instant of a date in a time zone."""
    # Where clocks skip midnight, this is the instant at which they do; where they repeat it, the first one.
    return _micros(datetime.combine(day, time(), zone(time_zone)))


@lru_cache
def zone(name: str) -> ZoneInfo:
    """Return a time zone from the tzdata package: the time zone data of machines differ.

    Raises ValueError for an unknown name.
    """
    if name not in resources.files("tzdata").joinpath("zones").read_text().split():
        raise ValueError("not a time zone")
    with resources.files("tzdata.zoneinfo").joinpath(name).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


_FIRST = _micros(datetime.min.replace(tzinfo=UTC))
_LAST = _micros(datetime.max.replace(tzinfo=UTC))
