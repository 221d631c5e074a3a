"""Erase: a payload and phone numbers in; the payload without them, as long as before, out.

Pure. What the rules say of a payload stays the same, but for the phone: its number becomes one that is none.
"""

import re
from collections.abc import Collection

# E.164. Shorter ones are no patients' numbers, and would be found in durations and extensions.
NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")

# A plus sign, as JSON may write it, too; or what is dialled in its place. A NUL between: UTF-16.
_PREFIX = rb"(?:(?:\+|\\u002[bB]|0\0?0|0\0?1\0?1)\0?)"
_DIGIT = re.compile(rb"[0-9]")


def phone_pattern(numbers: Collection[str]) -> re.Pattern[bytes]:
    """What finds these numbers in payloads: with or without a prefix, but never as a part of a longer number."""
    digits = b"|".join(rb"\0?".join(_DIGIT.findall(number.encode())) for number in sorted(numbers))
    return re.compile(rb"(?<![0-9])(?<![0-9]\0)(%s)?(%s)(?!\0?[0-9])" % (_PREFIX, digits))


def erase_phones(payload: bytes, numbers: re.Pattern[bytes]) -> bytes:
    """The payload with other digits in the place of the numbers'."""
    return numbers.sub(_instead, payload)


def _instead(found: re.Match[bytes]) -> bytes:
    # +000 is no phone number. Without a prefix it may be a bare number, which must not begin with a zero in JSON.
    prefix, digits = found[1] or b"", found[2]
    return prefix + _DIGIT.sub(b"0" if prefix else b"9", digits)
