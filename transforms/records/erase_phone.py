"""Replace phone numbers in a payload with other digits; its length stays the same.

The payload's outcome stays the same except for the phone: the replacement is not a valid phone number.
"""

import re
from collections.abc import Collection

# E.164. Shorter numbers are not patients' numbers, and would match durations and extensions.
NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")

# A plus sign, plain or as a JSON escape, or the prefix dialed in its place. NULs in between: UTF-16.
_PREFIX = rb"(?:(?:\+|\\u002[bB]|0\0?0|0\0?1\0?1)\0?)"
_DIGIT = re.compile(rb"[0-9]")


def phone_pattern(numbers: Collection[str]) -> re.Pattern[bytes]:
    """Return a pattern for these numbers in payloads: with or without a prefix, never as part of a longer number."""
    digits = b"|".join(rb"\0?".join(_DIGIT.findall(number.encode())) for number in sorted(numbers))
    return re.compile(rb"(?<![0-9])(?<![0-9]\0)(%s)?(%s)(?!\0?[0-9])" % (_PREFIX, digits))


def erase_phones(payload: bytes, numbers: re.Pattern[bytes]) -> bytes:
    """Return the payload with the digits of the numbers replaced."""
    return numbers.sub(_replacement, payload)


def _replacement(match: re.Match[bytes]) -> bytes:
    # +000 is not a phone number. Without a prefix it may be a JSON number, which must not start with a zero.
    prefix, digits = match[1] or b"", match[2]
    return prefix + _DIGIT.sub(b"0" if prefix else b"9", digits)
